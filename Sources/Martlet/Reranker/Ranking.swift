/// A document and how well it answers a query.
public struct RankedDocument: Sendable, Hashable {
    /// Its position among the documents of the call, from 0.
    public let index: Int
    /// The model's score, after the activation that the call asked for.
    public let score: Float

    /// Whether this document comes before another: the higher score first, the lower index among equals.
    func precedes(_ other: RankedDocument) -> Bool {
        score == other.score ? index < other.index : score > other.score
    }
}

/// Documents in the order of their scores, best first; the earlier document first among equal scores.
public struct Ranking: Sendable, Hashable {
    private let documents: [RankedDocument]
    /// What it took to score all documents, those that were not asked for included; its indices are those of
    /// the documents.
    public let usage: Usage

    init(_ scores: Scores, topN: Int?) {
        let ranked = scores.enumerated().map { RankedDocument(index: $0.offset, score: $0.element) }.sorted {
            $0.precedes($1)
        }
        documents = topN.map { $0 > 0 ? Array(ranked.prefix($0)) : [] } ?? ranked
        usage = scores.usage
    }
}

extension Ranking: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { documents.count }
    /// The document in a place of the ranking, from 0.
    public subscript(place: Int) -> RankedDocument { documents[place] }
}

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
