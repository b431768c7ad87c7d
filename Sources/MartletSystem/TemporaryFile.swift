/// A file under a name of its own next to the one that it is to replace. It is removed unless it takes that
/// name.
///
/// Several threads may write at the same time, each to its own place.
package final class TemporaryFile: Sendable {
    private let target: String
    private let path: String
    /// nil once the file has its name, or is given up.
    private let descriptor: Locked<Int32?>

    /// - Parameter permissions: Of the new file, less those that the process masks.
    package init(replacing target: String, permissions: mode_t = 0o666) throws(FileError) {
        self.target = target
        // A name that a crashed run left behind is passed over.
        for attempt in 0..<100 {
            let path = "\(target).\(getpid())-\(attempt)\(Self.suffix)"
            let opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
            if opened >= 0 {
                self.path = path
                descriptor = Locked(opened)
                return
            }
            if errno != EEXIST { break }
        }
        throw FileError.last("write", target)
    }

    /// How the name ends while the file is not whole.
    package static let suffix = ".partial"

    deinit {
        if let open = descriptor.withLock({ $0 }) {
            close(open)
            unlink(path)
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        guard let descriptor = descriptor.withLock({ $0 }) else {
            throw FileError(path: target, message: "cannot write \(target): it is closed", code: EBADF)
        }
        let code = FileDescriptor.writeAll(descriptor, bytes, at: offset)
        guard code == 0 else { throw FileError.last("write", target, code: code) }
    }

    /// Gives the file its name. Nothing can be written after that, whatever comes of it: after an error the
    /// file is removed, unless it is the name alone that may not outlive a power cut.
    /// - Parameter isDurable: Waits until the bytes and the name are on the disk; else a file whose name
    ///   outlives a power cut may have lost bytes.
    package func finish(isDurable: Bool) throws(FileError) {
        try finish(isDurable: isDurable, synchronizingFolder: FileDescriptor.synchronizeFolder)
    }

    /// - Parameter synchronizeFolder: Makes the name of a file durable, and returns the error number.
    func finish(isDurable: Bool, synchronizingFolder synchronizeFolder: (String) -> Int32) throws(FileError) {
        let taken = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let open = taken else { return }
        guard !isDurable || fsync(open) == 0 || errno == EINVAL else {
            let code = errno
            close(open)
            throw discarding("write", code: code)
        }
        guard close(open) == 0 else { throw discarding("write") }
        guard rename(path, target) == 0 else { throw discarding("replace") }
        let code = isDurable ? synchronizeFolder(target) : 0
        guard code == 0 else { throw FileError.last("write the folder of", target, code: code) }
    }

    private func discarding(_ what: String, code: Int32 = errno) -> FileError {
        unlink(path)
        return FileError.last(what, target, code: code)
    }
}
