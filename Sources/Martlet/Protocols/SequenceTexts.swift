/// A sequence as an asynchronous one.
public struct SequenceTexts<Texts: Sequence & Sendable>: AsyncSequence, Sendable
where Texts.Element == String {
    /// One text.
    public typealias Element = String

    let texts: Texts

    /// Starts with the first text.
    public func makeAsyncIterator() -> Iterator { Iterator(texts: texts.makeIterator()) }

    /// Returns one text after the other.
    public struct Iterator: AsyncIteratorProtocol {
        var texts: Texts.Iterator

        /// The next text, or nil after the last.
        public mutating func next() async -> String? { texts.next() }
    }
}
