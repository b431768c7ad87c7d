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
}
