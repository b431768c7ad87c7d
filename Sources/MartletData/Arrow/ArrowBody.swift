/// The bytes of the columns of a message, read at any place.
struct ArrowBody {
    private enum Place {
        case file(ByteSource, Int)
        case memory(ArraySlice<UInt8>)
    }

    private let place: Place
    let count: Int

    /// A part of a file.
    init(_ source: ByteSource, _ range: Range<Int>) {
        place = .file(source, range.lowerBound)
        count = range.count
    }

    init(_ bytes: ArraySlice<UInt8>) {
        place = .memory(bytes)
        count = bytes.count
    }

    func bytes(_ range: Range<Int>) throws(ColumnFileError) -> ArraySlice<UInt8> {
        guard range.lowerBound >= 0, range.upperBound <= count else {
            throw .malformed("a buffer is outside its batch")
        }
        switch place {
        case .file(let source, let start):
            return try source.bytes(at: start + range.lowerBound, count: range.count)
        case .memory(let bytes):
            return bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound]
        }
    }
}

/// One buffer of a body, decompressed, from its beginning to its end; a block in memory at a time.
struct ArrowBuffer {
    /// How buffers are compressed.
    enum Codec: Int {
        case lz4, zstd

        fileprivate func makeDecoder() throws(StreamError) -> any StreamDecoder {
            switch self {
            case .lz4: try LZ4Decoder()
            case .zstd: try ZstdDecoder()
            }
        }
    }

    private static let blockSize = 64 << 10

    private let body: ArrowBody
    private var unread: Range<Int>
    private var decoder: (any StreamDecoder)?
    private var compressed: ArraySlice<UInt8> = []
    private var ready: ArraySlice<UInt8> = []
    /// Bytes that can still be taken.
    private(set) var count: Int

    init(_ body: ArrowBody, at range: Range<Int>, codec: Codec?) throws(ColumnFileError) {
        self.body = body
        unread = range
        count = range.count
        guard let codec, count > 0 else { return }
        guard count >= 8 else { throw Self.short }
        let size = try body.bytes(range.lowerBound..<range.lowerBound + 8).reversed()
            .reduce(0) { $0 << 8 | UInt64($1) }
        unread = range.dropFirst(8)
        // What does not become smaller is left as it is.
        guard size != UInt64.max else {
            count = unread.count
            return
        }
        guard let found = Int(exactly: size) else {
            throw .malformed("a buffer says that it has \(size) bytes")
        }
        count = found
        do throws(StreamError) { decoder = try codec.makeDecoder() } catch { throw Self.failure(error) }
    }

    private static var short: ColumnFileError { .malformed("a buffer is shorter than its values") }

    private static func failure(_ error: StreamError) -> ColumnFileError {
        .unsupported("a buffer \(error.reason)", remedies: error.remedies)
    }

    /// The next bytes, all of them.
    mutating func take(_ wanted: Int) throws(ColumnFileError) -> ArraySlice<UInt8> {
        guard wanted >= 0, wanted <= count else { throw Self.short }
        if ready.count < wanted { try fill(wanted) }
        defer { ready = ready.dropFirst(wanted) }
        count -= wanted
        return ready.prefix(wanted)
    }

    mutating func skip(_ wanted: Int) throws(ColumnFileError) {
        guard wanted >= 0, wanted <= count else { throw Self.short }
        if decoder == nil {
            let passed = min(wanted, ready.count)
            ready = ready.dropFirst(passed)
            unread = unread.dropFirst(wanted - passed)
            count -= wanted
            return
        }
        var left = wanted
        while left > 0 {
            let step = min(left, Self.blockSize)
            _ = try take(step)
            left -= step
        }
    }

    private mutating func fill(_ wanted: Int) throws(ColumnFileError) {
        var bytes = Array(ready)
        while bytes.count < wanted {
            if let decoder {
                bytes += try decode(decoder)
            } else {
                let size = min(unread.count, max(Self.blockSize, wanted - bytes.count))
                bytes += try body.bytes(unread.prefix(size))
                unread = unread.dropFirst(size)
            }
        }
        ready = bytes[...]
    }

    /// At least one byte more.
    private mutating func decode(_ decoder: any StreamDecoder) throws(ColumnFileError) -> ArraySlice<UInt8> {
        var output = [UInt8](repeating: 0, count: Self.blockSize)
        while true {
            if compressed.isEmpty, !unread.isEmpty {
                let size = min(unread.count, Self.blockSize)
                compressed = try body.bytes(unread.prefix(size))
                unread = unread.dropFirst(size)
            }
            let result: Result<(consumed: Int, produced: Int), StreamError> =
                compressed.withUnsafeBytes { input in
                    output.withUnsafeMutableBytes { room in
                        do throws(StreamError) {
                            return .success(try decoder.decode(input, into: room))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
            let (consumed, produced): (Int, Int)
            switch result {
            case .success(let step): (consumed, produced) = step
            case .failure(let error): throw Self.failure(error)
            }
            compressed = compressed.dropFirst(consumed)
            if produced > 0 { return output[..<produced] }
            if consumed == 0, unread.isEmpty { throw Self.short }
        }
    }
}
