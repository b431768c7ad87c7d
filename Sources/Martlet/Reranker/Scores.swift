/// A number for each document, in the order of the documents.
public struct Scores: Sendable, Hashable {
    /// One for each document.
    public let values: [Float]
    /// What it took to compute them.
    public let usage: Usage
}

extension Scores: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { values.count }
    /// The score of the document at `index`.
    public subscript(index: Int) -> Float { values[index] }
}
