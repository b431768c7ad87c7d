/// A text and its UTF-8 bytes. Positions are offsets of bytes.
final class SourceText: Sendable {
    let string: String
    let bytes: [UInt8]

    init(_ string: String) {
        self.string = string
        bytes = Array(string.utf8)
    }

    var count: Int { bytes.count }

    func text(in range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The scalar that begins at `offset`, and its length. The bytes are valid UTF-8.
    @inline(__always)
    func scalar(at offset: Int) -> (value: UInt32, length: Int) {
        let lead = UInt32(bytes[offset])
        if lead < 0x80 { return (lead, 1) }
        func rest(_ index: Int) -> UInt32 { UInt32(bytes[offset + index] & 0x3F) }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | rest(1), 2) }
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | rest(1) << 6 | rest(2), 3) }
        return ((lead & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3), 4)
    }

    /// Where the scalar that ends before `offset` begins.
    @inline(__always)
    func start(before offset: Int) -> Int {
        var start = offset - 1
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    func kind(at offset: Int) -> BoundaryClasses.Kind {
        BoundaryClasses.shared.kind(of: scalar(at: offset).value)
    }
    func kind(before offset: Int) -> BoundaryClasses.Kind { kind(at: start(before: offset)) }

    /// Whether a scalar begins at `offset`.
    func isScalarBoundary(_ offset: Int) -> Bool { offset >= count || bytes[offset] & 0xC0 != 0x80 }

    /// Whether a character that people see, an extended grapheme cluster, ends and another begins at
    /// `offset`.
    func isGraphemeBoundary(_ offset: Int) -> Bool {
        guard offset > 0, offset < count else { return true }
        let (left, right) = (bytes[offset - 1], bytes[offset])
        if left < 0x80, right < 0x80 { return left != 0x0D || right != 0x0A }
        guard isScalarBoundary(offset) else { return false }
        return String.Index(string.utf8.index(string.utf8.startIndex, offsetBy: offset), within: string)
            != nil
    }

    /// Where white space from `offset` on ends, at most at `limit`.
    func skippingWhitespace(from offset: Int, to limit: Int) -> Int {
        var position = offset
        while position < limit {
            let (value, length) = scalar(at: position)
            guard BoundaryClasses.shared.kind(of: value).isWhitespace else { break }
            position += length
        }
        return min(position, limit)
    }

    /// The end of the line that `offset` is on, after its newline.
    func lineEnd(from offset: Int, to limit: Int) -> Int {
        var position = offset
        while position < limit, bytes[position] != 0x0A { position += 1 }
        return min(position + 1, limit)
    }
}
