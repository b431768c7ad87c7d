import MartletTokenizers

/// The sizes of a text's parts, from one pass of the tokenizer over it.
///
/// A part's size is what its ends have, up to the nearest marks, and the difference between the marks; it is
/// exact. One thread has it.
final class TokenMap: TextMeasure {
    private let bytes: [UInt8]
    private let counter: ModelTokenCounter
    private let marks: TokenMarks
    private let scratch = TokenizerScratch()
    /// The first part of the last range asked for: parts are asked for from one start with many ends.
    private var head: (start: Int, mark: Int, tokens: Int)?

    init(_ bytes: [UInt8], counter: ModelTokenCounter) {
        self.bytes = bytes
        self.counter = counter
        marks = bytes.withUnsafeBufferPointer { counter.tokenizer.marks(utf8: $0) }
    }

    func estimatedTokens(before offset: Int) -> Int {
        let index = marks.index(at: offset)
        let mark = marks.marks[index]
        guard index + 1 < marks.marks.count, offset > mark.offset else { return mark.tokens }
        let next = marks.marks[index + 1]
        return mark.tokens + (next.tokens - mark.tokens) * (offset - mark.offset)
            / (next.offset - mark.offset)
    }

    func tokens(in range: Range<Int>) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
                UnsafeBufferPointer(rebasing: bytes[range])
            }
            let limit = counter.charactersPerToken == nil ? 0 : counter.limitTokens(part(range))
            guard let first = exactMark(from: range.lowerBound, to: range.upperBound),
                let last = exactMark(upTo: range.upperBound, from: first)
            else { return max(limit, counter.first(part(range), scratch)) }
            let start = marks.marks[first]
            if head?.start != range.lowerBound || head?.mark != first {
                head = (
                    range.lowerBound, first, counter.first(part(range.lowerBound..<start.offset), scratch)
                )
            }
            let end = marks.marks[last]
            let rest =
                end.offset < range.upperBound
                ? counter.further(part(end.offset..<range.upperBound), scratch) : 0
            return max(limit, (head?.tokens ?? 0) + end.tokens - start.tokens + rest)
        }
    }

    /// The first exact mark after `offset`, at `limit` or before. A mark at `offset` itself would leave
    /// nothing to begin the text with.
    private func exactMark(from offset: Int, to limit: Int) -> Int? {
        var index = marks.index(at: offset) + 1
        while index < marks.marks.count, marks.marks[index].offset <= limit {
            if marks.marks[index].isExact { return index }
            index += 1
        }
        return nil
    }

    private func exactMark(upTo limit: Int, from first: Int) -> Int? {
        var index = marks.index(at: limit)
        while index >= first {
            if marks.marks[index].isExact { return index }
            index -= 1
        }
        return nil
    }
}
