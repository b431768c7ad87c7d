/// The pieces of a vocabulary as a double array (Aoki 1989, with the xor of Yata's darts-clone): a step from
/// a node to its child is one load. Where only one piece is left below a node, the rest of it is compared in
/// one go instead of being nodes.
struct PieceTrie: Sendable {
    /// Low half: base, or `isTail` and the entry of the only piece below. High half: (entry + 1) << 9 | 0x100
    /// | label; entry is that of the piece that ends here, -1 for none. The child for a byte is at base ^
    /// byte, if the label there is the byte.
    typealias Unit = UInt64
    static let isTail: UInt32 = 1 << 31
    /// Entries have 23 bits.
    static let maxCount = 1 << 22

    private let units: [Unit]
    private let bytes: [UInt8]
    private let starts: [UInt32]

    /// Entry e is `bytes[starts[e]..<starts[e + 1]]`; of equal pieces the last entry is the one found. Empty
    /// pieces are never found, and of the others only those that `isIncluded` holds for.
    init(bytes: [UInt8], starts: [UInt32], where isIncluded: (Int) -> Bool = { _ in true }) {
        self.bytes = bytes
        self.starts = starts
        units = bytes.withUnsafeBufferPointer { bytes in
            starts.withUnsafeBufferPointer { starts in
                var builder = PieceTrieBuilder(bytes, starts, isIncluded)
                return builder.build()
            }
        }
    }

    /// The tables as pointers, for a run of lookups.
    @inline(__always)
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        units.withUnsafeBufferPointer { units in
            bytes.withUnsafeBufferPointer { bytes in
                starts.withUnsafeBufferPointer { body(Reader(units: units, bytes: bytes, starts: $0)) }
            }
        }
    }

    struct Reader {
        let units: UnsafeBufferPointer<Unit>
        let bytes: UnsafeBufferPointer<UInt8>
        let starts: UnsafeBufferPointer<UInt32>

        /// Calls `body` with each piece that `text[start..<end]` begins with and where it ends, shortest
        /// first.
        @inline(__always)
        func forEachPrefix(
            of text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int,
            _ body: (_ entry: Int, _ end: Int) -> Void
        ) {
            var position = start
            var unit = units[0]
            while position < end {
                let base = UInt32(truncatingIfNeeded: unit)
                if base & PieceTrie.isTail != 0 {
                    let entry = Int(base & ~PieceTrie.isTail)
                    let first = Int(starts[entry]) &+ position &- start
                    let count = Int(starts[entry &+ 1]) &- first
                    guard count <= end &- position else { return }
                    for index in 0..<count where bytes[first &+ index] != text[position &+ index] { return }
                    return body(entry, position &+ count)
                }
                let label = UInt32(text[position])
                unit = units[Int(base ^ label)]
                let high = UInt32(truncatingIfNeeded: unit >> 32)
                guard high & 0x1FF == 0x100 | label else { return }
                position &+= 1
                let entry = Int(high >> 9) &- 1
                if entry >= 0 { body(entry, position) }
            }
        }

        /// The entry of the piece that is all of `text[range]`.
        func entry(of text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
            var found: Int?
            forEachPrefix(of: text, from: range.lowerBound, to: range.upperBound) { entry, end in
                if end == range.upperBound { found = entry }
            }
            return found
        }
    }
}
