/// A record that a search found, and why.
public struct Hit: Sendable, Hashable {
    /// A term of the question, and what it adds to the score of words.
    public struct Term: Sendable, Hashable {
        public let term: String
        public let score: Float
    }

    public let id: String
    public let text: String
    public let fields: [String: FieldValue]
    /// What hits are ordered by: the similarity, the score of words, or what they were fused to.
    public let score: Float
    /// Of the vector to the first question that has one.
    public let similarity: Float?
    /// From 1, among all records; nil if the list of candidates does not have it.
    public let vectorRank: Int?
    /// BM25 for the first question that has a text.
    public let wordScore: Float?
    public let wordRank: Int?
    /// The terms of that question that the record has.
    public let terms: [Term]
}
