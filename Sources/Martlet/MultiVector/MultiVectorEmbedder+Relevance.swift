extension MultiVectorEmbedder: RelevanceModel {
    /// The score of each document by late interaction, see ``MultiVectorEmbedding/maxSim(_:)``.
    public func scores(of documents: [String], for query: String) async throws -> [Float] {
        var scores = [Float](repeating: 0, count: documents.count)
        for match in try await rank(documents, for: query) { scores[match.index] = match.score }
        return scores
    }
}
