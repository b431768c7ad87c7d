/// A place where a text may be cut.
struct Cut: Sendable, Equatable {
    let offset: Int
    let strength: Strength

    /// How much speaks for cutting there.
    struct Strength: RawRepresentable, Comparable, Sendable {
        let rawValue: Int8

        init(rawValue: Int8) { self.rawValue = rawValue }

        /// Between sentences of a list's item, or other parts of what is kept whole where it fits.
        static let inner = Strength(rawValue: 1)
        /// Between lines of a sentence, a table or code.
        static let line = Strength(rawValue: 2)
        /// Between items of a list.
        static let item = Strength(rawValue: 3)
        static let sentence = Strength(rawValue: 10)
        static let paragraph = Strength(rawValue: 11)
        /// Between blocks of different kinds, or declarations.
        static let block = Strength(rawValue: 12)
        /// Always cut.
        static let section = Strength(rawValue: 20)

        static func < (left: Strength, right: Strength) -> Bool { left.rawValue < right.rawValue }

        /// A cut here takes nothing apart that should stay whole.
        var keepsWhole: Bool { self >= .sentence }
    }
}

/// What a chunker knows of a text before sizes matter.
struct Layout: Sendable {
    /// By rising offset, between the ends of the text.
    var cuts: [Cut] = []
    /// Where the titles that a text stands under change, by rising offset.
    var headings: [(offset: Int, path: [String])] = []

    /// Adds a cut; of two at one place the stronger one stays.
    mutating func cut(at offset: Int, _ strength: Cut.Strength) {
        guard offset > 0 else { return }
        if let last = cuts.last, last.offset == offset {
            if last.strength < strength { cuts[cuts.count - 1] = Cut(offset: offset, strength: strength) }
        } else {
            cuts.append(Cut(offset: offset, strength: strength))
        }
    }
}
