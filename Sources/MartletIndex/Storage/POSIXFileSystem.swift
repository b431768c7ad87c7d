package import MartletSystem

/// The system's own files.
package struct POSIXFileSystem: IndexFileSystem {
    package init() {}

    package func makeFolder(_ path: String) throws(IndexError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw failure("make the folder", path) }
    }

    package func create(_ path: String) throws(IndexError) -> any IndexFile {
        try POSIXFile(path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    package func append(_ path: String) throws(IndexError) -> any IndexFile {
        try POSIXFile(path, O_WRONLY | O_APPEND)
    }

    package func contents(_ path: String) throws(IndexError) -> MemoryRegion {
        do throws(FileError) {
            return try MappedFile(path: path).region
        } catch {
            throw IndexError(error.code == ENOENT ? .notFound : .io, error.message, path: path)
        }
    }

    package func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    package func stamp(_ path: String) -> FileStamp? { FileStamp(path: path) }

    package func rename(_ path: String, to other: String) throws(IndexError) {
        guard renameFile(path, other) == 0 else { throw failure("rename", path) }
    }

    package func remove(_ path: String) throws(IndexError) {
        if unlink(path) != 0, errno != ENOENT { throw failure("remove", path) }
    }

    package func removeFolder(_ path: String) { rmdir(path) }

    package func names(in folder: String) throws(IndexError) -> [String] {
        do throws(FileError) { return try Folder.names(in: folder) } catch {
            if error.code == ENOENT { return [] }
            throw IndexError(.io, error.message, path: folder)
        }
    }

    package func syncFolder(_ path: String) throws(IndexError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open the folder", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync the folder", path) }
    }

    package func lock(_ path: String) throws(IndexError) -> (any AnyObject & Sendable)? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("open the lock", path) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK || code == EACCES { return nil }
            throw IndexError(.io, "cannot lock \(path): \(String(cString: strerror(code)))", path: path)
        }
        return HeldLock(descriptor)
    }
}

/// The system releases the lock when the process ends, however it ends.
private final class HeldLock: Sendable {
    private let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// A child process that is about to start another program has a copy of the descriptor for a moment, so
    /// closing it would not free the lock at once.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

private final class POSIXFile: IndexFile {
    private let descriptor: Int32
    private let path: String

    init(_ path: String, _ flags: Int32) throws(IndexError) {
        descriptor = open(path, flags | O_CLOEXEC, 0o666)
        self.path = path
        guard descriptor >= 0 else { throw failure("open", path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> Int {
        while true {
            let count = writeSome(descriptor, bytes.baseAddress, bytes.count)
            if count > 0 || bytes.isEmpty { return count }
            if count < 0, errno == EINTR { continue }
            throw failure("write", path)
        }
    }

    func sync() throws(IndexError) {
        #if canImport(Darwin)
        // fsync leaves the data in the drive's cache there.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    func truncate(to size: Int) throws(IndexError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw failure("shorten", path) }
    }
}

private func failure(_ what: String, _ path: String) -> IndexError {
    let code = errno
    return IndexError(.io, "cannot \(what) \(path): \(String(cString: strerror(code)))", path: path)
}

// The system's functions, which methods of the same names hide.
private func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
private func renameFile(_ path: String, _ other: String) -> Int32 { rename(path, other) }
