#if Server

internal import Martlet

extension EmbedService {
    /// How well documents answer a query, by a cross-encoder or a late-interaction model.
    /// - Parameter name: The model; nil: the first that scores pairs.
    func relevance(
        of documents: [String], for query: String, _ name: String?, parameter: String, _ call: Call
    ) async throws -> [Float] {
        let isLate = try await isLateInteraction(name)
        guard isLate else {
            let outcome = try await scores(
                documents.map { .pair(query, $0) }, name, parameter: parameter, truncation: .native,
                isRaw: false, needsOne: true, call)
            return outcome.rows.map { $0[0] }
        }
        func vectors(_ texts: [String], isQuery: Bool) async throws -> MultiVectorOutcome {
            let request = EmbedRequest(
                model: name, inputs: texts.map { .text($0) }, parameter: parameter,
                role: isQuery ? .query : .document)
            return try await multiVectors(request, isQuery: isQuery, dimensions: nil, call)
        }
        let question = try await vectors([query], isQuery: true)
        let found = try await vectors(documents, isQuery: false)
        do throws(MartletError) {
            let query = try Self.tokenVectors(question.rows.first ?? [], found.dimensions)
            return try found.rows.map { (row) throws(MartletError) in
                try query.maxSim(Self.tokenVectors(row, found.dimensions))
            }
        } catch {
            throw ServiceError(error)
        }
    }

    private static func tokenVectors(_ floats: [Float], _ dimensions: Int) throws(MartletError)
        -> MultiVectorEmbedding
    {
        let vectors = try Embeddings(floats: floats, dimensions: dimensions)
        return try MultiVectorEmbedding(ids: [Int](repeating: 0, count: vectors.count), vectors: vectors)
    }

    private func isLateInteraction(_ name: String?) async throws -> Bool {
        guard let name else { return false }
        return try await store.withModel(name) { model in
            if case .multiVectors = model.part { true } else { false }
        }
    }
}

#endif
