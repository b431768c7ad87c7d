import MartletData
import MartletSystem

/// What a job's log asks of its file: the system's, or one of a test that fails when told to.
package protocol LogFile: AnyObject {
    var name: String { get }
    func size() throws(DataError) -> Int
    /// Fills as much of `buffer` as the file has from `offset` on; returns the number of bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DataError) -> Int
    func write(_ bytes: [UInt8], at offset: Int) throws(DataError)
    func truncate(to size: Int) throws(DataError)
    /// Waits until the bytes are on the disk.
    func synchronize() throws(DataError)
}

/// A file of the system, made where there is none.
package final class SystemLogFile: LogFile {
    package let name: String
    private let descriptor: Int32

    package convenience init(_ path: String) throws(DataError) {
        try self.init(path, flags: O_RDWR | O_CREAT)
    }

    /// A file that is there and is only read.
    package static func reading(_ path: String) throws(DataError) -> SystemLogFile {
        try SystemLogFile(path, flags: O_RDONLY)
    }

    private init(_ path: String, flags: Int32) throws(DataError) {
        name = path
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw DataError(.io, at: path, "cannot be opened: \(FileError.text())") }
    }

    deinit { close(descriptor) }

    package func size() throws(DataError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DataError(.io, at: name, "is not a regular file")
        }
        return Int(status.st_size)
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DataError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    package func write(_ bytes: [UInt8], at offset: Int) throws(DataError) {
        let code = bytes.withUnsafeBytes { FileDescriptor.writeAll(descriptor, $0, at: offset) }
        guard code == 0 else { throw failure("written", code) }
    }

    package func truncate(to size: Int) throws(DataError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw failure("written", errno) }
    }

    package func synchronize() throws(DataError) {
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("written", errno) }
    }

    private func failure(_ what: String, _ code: Int32) -> DataError {
        let advice: [Remedy] =
            code == ENOSPC || code == EDQUOT
            ? [.advice("what was committed is kept: free some space and run the same command again")] : []
        return DataError(.io, at: name, "cannot be \(what): \(FileError.text(code))", remedies: advice)
    }
}
