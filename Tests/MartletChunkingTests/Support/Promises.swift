import Testing

@testable import MartletChunking

/// Checks what every chunker promises of every text.
enum Promises {
    /// - Parameter usesSource: The text of a chunk is the bytes of its range.
    static func check(
        _ chunks: [Chunk], of text: String, _ counter: some TokenCounter, budget: Int,
        usesSource: Bool = true,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let source = SourceText(text)
        let name = text.debugDescription.prefix(400)
        var joined: [UInt8] = []
        var end = 0
        for (index, chunk) in chunks.enumerated() {
            #expect(chunk.index == index, "\(name)", sourceLocation: location)
            #expect(chunk.range.lowerBound + chunk.overlap == end, "\(name)", sourceLocation: location)
            #expect(chunk.range.upperBound > end, "\(name)", sourceLocation: location)
            guard chunk.range.lowerBound + chunk.overlap == end, chunk.range.upperBound > end else { return }
            joined += source.bytes[end..<chunk.range.upperBound]
            end = chunk.range.upperBound
            #expect(
                chunk.tokens == counter.count(chunk.text), "chunk \(index) of \(name)",
                sourceLocation: location)
            #expect(chunk.tokens <= budget, "chunk \(index) of \(name)", sourceLocation: location)
            guard usesSource else { continue }
            #expect(chunk.text == source.text(in: chunk.range), sourceLocation: location)
            #expect(
                chunk.line == line(of: chunk, in: source), "chunk \(index) of \(name)",
                sourceLocation: location)
        }
        #expect(joined == source.bytes, "\(name)", sourceLocation: location)
    }

    /// Cuts are between words, or a word alone is too large.
    static func checkWords(_ chunks: [Chunk], of text: String, _ counter: some TokenCounter, budget: Int) {
        let source = SourceText(text)
        var words = [0]
        WordBreaks.forEach(in: source, 0..<source.count) { offset in
            if source.isGraphemeBoundary(offset) { words.append(offset) }
            return true
        }
        words.append(source.count)
        let starts = Set(words)
        for chunk in chunks.dropFirst() where !starts.contains(chunk.range.lowerBound) {
            let cut = chunk.range.lowerBound
            guard let next = words.firstIndex(where: { $0 > cut }), next > 0 else { continue }
            let alone = source.text(in: words[next - 1]..<words[next])
            // What is around a word may stay with it: quotes and brackets, and the full stop that follows.
            let first = max(0, next - 4)
            let around = source.text(in: words[first]..<words[min(words.count - 1, next + 3)])
            let isTooLarge = counter.count(alone) > budget || counter.count(around) > budget
            #expect(isTooLarge, "\(alone.debugDescription) is cut in \(text.debugDescription.prefix(300))")
        }
        for chunk in chunks where !source.isGraphemeBoundary(chunk.range.lowerBound) {
            let cut = chunk.range.lowerBound
            var (first, last) = (cut, cut)
            while !source.isGraphemeBoundary(first) { first -= 1 }
            while !source.isGraphemeBoundary(last) { last += 1 }
            let character = source.text(in: first..<last)
            #expect(counter.count(character) > budget, "\(character.debugDescription) is cut")
        }
    }

    private static func line(of chunk: Chunk, in source: SourceText) -> Int {
        let visible = source.skippingWhitespace(from: chunk.range.lowerBound, to: chunk.range.upperBound)
        return 1 + source.bytes[..<visible].count { $0 == 0x0A }
    }
}
