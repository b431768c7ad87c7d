extension Packer {
    /// Cuts between words, where the layout has none that fits: found near the place where the budget ends.
    struct WordCuts {
        private let packer: Packer
        private let source: SourceText

        init(_ packer: Packer) {
            self.packer = packer
            source = packer.source
        }

        /// The end at a word, else inside one, for the chunk that begins at `start` and has new text from
        /// `fresh` on.
        func end(of start: Int, _ fresh: Int, _ limit: Int) -> End? {
            var reach = 64
            let middle = place(
                ofTokens: packer.sizes.estimatedTokens(before: start) + packer.budget, fresh, limit)
            while true {
                let last = min(limit, middle + reach)
                let first = max(fresh, middle - 2 * reach)
                let words = boundaries(from: restart(before: first, fresh), to: last) {
                    $0 > fresh && mayBegin($0)
                }
                let found = Search(packer, start: start).last(of: words.count) { words[$0] }
                if let found {
                    if found.index + 1 < words.count || last == limit {
                        return preferred(words[...found.index], start, found.end)
                    }
                } else if first == fresh,
                    !words.isEmpty || last == limit || packer.sizes.tokens(in: start..<last) > packer.budget
                {
                    return endInsideWord(start, fresh, words.first ?? last)
                }
                reach *= 4
            }
        }

        /// A word that follows white space is the better one to begin with, if it is near.
        private func preferred(_ words: ArraySlice<Int>, _ start: Int, _ end: End) -> End {
            let least = packer.sizes.estimatedTokens(before: end.offset) - packer.budget / 8
            let spaced = words.last { source.kind(before: $0).isWhitespace }
            guard let spaced, spaced != end.offset, packer.sizes.estimatedTokens(before: spaced) >= least
            else { return end }
            let tokens = packer.sizes.tokens(in: start..<spaced)
            return tokens <= packer.budget ? (spaced, tokens) : end
        }

        /// Starts of words before the end of a chunk, of which the chunk after it may repeat some.
        func starts(before range: Range<Int>) -> [Int] {
            let tokens = packer.sizes.estimatedTokens(before: range.upperBound) - packer.overlap
            let first = max(
                range.lowerBound, place(ofTokens: tokens, range.lowerBound, range.upperBound) - 64)
            return boundaries(
                from: restart(before: first, range.lowerBound), to: range.upperBound, where: mayBegin)
        }

        /// Word boundaries of the annex between two places, the first of which is one, that are between
        /// grapheme clusters, too.
        private func boundaries(from start: Int, to end: Int, where isWanted: (Int) -> Bool) -> [Int] {
            var offsets: [Int] = []
            WordBreaks.forEach(in: source, start..<end) { offset in
                if isWanted(offset), source.isGraphemeBoundary(offset) { offsets.append(offset) }
                return true
            }
            return offsets
        }

        /// Whether a chunk may begin there: not with white space, nor with punctuation that belongs to the
        /// word before it.
        private func mayBegin(_ offset: Int) -> Bool {
            let kind = source.kind(at: offset)
            if kind.isWhitespace { return false }
            let before = source.kind(before: offset)
            if before.isWhitespace { return true }
            let isPunctuation =
                kind.sentence == .close || kind.sentence == .sContinue || kind.sentence.isTerminator
            return !isPunctuation && before.sentence != .close
        }

        /// A place at `offset` or before where word boundaries may be looked for without knowing what is
        /// before it.
        private func restart(before offset: Int, _ least: Int) -> Int {
            var position = offset
            while position > least {
                let byte = source.bytes[position]
                if byte == 0x20 || byte == 0x0A, 0x21...0x7E ~= source.bytes[position - 1] { return position }
                position -= 1
            }
            return least
        }

        /// The last byte before which there are about so many tokens.
        private func place(ofTokens tokens: Int, _ low: Int, _ high: Int) -> Int {
            var (low, high) = (low, high)
            while high - low > 1 {
                let middle = (low + high) / 2
                if packer.sizes.estimatedTokens(before: middle) <= tokens {
                    low = middle
                } else {
                    high = middle
                }
            }
            return low
        }

        /// Where what is between two good places is itself too large: at any boundary of a word, else of a
        /// grapheme cluster. Nil where repeated text takes the room.
        private func endInsideWord(_ start: Int, _ fresh: Int, _ limit: Int) -> End? {
            guard start == fresh else { return nil }
            let words = boundaries(from: fresh, to: limit) { _ in true }
            if let found = Search(packer, start: start).last(of: words.count, offset: { words[$0] }) {
                return found.end
            }
            let ends = source.characterEnds(from: fresh, before: words.first ?? limit)
            return Search(packer, start: start).last(of: ends.count) { ends[$0] }?.end
        }
    }
}
