/// Puts as much text into each chunk as its budget of tokens allows, and cuts where the layout says it is
/// best.
struct Packer {
    /// A chunk before it is made.
    struct Piece: Equatable {
        var range: Range<Int>
        /// Bytes at the start that the piece before has, too.
        var overlap: Int
        var tokens: Int
    }

    let source: SourceText
    let sizes: any TextMeasure
    let budget: Int
    let overlap: Int
    /// Tokens of a chunk without text.
    private let surrounding: Int
    private(set) var pieces: [Piece] = []

    init(_ source: SourceText, sizes: any TextMeasure, budget: Int, overlap: Int) {
        self.source = source
        self.sizes = sizes
        self.budget = budget
        self.overlap = overlap
        surrounding = sizes.tokens(in: 0..<0)
    }

    /// Packs all of the text: each part between two cuts of strength ``Cut/Strength/section`` by itself.
    mutating func pack(_ cuts: [Cut]) throws(ChunkingError) {
        var start = 0
        var first = 0
        for (index, cut) in cuts.enumerated() where cut.strength == .section {
            try pack(start..<cut.offset, cuts[first..<index])
            (start, first) = (cut.offset, index + 1)
        }
        try pack(start..<source.count, cuts[first...])
    }

    /// - Parameter cuts: Between the ends of `section`.
    private mutating func pack(_ section: Range<Int>, _ cuts: ArraySlice<Cut>) throws(ChunkingError) {
        var cuts = cuts
        var start = section.lowerBound
        var fresh = start
        while fresh < section.upperBound {
            cuts = cuts.drop { $0.offset <= fresh }
            var end = end(of: start, fresh, section.upperBound, cuts)
            if end == nil, start < fresh {
                // The repeated text leaves no room for more.
                start = fresh
                end = self.end(of: start, fresh, section.upperBound, cuts)
            }
            guard let end else { throw indivisible(at: start) }
            pieces.append(Piece(range: start..<end.offset, overlap: fresh - start, tokens: end.tokens))
            fresh = end.offset
            start = fresh < section.upperBound ? overlapStart(of: start..<fresh, cuts) : fresh
        }
    }

    private func indivisible(at offset: Int) -> ChunkingError {
        let length = source.scalar(at: offset).length
        let tokens = sizes.tokens(in: offset..<offset + length)
        return ChunkingError(
            .indivisible,
            "byte \(offset): a single character has \(tokens) tokens and a chunk \(budget) at most; "
                + "ask for larger chunks",
            offset: offset)
    }

    // MARK: Choosing an end

    /// The end of the chunk that begins at `start` and has new text from `fresh` on; nil: not even one scalar
    /// fits.
    private func end(of start: Int, _ fresh: Int, _ limit: Int, _ cuts: ArraySlice<Cut>) -> End? {
        if mayFit(start..<limit), case let tokens = sizes.tokens(in: start..<limit), tokens <= budget {
            return (limit, tokens)
        }
        let fitting = Search(self, start: start).last(of: cuts.count) { cuts[cuts.startIndex + $0].offset }
        if let fitting, let cut = best(of: cuts.prefix(fitting.index + 1), rest: cuts, start, limit) {
            // Less text may have more tokens, where a tokenizer joins them.
            let tokens = sizes.tokens(in: start..<cut.offset)
            return tokens <= budget ? (cut.offset, tokens) : fitting.end
        }
        if let word = WordCuts(self).end(of: start, fresh, limit) { return word }
        return fitting.map(\.end) ?? (start == fresh ? scalarEnd(start, limit) : nil)
    }

    private func best(
        of fitting: ArraySlice<Cut>, rest: ArraySlice<Cut>, _ start: Int, _ limit: Int
    ) -> Cut? {
        let origin = sizes.estimatedTokens(before: start) - surrounding
        func size(_ cut: Cut) -> Int { sizes.estimatedTokens(before: cut.offset) - origin }
        func strongest(_ cuts: some Sequence<Cut>) -> Cut? {
            cuts.reduce(nil) { best, cut in if let best, best.strength > cut.strength { best } else { cut } }
        }
        let later = fitting.drop { 2 * size($0) < budget }
        if let cut = strongest(later), cut.strength.keepsWhole { return cut }
        if let cut = fitting.last(where: { $0.strength.keepsWhole }) {
            // What follows stays whole. Where it must be cut anyway, it is cut where it fills this chunk.
            let next = rest[fitting.endIndex...].first { $0.strength.keepsWhole }?.offset ?? limit
            let isCutAnyway =
                sizes.estimatedTokens(before: next) - sizes.estimatedTokens(before: cut.offset) + surrounding
                > budget
            if !isCutAnyway || 4 * size(cut) >= budget { return cut }
        }
        return strongest(later)
    }

    /// Whether a part is worth being counted: estimates are seldom far off.
    private func mayFit(_ range: Range<Int>) -> Bool {
        let estimate =
            sizes.estimatedTokens(before: range.upperBound) - sizes.estimatedTokens(before: range.lowerBound)
        return estimate <= budget + budget / 4 + 64
    }

    /// Between the scalars of a grapheme cluster that is itself too large.
    private func scalarEnd(_ start: Int, _ limit: Int) -> End? {
        var end: End?
        var position = start
        while position < limit {
            position += source.scalar(at: position).length
            let tokens = sizes.tokens(in: start..<position)
            guard tokens <= budget else { break }
            end = (position, tokens)
        }
        return end
    }

    // MARK: Overlap

    /// Where the chunk after `range` begins: at a cut, or else at a word, from which on it repeats at most
    /// `overlap` tokens.
    private func overlapStart(of range: Range<Int>, _ cuts: ArraySlice<Cut>) -> Int {
        guard overlap > 0 else { return range.upperBound }
        func repeats(_ offset: Int) -> Bool {
            sizes.tokens(in: offset..<range.upperBound) - surrounding <= overlap
        }
        let inside = cuts.prefix { $0.offset < range.upperBound }.map(\.offset)
        return first(of: inside, where: repeats) ?? first(
            of: WordCuts(self).starts(before: range), where: repeats) ?? range.upperBound
    }

    /// The first place for which a condition holds that holds for all later ones.
    private func first(of places: [Int], where holds: (Int) -> Bool) -> Int? {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(places[middle]) { high = middle } else { low = middle + 1 }
        }
        return low < places.count && holds(places[low]) ? places[low] : nil
    }
}

extension Packer {
    typealias End = (offset: Int, tokens: Int)
}
