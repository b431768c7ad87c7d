/// A file that appears under its name only when it is complete: bytes go to a temporary file beside the target, which replaces the
/// target at the end. If anything fails before that, the target is as it was and the temporary file is removed.
package final class AtomicFile {
    private let target: String
    private let temporary: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    /// Bytes written so far, buffered ones too.
    package private(set) var offset = 0

    private static let bufferSize = 1 << 20

    package init(replacing target: String) throws(FileError) {
        var status = stat()
        if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw FileError(path: target, message: "cannot write \(target): it exists and is not a regular file", code: EEXIST)
        }
        self.target = target
        (temporary, descriptor) = try Self.createTemporary(beside: target)
    }

    private static func createTemporary(beside target: String) throws(FileError) -> (String, Int32) {
        // A name that a crashed run left behind is passed over.
        for attempt in 0..<100 {
            let name = "\(target).\(getpid())-\(attempt).partial"
            let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (name, descriptor) }
            if errno != EEXIST { break }
        }
        throw FileError.last("write", target)
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unlink(temporary)
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        offset += bytes.count
        if buffer.count + bytes.count > Self.bufferSize {
            try flush()
            if bytes.count >= Self.bufferSize { return try put(bytes) }
        }
        buffer.append(contentsOf: bytes)
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (raw) throws(FileError) in try write(UnsafeRawBufferPointer(raw)) }
    }

    /// Zeros up to the next multiple of `alignment`.
    package func pad(to alignment: Int) throws(FileError) {
        let rest = offset % alignment
        if rest > 0 { try write([UInt8](repeating: 0, count: alignment - rest)) }
    }

    /// Makes the bytes durable and gives them their name.
    package func finish() throws(FileError) {
        try flush()
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError.last("write", target) }
        guard close(descriptor) == 0 else {
            let code = errno
            discard()
            throw FileError.last("write", target, code: code)
        }
        guard rename(temporary, target) == 0 else {
            let code = errno
            discard()
            throw FileError.last("replace", target, code: code)
        }
        descriptor = -1
    }

    /// The descriptor is closed; only the name is left to remove.
    private func discard() {
        unlink(temporary)
        descriptor = -1
    }

    private func flush() throws(FileError) {
        let full = buffer
        buffer.removeAll(keepingCapacity: true)
        try full.withUnsafeBufferPointer { (raw) throws(FileError) in try put(UnsafeRawBufferPointer(raw)) }
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes[...]
        while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            #if canImport(Darwin)
            let written = Darwin.write(descriptor, base, rest.count)
            #elseif canImport(Musl)
            let written = Musl.write(descriptor, base, rest.count)
            #else
            let written = Glibc.write(descriptor, base, rest.count)
            #endif
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError.last("write", target)
            }
            rest = rest.dropFirst(written)
        }
    }
}
