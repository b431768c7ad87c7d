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
