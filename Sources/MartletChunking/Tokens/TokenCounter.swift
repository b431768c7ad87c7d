/// Counts the tokens of texts as one model does.
///
/// ``Embedder/tokenCounter(as:prompt:)`` gives that of a model. A type of your own needs ``maxTokens`` and
/// ``count(_:)``.
public protocol TokenCounter: Sendable {
    /// The most tokens of one text, prompt and special tokens included.
    var maxTokens: Int { get }

    /// Tokens of a text as the model reads it, prompt and special tokens included.
    func count(_ text: String) -> Int

    /// Goes over a text once, so that the sizes of its parts can be looked up.
    ///
    /// What there is by default counts each part by itself.
    func measure(_ text: String) -> any TextMeasure
}

extension TokenCounter {
    public func measure(_ text: String) -> any TextMeasure { CountedText(text, counter: self) }
}

/// Counts each part by itself.
struct CountedText<Counter: TokenCounter>: TextMeasure {
    private let text: String
    private let counter: Counter
    private let bytes: Int
    private let total: Int

    init(_ text: String, counter: Counter) {
        self.text = text
        self.counter = counter
        bytes = max(1, text.utf8.count)
        total = counter.count(text)
    }

    func tokens(in range: Range<Int>) -> Int {
        let utf8 = text.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        return counter.count(String(text[start..<utf8.index(start, offsetBy: range.count)]))
    }

    func estimatedTokens(before offset: Int) -> Int { Int(Double(total) * Double(offset) / Double(bytes)) }
}
