extension Packer {
    /// Finds the last of many ends that a chunk may have.
    struct Search {
        private let sizes: any TextMeasure
        private let budget: Int
        private let start: Int

        init(_ packer: Packer, start: Int) {
            sizes = packer.sizes
            budget = packer.budget
            self.start = start
        }

        /// The last end with which the chunk fits; nil: none.
        ///
        /// Estimates say where to look, counting says what fits; a few ends are counted.
        /// - Parameter offset: The ends by their index, rising, all after the start.
        func last(of count: Int, offset: (Int) -> Int) -> (index: Int, end: End)? {
            var fitting: (index: Int, end: End)?
            var low = -1
            var high = count
            var target = sizes.estimatedTokens(before: start) + budget
            var steps = 0
            while high - low > 1 {
                // Where estimates mislead, halves do not.
                var index = steps < 8 ? lastIndex(upTo: target, low, high, offset) : (low + high) / 2
                index = min(max(index, low + 1), high - 1)
                steps += 1
                let end = offset(index)
                let tokens = sizes.tokens(in: start..<end)
                if tokens <= budget {
                    fitting = (index, (end, tokens))
                    low = index
                } else {
                    high = index
                }
                target = sizes.estimatedTokens(before: end) + budget - tokens
            }
            return fitting
        }

        /// The last index between two whose end is estimated to have at most `tokens` before it.
        private func lastIndex(upTo tokens: Int, _ low: Int, _ high: Int, _ offset: (Int) -> Int) -> Int {
            var (low, high) = (low, high)
            while high - low > 1 {
                let middle = (low + high) / 2
                if sizes.estimatedTokens(before: offset(middle)) <= tokens {
                    low = middle
                } else {
                    high = middle
                }
            }
            return low
        }
    }
}
