#if Command

import Martlet
import MartletData

/// The library's late interaction: the row of a text is the list of its tokens' vectors.
struct MultiVectorEngine: TextProcessor {
    let embedder: MultiVectorEmbedder
    let role: TextRole?
    let options: EmbedOptions

    private static let maxBytesAtOnce = 8 << 20

    /// By a guess of their tokens, as where texts are not pooled.
    func count(ofFirst records: ArraySlice<Record>) -> Int {
        let limit = Self.maxBytesAtOnce / (embedder.model.dimensions * MemoryLayout<Float>.stride)
        var tokens = 0
        for (count, record) in records.enumerated() {
            tokens += min(embedder.model.maxTokens, max(32, record.text.utf8.count / 3 + 3))
            if tokens > limit { return max(1, count) }
        }
        return records.count
    }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        let found: MultiVectorEmbeddings
        do {
            found = try await embedder.embed(texts, as: role, options: options)
        } catch let error as MartletError {
            throw error.ofText
        }
        let rows = MultiVectorRows(
            tokens: found.map { $0.ids.map { embedder.token($0) ?? "" } }, dimensions: found.dimensions,
            vectors: found.flatMap(\.vectors.floats))
        return Processed(.multiVector(rows), found.usage)
    }
}

#endif
