/// A view of UTF-8 bytes that may know where each of them comes from.
struct AlignedText {
    let bytes: UnsafeBufferPointer<UInt8>
    /// For each byte the range of the original text, in bytes, that it stands for; nil where nobody asks for
    /// offsets.
    let alignment: UnsafePointer<Range<Int>>?

    init(_ bytes: UnsafeBufferPointer<UInt8>, alignment: UnsafePointer<Range<Int>>? = nil) {
        self.bytes = bytes
        self.alignment = alignment
    }

    @inline(__always)
    var count: Int { bytes.count }

    @inline(__always)
    func slice(_ range: Range<Int>) -> AlignedText {
        AlignedText(
            UnsafeBufferPointer(rebasing: bytes[range]), alignment: alignment.map { $0 + range.lowerBound })
    }

    /// The original bytes of a range; nil where nothing is tracked. The range of an empty one is empty.
    func original(_ range: Range<Int>) -> Range<Int>? {
        guard let alignment else { return nil }
        guard !range.isEmpty else { return 0..<0 }
        let lower = alignment[range.lowerBound].lowerBound
        return lower..<max(lower, alignment[range.upperBound - 1].upperBound)
    }
}

extension AlignedText {
    /// Each byte of `bytes` stands for the character that it belongs to.
    static func characterRanges(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let length = UTF8Scalars.decode(bytes, at: position).length
            for _ in 0..<length { ranges.append(position..<position + length) }
            position += length
        }
        return ranges
    }
}
