/// The rules of a SentencePiece normalizer: little-endian, the size of a double array in bytes, the array,
/// and the replacements, each with a NUL after it. The array's layout is that of darts-clone, where a value
/// is the place of a replacement.
struct Charsmap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// No rules: every text stays as it is.
    init() { (units, replacements) = ([], []) }

    /// A replacement is looked through to its end each time that it is used, so its length is bounded.
    /// SentencePiece's own have up to 33 bytes.
    private static let maxReplacement = 1024

    /// nil where the sizes do not fit, or a replacement is not UTF-8, too long, or without the NUL after it.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        func unit(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
        }
        let size = Int(unit(0)) & ~3
        guard size > 0, size <= bytes.count - 4 else { return nil }
        units = stride(from: 4, to: 4 + size, by: 4).map(unit)
        replacements = Array(bytes[(4 + size)...])
        guard replacements.last == 0, String(validating: replacements, as: UTF8.self) != nil else {
            return nil
        }
        guard replacements.split(separator: 0).allSatisfy({ $0.count <= Self.maxReplacement }) else {
            return nil
        }
    }

    /// As they are stored; empty where there are no rules.
    var bytes: [UInt8] {
        guard !units.isEmpty else { return [] }
        func littleEndian(_ value: UInt32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
        }
        return littleEndian(UInt32(4 * units.count)) + units.flatMap(littleEndian) + replacements
    }

    /// The replacement of the shortest, or of the longest, rule that `text[start..<end]` begins with, and
    /// where what it replaces ends.
    @inline(__always)
    func match(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, isLongest: Bool = false
    ) -> (replacement: Range<Int>, end: Int)? {
        units.withUnsafeBufferPointer { units in
            guard !units.isEmpty else { return nil }
            var found: (value: UInt32, end: Int)?
            var node = Self.offset(units[0])
            var position = start
            while position < end {
                let label = UInt32(text[position])
                node ^= label
                guard label != 0, Int(node) < units.count, case let unit = units[Int(node)],
                    unit & 0x8000_00FF == label
                else { break }
                node ^= Self.offset(unit)
                position &+= 1
                if unit & 0x100 != 0 {
                    guard Int(node) < units.count else { break }
                    found = (units[Int(node)] & 0x7FFF_FFFF, position)
                    if !isLongest { break }
                }
            }
            guard let found, let replacement = replacement(at: Int(found.value)) else { return nil }
            return (replacement, found.end)
        }
    }

    @inline(__always)
    private static func offset(_ unit: UInt32) -> UInt32 { (unit >> 10) << ((unit & 0x200) >> 6) }

    /// nil where no character begins there.
    private func replacement(at start: Int) -> Range<Int>? {
        guard start <= replacements.count else { return nil }
        guard start < replacements.count else { return start..<start }
        guard replacements[start] & 0xC0 != 0x80 else { return nil }
        var end = start
        while end < replacements.count, replacements[end] != 0 { end += 1 }
        return start..<end
    }

    @inline(__always)
    func withReplacement<Result>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Result)
        -> Result
    {
        replacements.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
