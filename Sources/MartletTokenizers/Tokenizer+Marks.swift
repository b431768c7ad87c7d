/// How many tokens are before places of a text, without special tokens.
package struct TokenMarks: Sendable {
    package struct Mark: Sendable {
        package let offset: Int
        package let tokens: Int
        /// The text before this place and the text after it have together exactly the tokens of the whole,
        /// each encoded by itself.
        package let isExact: Bool
    }

    /// By rising offset, and by tokens that do not fall; the first is at 0, the last at the end of the text.
    package fileprivate(set) var marks: [Mark] = []

    /// The index of the last mark at `offset` or before.
    package func index(at offset: Int) -> Int {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }
}

extension Tokenizer {
    /// Goes over a text once and marks it every `step` bytes or a little more.
    ///
    /// Marks are at spaces where the tokenizer never joins what is before and after them, and are exact
    /// there. Where there are no such spaces for long, as in Chinese, marks between are estimates, and the
    /// text is encoded twice.
    package func marks(utf8 text: UnsafeBufferPointer<UInt8>, step: Int = 64) -> TokenMarks {
        var result = TokenMarks()
        result.marks.reserveCapacity(text.count / step + 2)
        result.marks.append(.init(offset: 0, tokens: 0, isExact: true))
        let scratch = TokenizerScratch()
        var ids: [Int32] = []
        func count(_ range: Range<Int>) -> Int {
            // No id is kept, all are counted.
            encode(
                utf8: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[range]), into: &ids,
                maxTokens: 0,
                addsSpecialTokens: false, scratch: scratch)
        }
        let isLocal = separatesAtSpaces
        var start = 0
        var tokens = 0
        while start < text.count {
            var end = isLocal ? min(text.count, start + step) : text.count
            while end < text.count, text[end] != 0x20 || !(0x21...0x7E ~= text[end - 1]) { end += 1 }
            var estimate = tokens
            if end - start > 4 * step {
                let least = result.marks.count
                var position = start
                while end - position > 2 * step {
                    var next = position + step
                    while text[next] & 0xC0 == 0x80 { next += 1 }
                    estimate += count(position..<next)
                    result.marks.append(.init(offset: next, tokens: estimate, isExact: false))
                    position = next
                }
                estimate += count(position..<end)
                if isLocal { tokens += count(start..<end) } else { tokens = estimate }
                result.limit(to: tokens, from: least)
            } else {
                tokens += count(start..<end)
            }
            result.marks.append(.init(offset: end, tokens: tokens, isExact: isLocal))
            start = end
        }
        return result
    }

    /// Whether a text may be cut before an ASCII space that follows a printable ASCII character without any
    /// token changing.
    package var separatesAtSpaces: Bool {
        isLocal && added.values.allSatisfy { !$0.stripsRight && !$0.content.utf8.contains(0x20) }
    }
}

extension TokenMarks {
    fileprivate mutating func limit(to tokens: Int, from first: Int) {
        for index in first..<marks.count where marks[index].tokens > tokens {
            marks[index] = Mark(offset: marks[index].offset, tokens: tokens, isExact: false)
        }
    }
}
