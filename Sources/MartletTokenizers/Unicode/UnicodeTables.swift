/// Properties of code points as two-stage tables, unpacked from runs when the first text beyond ASCII is met.
final class UnicodeTables: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt16
        /// Removed by `clean_text`: control, format, private use, U+FFFD.
        static let control = Flags(rawValue: 1)
        static let whitespace = Flags(rawValue: 2)
        /// What BertPreTokenizer isolates.
        static let punctuation = Flags(rawValue: 4)
        /// Removed by `strip_accents` after decomposition.
        static let nonspacing = Flags(rawValue: 8)
        static let chinese = Flags(rawValue: 16)
        static let hasLowercase = Flags(rawValue: 32)
        /// Has a decomposition in the table; Hangul syllables have not.
        static let decomposes = Flags(rawValue: 64)
        static let hasCombiningClass = Flags(rawValue: 128)
        /// `\w` of Rust's regex crate.
        static let word = Flags(rawValue: 256)
        /// Removed by the StripAccents normalizer.
        static let mark = Flags(rawValue: 512)
        /// What the Digits pre-tokenizer isolates.
        static let numeric = Flags(rawValue: 1024)
    }

    static let shared = UnicodeTables()

    /// Block of each 256 code points; blocks without any flag share block 0.
    private let blocks: [UInt16]
    private let flags: [UInt16]
    /// First code point, last, step and difference to the lowercase.
    private let lowercase: [(first: UInt32, last: UInt32, step: UInt32, target: UInt32)]
    private let combining: [(first: UInt32, last: UInt32, value: UInt32)]
    /// Sorted code points, and where the entry of each begins in `UnicodeData.decompositions`.
    private let composed: [UInt32]
    private let decompositionStarts: [Int]
    /// The same of `UnicodeData.compatible`, by code point.
    private let compatibleStarts: [UInt32: Int]
    /// First << 32 | second, sorted, with the composite of each.
    private let compositionKeys: [UInt64]
    private let composites: [UInt32]

    private init() {
        var blocks = [UInt16](repeating: 0, count: 0x1100)
        var flags = [UInt16](repeating: 0, count: 256)
        flags.reserveCapacity(256 * 1024)
        let runs = UnicodeData.flags
        for index in stride(from: 0, to: runs.count, by: 3) {
            for point in Int(runs[index])...Int(runs[index + 1]) {
                if blocks[point >> 8] == 0 {
                    blocks[point >> 8] = UInt16(flags.count >> 8)
                    flags.append(contentsOf: repeatElement(0, count: 256))
                }
                flags[Int(blocks[point >> 8]) << 8 | point & 255] = UInt16(runs[index + 2])
            }
        }
        self.blocks = blocks
        self.flags = flags
        let lower = UnicodeData.lowercase
        lowercase = stride(from: 0, to: lower.count, by: 4).map {
            (lower[$0], lower[$0 + 1], lower[$0 + 2], lower[$0 + 3])
        }
        let classes = UnicodeData.combiningClasses
        combining = stride(from: 0, to: classes.count, by: 3).map {
            (classes[$0], classes[$0 + 1], classes[$0 + 2])
        }
        var composed: [UInt32] = []
        var starts: [Int] = []
        let entries = UnicodeData.decompositions
        var index = 0
        while index < entries.count {
            composed.append(entries[index])
            starts.append(index)
            index += 2 + Int(entries[index + 1])
        }
        self.composed = composed
        decompositionStarts = starts
        var compatible: [UInt32: Int] = [:]
        index = 0
        while index < UnicodeData.compatible.count {
            compatible[UnicodeData.compatible[index]] = index
            index += 2 + Int(UnicodeData.compatible[index + 1])
        }
        compatibleStarts = compatible
        let triples = UnicodeData.compositions
        compositionKeys = stride(from: 0, to: triples.count, by: 3).map {
            UInt64(triples[$0]) << 32 | UInt64(triples[$0 + 1])
        }
        composites = stride(from: 0, to: triples.count, by: 3).map { triples[$0 + 2] }
    }

    @inline(__always)
    func flags(of scalar: UInt32) -> Flags {
        Flags(rawValue: flags[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 255)])
    }

    func combiningClass(of scalar: UInt32) -> UInt32 {
        let index = Self.lastIndex(in: combining.count) { combining[$0].first <= scalar }
        guard let index, combining[index].last >= scalar else { return 0 }
        return combining[index].value
    }

    /// Calls `body` with each scalar of the lowercase: two for U+0130, one for all others. Without context,
    /// as Rust's `char::to_lowercase`: a final sigma is a sigma like any other.
    @inline(__always)
    func forEachLowercase(of scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar == 0x130 {
            body(0x69)
            return body(0x307)
        }
        let index = Self.lastIndex(in: lowercase.count) { lowercase[$0].first <= scalar }
        guard let index else { return body(scalar) }
        let run = lowercase[index]
        guard scalar <= run.last, (scalar - run.first) % run.step == 0 else { return body(scalar) }
        body(run.target + (scalar - run.first))
    }

    /// Calls `body` with each scalar of the full canonical decomposition, in the order of the table.
    @inline(__always)
    func forEachDecomposed(of scalar: UInt32, _ flags: Flags, _ body: (UInt32) -> Void) {
        if flags.contains(.decomposes) {
            guard let index = Self.lastIndex(in: composed.count, where: { composed[$0] <= scalar }) else {
                return body(scalar)
            }
            let start = decompositionStarts[index]
            for offset in 0..<Int(UnicodeData.decompositions[start + 1]) {
                body(UnicodeData.decompositions[start + 2 + offset])
            }
        } else if 0xAC00...0xD7A3 ~= scalar {
            // The Unicode Standard, 3.12: leading consonant, vowel, trailing consonant.
            let syllable = scalar - 0xAC00
            body(0x1100 + syllable / 588)
            body(0x1161 + syllable % 588 / 28)
            if syllable % 28 != 0 { body(0x11A7 + syllable % 28) }
        } else {
            body(scalar)
        }
    }

    /// As above, or the full compatibility decomposition.
    @inline(__always)
    func forEachDecomposed(of scalar: UInt32, _ flags: Flags, isCompatible: Bool, _ body: (UInt32) -> Void) {
        guard isCompatible, scalar >= 0x80, let start = compatibleStarts[scalar] else {
            return forEachDecomposed(of: scalar, flags, body)
        }
        for offset in 0..<Int(UnicodeData.compatible[start + 1]) {
            body(UnicodeData.compatible[start + 2 + offset])
        }
    }

    /// The primary composite of two scalars.
    func composition(of first: UInt32, _ second: UInt32) -> UInt32? {
        // Hangul, as above.
        if 0x1100..<0x1113 ~= first, 0x1161..<0x1176 ~= second {
            return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
        }
        if 0xAC00...0xD7A3 ~= first, 0x11A8..<0x11C3 ~= second, (first - 0xAC00) % 28 == 0 {
            return first + (second - 0x11A7)
        }
        let key = UInt64(first) << 32 | UInt64(second)
        guard let index = Self.lastIndex(in: compositionKeys.count, where: { compositionKeys[$0] <= key }),
            compositionKeys[index] == key
        else { return nil }
        return composites[index]
    }

    /// The last index for which an ordered condition holds.
    @inline(__always)
    private static func lastIndex(in count: Int, where holds: (Int) -> Bool) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
