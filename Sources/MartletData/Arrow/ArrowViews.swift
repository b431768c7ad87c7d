/// Texts that views lead to: short ones are in the view, longer ones anywhere in a number of buffers.
struct ArrowViews {
    /// Decompressed buffers that are kept, in bytes.
    private static let keptLimit = 256 << 20
    private static let windowSize = 64 << 10

    private let body: ArrowBody
    private let ranges: [Range<Int>]
    private let codec: ArrowBuffer.Codec?
    /// Of a compressed batch: buffers that were decompressed, by their numbers.
    private var kept: [Int: ArraySlice<UInt8>] = [:]
    private var keptBytes = 0
    /// Of an uncompressed batch: what was read last, and where it is in the body.
    private var window: ArraySlice<UInt8> = []
    private var windowStart = 0

    init(_ body: ArrowBody, at ranges: [Range<Int>], codec: ArrowBuffer.Codec?) {
        (self.body, self.ranges, self.codec) = (body, ranges, codec)
    }

    /// - Parameter view: Length, and either 12 bytes of text, or the first four, a buffer and an offset.
    mutating func text(of view: ArraySlice<UInt8>) throws(ColumnFileError) -> ArraySlice<UInt8> {
        func number(_ place: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(view[view.startIndex + place + $1]) << (8 * $1) }
        }
        let length = number(0)
        if length <= 12 { return view.dropFirst(4).prefix(length) }
        guard length <= ArrowTexts.lengthLimit else { throw ArrowTexts.tooLong(length) }
        let (buffer, offset) = (number(8), number(12))
        guard ranges.indices.contains(buffer) else { throw Self.outside }
        guard codec == nil else {
            let bytes = try decompressed(buffer)
            guard offset <= bytes.count, length <= bytes.count - offset else { throw Self.outside }
            return bytes.dropFirst(offset).prefix(length)
        }
        let range = ranges[buffer]
        guard offset <= range.count, length <= range.count - offset else { throw Self.outside }
        let start = range.lowerBound + offset
        if start < windowStart || start + length > windowStart + window.count {
            window = try body.bytes(start..<min(range.upperBound, start + max(length, Self.windowSize)))
            windowStart = start
        }
        return window.dropFirst(start - windowStart).prefix(length)
    }

    private static var outside: ColumnFileError { .malformed("a text is outside the buffers of its column") }

    private mutating func decompressed(_ index: Int) throws(ColumnFileError) -> ArraySlice<UInt8> {
        if let bytes = kept[index] { return bytes }
        var buffer = try ArrowBuffer(body, at: ranges[index], codec: codec)
        guard buffer.count <= Self.keptLimit else {
            throw .unsupported("a compressed buffer of texts has \(buffer.count >> 20) MiB")
        }
        if keptBytes + buffer.count > Self.keptLimit { (kept, keptBytes) = ([:], 0) }
        keptBytes += buffer.count
        let bytes = try buffer.take(buffer.count)
        kept[index] = bytes
        return bytes
    }
}
