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
        var start = max(0, offset - Self.longestCharacter)
        while !isScalarBoundary(start) { start += 1 }
        return String.Index(index(offset), within: string[index(start)...]) != nil
    }

    /// How many bytes before a place are looked at: more than characters have that people write, so that
    /// the time does not grow with the square of a character's length. It is no multiple of a flag's eight
    /// bytes: inside a longer row of flags no place is a boundary, rather than each.
    private static let longestCharacter = 516

    /// The place in ``string`` of an offset.
    private func index(_ offset: Int) -> String.Index {
        string.utf8.index(string.utf8.startIndex, offsetBy: offset)
    }

    /// The ends of the characters from `offset` on that are before `limit`.
    func characterEnds(from offset: Int, before limit: Int) -> [Int] {
        var limit = limit
        while !isScalarBoundary(limit) { limit -= 1 }
        var ends: [Int] = []
        var end = offset
        // A string of its own: in a part of one, characters are still measured beyond the part's end.
        for character in text(in: offset..<limit) {
            end += character.utf8.count
            guard end < limit else { break }
            // The first character may only be the rest of one. Rows of flags are counted from `offset`.
            let isFlag = kind(at: end).word == .regionalIndicator
            if isFlag || isGraphemeBoundary(end) { ends.append(end) }
        }
        return ends
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
