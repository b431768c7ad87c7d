/// A file that appears under its name only when it is complete: bytes go to a temporary file beside the
/// target, which replaces the target at the end. If anything fails before that, the target is as it was and
/// the temporary file is removed.
package final class AtomicFile {
    private let file: TemporaryFile
    private var buffer: [UInt8] = []
    /// Bytes written so far, buffered ones too.
    package private(set) var offset = 0

    private static let bufferSize = 1 << 20

    package init(replacing target: String) throws(FileError) {
        var status = stat()
        if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw FileError(
                path: target, message: "cannot write \(target): it exists and is not a regular file",
                code: EEXIST)
        }
        file = try TemporaryFile(replacing: target)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if buffer.count + bytes.count > Self.bufferSize {
            try flush()
            if bytes.count >= Self.bufferSize {
                try file.write(bytes, at: offset)
                offset += bytes.count
                return
            }
        }
        offset += bytes.count
        buffer.append(contentsOf: bytes)
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (raw) throws(FileError) in try write(UnsafeRawBufferPointer(raw))
        }
    }

    /// Zeros up to the next multiple of `alignment`.
    package func pad(to alignment: Int) throws(FileError) {
        let rest = offset % alignment
        if rest > 0 { try write([UInt8](repeating: 0, count: alignment - rest)) }
    }

    /// Makes the bytes durable and gives them their name, which is durable too.
    package func finish() throws(FileError) {
        try flush()
        try file.finish(isDurable: true)
    }

    private func flush() throws(FileError) {
        let full = buffer
        buffer.removeAll(keepingCapacity: true)
        let start = offset - full.count
        try full.withUnsafeBufferPointer { (raw) throws(FileError) in
            try file.write(UnsafeRawBufferPointer(raw), at: start)
        }
    }
}
