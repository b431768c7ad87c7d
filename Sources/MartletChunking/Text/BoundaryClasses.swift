/// The classes of code points that Unicode Standard Annex 29 defines word and sentence boundaries by.
final class BoundaryClasses: Sendable {
    /// What is known about a code point.
    struct Kind {
        let sentence: SentenceClass
        let word: WordClass
        let isWhitespace: Bool

        static let other = Kind(sentence: .other, word: .other, isWhitespace: false)
    }

    static let shared = BoundaryClasses()

    private let kinds: [Kind]
    /// The first 128 code points, and the block of each 256.
    private let ascii: [Kind]
    private let blocks: [UInt16]
    /// Indices in `kinds`; blocks of code points without a class share the first one.
    private let indices: [UInt8]

    private init() {
        let kinds = BoundaryData.kinds.map { packed in
            Kind(
                sentence: SentenceClass(rawValue: UInt8(packed & 255)) ?? .other,
                word: WordClass(rawValue: UInt8(packed >> 8 & 255)) ?? .other,
                isWhitespace: packed >> 16 & 1 == 1)
        }
        var blocks = [UInt16](repeating: 0, count: 0x1100)
        var indices = [UInt8](repeating: 0, count: 256)
        var point = 0
        for run in stride(from: 0, to: BoundaryData.runs.count, by: 3) {
            point += Int(BoundaryData.runs[run])
            for _ in 0..<BoundaryData.runs[run + 1] {
                if blocks[point >> 8] == 0 {
                    blocks[point >> 8] = UInt16(indices.count >> 8)
                    indices.append(contentsOf: repeatElement(0, count: 256))
                }
                indices[Int(blocks[point >> 8]) << 8 | point & 255] = UInt8(BoundaryData.runs[run + 2])
                point += 1
            }
        }
        self.kinds = kinds
        self.blocks = blocks
        self.indices = indices
        ascii = (0..<128).map { kinds[Int(indices[Int(blocks[0]) << 8 | $0])] }
    }

    @inline(__always)
    func kind(ofASCII byte: UInt8) -> Kind { ascii[Int(byte & 127)] }

    @inline(__always)
    func kind(of scalar: UInt32) -> Kind {
        scalar < 0x110000
            ? kinds[Int(indices[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 255)])] : .other
    }
}

/// The property Sentence_Break, in the order of Scripts/text-boundaries.py.
enum SentenceClass: UInt8 {
    case other, carriageReturn, lineFeed, separator, extend, format, space, lower, upper, otherLetter,
        numeric, aTerm, sContinue, sTerm, close

    /// ParaSep of the annex.
    var endsParagraph: Bool { self == .carriageReturn || self == .lineFeed || self == .separator }
    /// SATerm of the annex.
    var isTerminator: Bool { self == .aTerm || self == .sTerm }
    var isCasedLetter: Bool { self == .upper || self == .lower }
}

/// The property Word_Break, in the order of Scripts/text-boundaries.py, with Extended_Pictographic for what
/// has no other class.
enum WordClass: UInt8 {
    case other, carriageReturn, lineFeed, newline, extend, joiner, format, katakana, hebrewLetter, aLetter,
        singleQuote, doubleQuote
    case midNumLet, midLetter, midNum, numeric, extendNumLet, regionalIndicator, space, picture,
        aLetterPicture

    /// AHLetter of the annex.
    var isLetter: Bool { self == .aLetter || self == .hebrewLetter || self == .aLetterPicture }
    var isPicture: Bool { self == .picture || self == .aLetterPicture }
    /// What rule WB4 passes over.
    var isIgnored: Bool { self == .extend || self == .format || self == .joiner }
    var endsLine: Bool { self == .carriageReturn || self == .lineFeed || self == .newline }
    var isInWord: Bool { isLetter || self == .numeric || self == .katakana || self == .extendNumLet }
}
