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
