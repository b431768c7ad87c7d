#if Command

internal import MartletSystem

/// Why the output ended early.
enum OutputError: Error, Equatable {
    /// The reader of the pipe has gone: no error for the command, as for any filter.
    case closedPipe
    case failed(CommandError)
}

/// A file or pipe that is written in blocks of whole rows. If a write fails half way (a full disk), a file is cut back to the last
/// whole row, so that what stands there stays valid.
///
/// Not Sendable: `RowWriter` guards it.
final class Output {
    let name: String
    let isTerminal: Bool
    /// A regular file whose earlier bytes can be written again.
    let isSeekable: Bool
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    /// Where this output begins in the file: a shell's `>>` or an earlier command may have written before.
    private let base: Int
    private let blockSize: Int
    private var flushed = 0
    /// Bytes of the row being written; sinks append here and call `endRow`.
    var buffer: [UInt8] = []

    private init(descriptor: Int32, name: String, owns: Bool, blockSize: Int) {
        self.descriptor = descriptor
        self.name = name
        self.blockSize = blockSize
        ownsDescriptor = owns
        isTerminal = System.isTerminal(descriptor)
        let position = lseek(descriptor, 0, SEEK_CUR)
        let flags = fcntl(descriptor, F_GETFL)
        isSeekable = System.fileSize(descriptor) != nil && position >= 0 && flags >= 0 && flags & O_APPEND == 0
        base = max(0, Int(position))
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    static func standardOutput(blockSize: Int = 256 << 10) -> Output {
        Output(descriptor: 1, name: "<stdout>", owns: false, blockSize: blockSize)
    }

    static func file(_ path: String, blockSize: Int = 256 << 10) throws(CommandError) -> Output {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("\(path): cannot be written", code: errno) }
        return Output(descriptor: descriptor, name: path, owns: true, blockSize: blockSize)
    }

    /// A file without a name in the directory for temporary files, gone with the process.
    static func temporary() throws(CommandError) -> Output {
        let folder = System.environment("TMPDIR") ?? "/tmp"
        var template = Array("\(folder)/martlet-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw .system(
                "\(folder): cannot hold the rows until their number is known", code: errno, hint: "write to a file with -o, or set TMPDIR")
        }
        unlink(template)
        return Output(descriptor: descriptor, name: "a temporary file in \(folder)", owns: true, blockSize: 256 << 10)
    }

    var isFull: Bool { buffer.count >= blockSize }

    /// The buffer holds whole rows: a good place to write it out if it is long.
    func endRow() throws(OutputError) {
        if isFull { try flush() }
    }

    func flush() throws(OutputError) {
        guard !buffer.isEmpty else { return }
        let (written, code) = buffer.withUnsafeBytes { System.writeAll(descriptor, $0) }
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
    func rewrite(_ bytes: [UInt8], at offset: Int) throws(OutputError) {
        let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(base + offset)) }
        guard count == bytes.count else { throw error(count < 0 ? errno : ENOSPC) }
    }

    /// Everything that was flushed, copied to `other`.
    func copyContents(to other: Output) throws(OutputError) {
        var block = [UInt8](repeating: 0, count: blockSize)
        var position = base
        while position < base + flushed {
            let count = block.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(position)) }
            guard count > 0 else { throw error(count < 0 ? errno : EIO) }
            other.buffer.append(contentsOf: block[..<count])
            try other.flush()
            position += count
        }
    }

    private func error(_ code: Int32) -> OutputError {
        if code == EPIPE { return .closedPipe }
        let hint = code == ENOSPC ? "what was written before is whole; free some space or write elsewhere with -o" : nil
        return .failed(.system("\(name): cannot be written", code: code, hint: hint))
    }
}

#endif
