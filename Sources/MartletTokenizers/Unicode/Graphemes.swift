/// Grapheme clusters, the characters that people see, after Unicode Standard Annex 29. Flags are not joined
/// in pairs: who asks here cares for clusters of less than six bytes.
final class Graphemes: Sendable {
    /// As Scripts/tokenizer-graphemes.py numbers them.
    private enum Class {
        static let other: UInt8 = 0, control: UInt8 = 1, extend: UInt8 = 2, linker: UInt8 = 3,
            joiner: UInt8 = 4, nonjoiner: UInt8 = 5
        static let prepend: UInt8 = 6, spacing: UInt8 = 7, leading: UInt8 = 8, vowel: UInt8 = 9,
            trailing: UInt8 = 10, picture: UInt8 = 11
        static let consonant: UInt8 = 12, linkerAlone: UInt8 = 14
        /// Hangul syllables without and with a trailing consonant.
        static let openSyllable: UInt8 = 15, closedSyllable: UInt8 = 16
    }

    static let shared = Graphemes()

    /// Block of each 256 code points; those without any class share block 0.
    private let blocks: [UInt8]
    private let classes: [UInt8]

    private init() {
        var blocks = [UInt8](repeating: 0, count: 0x1100)
        var classes = [UInt8](repeating: 0, count: 256)
        func put(_ kind: UInt8, _ point: Int) {
            if blocks[point >> 8] == 0 {
                blocks[point >> 8] = UInt8(truncatingIfNeeded: classes.count >> 8)
                classes.append(contentsOf: repeatElement(0, count: 256))
            }
            classes[Int(blocks[point >> 8]) << 8 | point & 255] = kind
        }
        // The tags of plane 14 would need more blocks than a byte numbers; they are looked up by hand.
        var point = 0
        let runs = GraphemeData.runs
        for index in stride(from: 0, to: runs.count, by: 3) {
            point += Int(runs[index])
            for _ in 0..<runs[index + 1] {
                if point < 0xE0000 { put(UInt8(truncatingIfNeeded: runs[index + 2]), point) }
                point += 1
            }
        }
        for point in 0xAC00...0xD7A3 {
            put((point - 0xAC00) % 28 == 0 ? Class.openSyllable : Class.closedSyllable, point)
        }
        self.blocks = blocks
        self.classes = classes
    }

    @inline(__always)
    private func kind(of scalar: UInt32) -> UInt8 {
        if scalar >= 0xE0000 {
            let isExtend = 0xE0020...0xE007F ~= scalar || 0xE0100...0xE01EF ~= scalar
            return isExtend ? Class.extend : scalar < 0xE1000 ? Class.control : Class.other
        }
        return classes[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 255)]
    }

    /// Where the cluster that begins at `start` ends.
    @inline(__always)
    func end(of text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let (scalar, length) = UTF8Scalars.decode(text, at: start)
        let position = start &+ length
        guard position < text.count else { return position }
        let previous = kind(of: scalar)
        let following = kind(of: UTF8Scalars.decode(text, at: position).scalar)
        if previous | following == Class.other { return position }
        return longEnd(text, position, scalar, previous)
    }

    /// `position` is after the first scalar.
    private func longEnd(
        _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ first: UInt32, _ firstKind: UInt8
    ) -> Int {
        var position = position
        var previous = firstKind
        // An emoji with nothing but extenders after it; a consonant (1) with a linker after it (2).
        var isPicture = previous == Class.picture
        var conjunct = previous == Class.consonant ? 1 : 0
        if previous == Class.control {
            return first == 0x0D && position < text.count && text[position] == 0x0A ? position + 1 : position
        }
        while position < text.count {
            let (scalar, length) = UTF8Scalars.decode(text, at: position)
            let kind = kind(of: scalar)
            guard joins(previous, kind, isPicture, conjunct) else { return position }
            let extends = Class.extend...Class.nonjoiner ~= kind
            isPicture = kind == Class.picture || isPicture && extends
            switch kind {
            case Class.consonant: conjunct = 1
            case Class.linker, Class.linkerAlone: conjunct = conjunct > 0 ? 2 : 0
            case Class.extend, Class.joiner: break
            default: conjunct = 0
            }
            previous = kind
            position += length
        }
        return position
    }

    /// Rules GB3 to GB9c of the annex.
    private func joins(_ previous: UInt8, _ kind: UInt8, _ isPicture: Bool, _ conjunct: Int) -> Bool {
        if kind == Class.control { return false }
        if Class.extend...Class.nonjoiner ~= kind || kind == Class.spacing || previous == Class.prepend {
            return true
        }
        switch previous {
        case Class.leading:
            return [Class.leading, Class.vowel, Class.openSyllable, Class.closedSyllable].contains(kind)
        case Class.openSyllable, Class.vowel: return kind == Class.vowel || kind == Class.trailing
        case Class.closedSyllable, Class.trailing: return kind == Class.trailing
        case Class.joiner where isPicture && kind == Class.picture: return true
        default: return conjunct == 2 && kind == Class.consonant
        }
    }
}
