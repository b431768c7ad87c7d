internal import MartletSystem

/// A file or pipe that is written in blocks of whole rows. If a write fails half way (a full disk), a file is
/// cut back to the last whole row, so that what it holds stays valid.
///
/// Not Sendable: one sink owns it.
package final class Output {
    package let name: String
    package let isTerminal: Bool
    /// The path of a file that was opened by name; nil for streams and temporary files.
    package let path: String?
    /// A regular file whose earlier bytes can be written again.
    package let isSeekable: Bool
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    /// Where this output begins in the file: a shell's `>>` or an earlier command may have written before.
    private let base: Int
    private let blockSize: Int
    /// Bytes handed to the system.
    package private(set) var flushed = 0
    /// The name of the bytes until `publish`; nil: they are under `path`, or have none.
    private var temporaryPath: String?
    /// Bytes of the row being written; sinks append here and call `endRow`.
    package var buffer: [UInt8] = []

    private init(descriptor: Int32, name: String, path: String? = nil, owns: Bool, blockSize: Int) {
        self.descriptor = descriptor
        self.name = name
        self.path = path
        self.blockSize = blockSize
        ownsDescriptor = owns
        isTerminal = isatty(descriptor) == 1
        let position = lseek(descriptor, 0, SEEK_CUR)
        let flags = fcntl(descriptor, F_GETFL)
        isSeekable =
            FileSystem.fileSize(descriptor) != nil && position >= 0 && flags >= 0 && flags & O_APPEND == 0
        base = max(0, Int(position))
    }

    deinit {
        if let temporaryPath { unlink(temporaryPath) }
        if ownsDescriptor { close(descriptor) }
    }

    package static func standardOutput(blockSize: Int = 256 << 10) -> Output {
        Output(descriptor: 1, name: "<stdout>", owns: false, blockSize: blockSize)
    }

    package static func file(_ path: String, blockSize: Int = 256 << 10) throws(DataError) -> Output {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw DataError(.io, at: path, "cannot be written: \(FileError.text())")
        }
        return Output(descriptor: descriptor, name: path, path: path, owns: true, blockSize: blockSize)
    }

    /// A file that takes the place of `path` with `publish`; before that, and after an error, what is there
    /// stays.
    package static func replacing(_ path: String, blockSize: Int = 256 << 10) throws(DataError) -> Output {
        let temporary = "\(path).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw DataError(.io, at: path, "cannot be written: \(FileError.text())")
        }
        let output = Output(descriptor: descriptor, name: path, path: path, owns: true, blockSize: blockSize)
        output.temporaryPath = temporary
        return output
    }

    /// Makes the bytes of `replacing` durable and gives them their name.
    package func publish() throws(DataError) {
        try flush()
        guard let temporaryPath, let path else { return }
        guard fsync(descriptor) == 0 || errno == EINVAL, rename(temporaryPath, path) == 0 else {
            throw error(errno)
        }
        self.temporaryPath = nil
        let code = FileDescriptor.synchronizeFolder(of: path)
        guard code == 0 else { throw error(code) }
    }

    /// A file without a name in the directory for temporary files, gone with the process.
    package static func temporary() throws(DataError) -> Output {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/martlet-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw DataError(
                .io, at: folder, "cannot hold temporary data: \(FileError.text())",
                remedies: [.writeElsewhere, .advice("set TMPDIR")])
        }
        unlink(template)
        return Output(
            descriptor: descriptor, name: "a temporary file in \(folder)", owns: true, blockSize: 256 << 10)
    }

    package var isFull: Bool { buffer.count >= blockSize }

    /// The buffer holds whole rows: a good place to write it out if it is long.
    package func endRow() throws(DataError) {
        if isFull { try flush() }
    }

    package func flush() throws(DataError) {
        guard !buffer.isEmpty else { return }
        let (written, code) = buffer.withUnsafeBytes { FileDescriptor.writeAll(descriptor, $0) }
        guard code == 0 else {
            buffer.removeAll()
            if written > 0, isSeekable {
                _ = ftruncate(descriptor, off_t(base + flushed))
                lseek(descriptor, off_t(base + flushed), SEEK_SET)
            }
            throw error(code)
        }
        flushed += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes over bytes at `offset` from the beginning of this output.
    package func rewrite(_ bytes: [UInt8], at offset: Int) throws(DataError) {
        let code = bytes.withUnsafeBytes { FileDescriptor.writeAll(descriptor, $0, at: base + offset) }
        guard code == 0 else { throw error(code) }
    }

    /// Everything that was flushed, copied to `other`.
    package func copyContents(to other: Output) throws(DataError) {
        var offset = 0
        while offset < flushed {
            let block = try block(at: offset)
            other.buffer.append(contentsOf: block)
            try other.flush()
            offset += block.count
        }
    }

    /// Bytes that were flushed, from `offset` before `flushed` on; never none.
    func block(at offset: Int) throws(DataError) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: min(blockSize, flushed - offset))
        let count = block.withUnsafeMutableBytes {
            pread(descriptor, $0.baseAddress, $0.count, off_t(base + offset))
        }
        guard count > 0 else { throw error(count < 0 ? errno : EIO) }
        block.removeLast(block.count - count)
        return block
    }

    /// Removes a file, if there is one.
    package static func remove(_ path: String) throws(DataError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw DataError(.io, at: path, "cannot be removed: \(FileError.text())")
        }
    }

    private func error(_ code: Int32) -> DataError {
        DataError(
            code == EPIPE ? .closedPipe : .io, at: name,
            "cannot be written: \(FileError.text(code))",
            remedies: code == ENOSPC
                ? [.advice("free some space"), .writeElsewhere] : [])
    }
}
