/// What is done with a descriptor, whatever it stands for.
package enum FileDescriptor {
    /// Writes all bytes, going on after a signal; returns the error number, 0 for success, and how many were
    /// written.
    package static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> (
        written: Int, code: Int32
    ) {
        var done = 0
        while done < bytes.count {
            let count = write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&request, 1, -1)
            } else if errno != EINTR {
                return (done, errno)
            }
        }
        return (done, 0)
    }

    /// Writes all bytes at an offset of a file; returns the error number, 0 for success.
    package static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int)
        -> Int32
    {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : ENOSPC }
            done += count
        }
        return 0
    }

    /// Makes the name of a file durable, after it was created or renamed; returns the error number, 0 for
    /// success. A folder that may not be read, or a file system without folders on a disk, counts as success.
    package static func synchronizeFolder(of path: String) -> Int32 {
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == EACCES ? 0 : errno }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno
    }
}
