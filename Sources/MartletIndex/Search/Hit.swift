/// A record that a search found, and why.
public struct Hit: Sendable, Hashable {
    /// A term of the question, and what it adds to the score of words.
    public struct Term: Sendable, Hashable {
        /// A word of the question, without its ending.
        public let term: String
        /// What it adds to the score of words.
        public let score: Float
    }

    /// The id of the record.
    public let id: String
    /// Its text.
    public let text: String
    /// Its fields.
    public let fields: [String: FieldValue]
    /// What hits are ordered by: the similarity, the score of words, or what they were fused to.
    public let score: Float
    /// Of the vector to that of the nearest question; nil if none has a vector.
    public let similarity: Float?
    /// From 1, among all records for the first question with a vector; nil if its list of candidates does not
    /// have it.
    public let vectorRank: Int?
    /// BM25 for the first question that has a text.
    public let wordScore: Float?
    /// Its place among the records found by words, from 1; nil: it was not found by words.
    public let wordRank: Int?
    /// The terms of that question that the record has.
    public let terms: [Term]
    /// What a reranker said of the question and the text; nil: it did not read them. Its order goes before
    /// that of ``score``.
    public internal(set) var rerankScore: Float?
}
