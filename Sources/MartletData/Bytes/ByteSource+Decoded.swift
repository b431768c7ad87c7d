extension ByteSource {
    /// The bytes after decompression and as UTF-8, as a ``Signature`` at their beginning says; UTF-16 may be
    /// compressed. Anything else passes through.
    package func decoded() -> ByteSource {
        DecodingReader(DecodingReader(self).source).source
    }
}

/// Looks at the first bytes of a source and decodes what follows.
private final class DecodingReader {
    private let raw: ByteSource
    private var decoder: (any StreamDecoder)?
    private var hasLooked = false
    /// Bytes read from `raw`, in `window`, that are not decoded.
    private var buffer: [UInt8] = []
    private var window = 0..<0
    private var isAtEnd = false
    private var isFinished = false
    private var bytesRead = 0

    private static let blockSize = 128 << 10

    init(_ raw: ByteSource) { self.raw = raw }

    var source: ByteSource {
        var source = ByteSource(
            name: raw.name, size: raw.size,
            isReady: { [self] in !window.isEmpty || isAtEnd || raw.isReady() },
            read: { [self] (output: UnsafeMutableRawBufferPointer) throws(DataError) in try read(output) })
        source.bytesConsumed = { [self] in raw.bytesConsumed() ?? (decoder == nil ? nil : bytesRead) }
        if raw.readAt != nil {
            source.readAt = { [self] (output: UnsafeMutableRawBufferPointer, offset: Int) throws(DataError) in
                try read(output, at: offset)
            }
        }
        return source
    }

    private func read(_ output: UnsafeMutableRawBufferPointer, at offset: Int) throws(DataError) -> Int {
        if !hasLooked { try look() }
        guard decoder == nil else {
            throw DataError(
                .unsupported, at: raw.name, "is compressed as a whole, and its format is read from its end",
                remedies: [.advice("decompress it")])
        }
        return try raw.readAt?(output, offset) ?? 0
    }

    private func read(_ output: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        if !hasLooked { try look() }
        guard let decoder else { return try pass(output) }
        while true {
            let (consumed, produced) = try decode(decoder, into: output)
            window = window.lowerBound + consumed..<window.upperBound
            if produced > 0 { return produced }
            if consumed > 0 { continue }
            if isAtEnd { return try finish(decoder, into: output) }
            try fill()
        }
    }

    private func decode(
        _ decoder: any StreamDecoder, into output: UnsafeMutableRawBufferPointer
    ) throws(DataError) -> (consumed: Int, produced: Int) {
        let window = window
        let result: Result<(consumed: Int, produced: Int), StreamError> = buffer.withUnsafeBytes { bytes in
            do throws(StreamError) {
                return .success(
                    try decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[window]), into: output))
            } catch {
                return .failure(error)
            }
        }
        do throws(StreamError) { return try result.get() } catch { throw failure(error) }
    }

    private func finish(
        _ decoder: any StreamDecoder, into output: UnsafeMutableRawBufferPointer
    ) throws(DataError) -> Int {
        if isFinished { return 0 }
        do throws(StreamError) {
            let count = try decoder.finish(into: output)
            isFinished = count == 0
            return count
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: StreamError) -> DataError {
        DataError(.encoding, at: raw.name, error.reason, remedies: error.remedies)
    }

    /// Reads no more bytes than it takes to know: a slow pipe may hold one short line.
    private func look() throws(DataError) {
        hasLooked = true
        while true {
            let (found, needsMore) = Signature.find(Array(buffer[window]))
            if needsMore, !isAtEnd {
                try fill()
                continue
            }
            guard let found else { return }
            do throws(StreamError) { decoder = try found.makeDecoder() } catch {
                throw DataError(.unsupported, at: raw.name, error.reason, remedies: error.remedies)
            }
            window = window.lowerBound + found.markLength..<window.upperBound
            return
        }
    }

    private func pass(_ output: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        if !window.isEmpty {
            let count = min(window.count, output.count)
            output.copyBytes(from: buffer[window.lowerBound..<window.lowerBound + count])
            window = window.lowerBound + count..<window.upperBound
            return count
        }
        buffer = []
        if isAtEnd { return 0 }
        let count = try raw.read(output)
        bytesRead += count
        return count
    }

    /// Appends what has arrived to the window.
    private func fill() throws(DataError) {
        if window.isEmpty {
            window = 0..<0
        } else if window.lowerBound > 0 {
            buffer.replaceSubrange(0..<window.count, with: buffer[window])
            window = 0..<window.count
        }
        if buffer.count < window.upperBound + Self.blockSize {
            buffer += [UInt8](repeating: 0, count: window.upperBound + Self.blockSize - buffer.count)
        }
        let start = window.upperBound
        let raw = raw
        let result: Result<Int, DataError> = buffer.withUnsafeMutableBytes { bytes in
            let room = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + Self.blockSize])
            do throws(DataError) { return .success(try raw.read(room)) } catch { return .failure(error) }
        }
        let count = try result.get()
        bytesRead += count
        if count == 0 { isAtEnd = true }
        window = window.lowerBound..<start + count
    }
}
