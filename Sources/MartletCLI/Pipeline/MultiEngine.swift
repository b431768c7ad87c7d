#if Command

import Martlet

/// The library's late interaction: the row of a text is the list of its tokens' vectors.
struct MultiEngine: TextEngine {
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

    func embed(_ texts: [String]) throws -> EngineResult {
        let found: MultiVectorEmbeddings
        do throws(MartletError) {
            found = try embedder.embedBlocking(texts, as: role, options: options)
        } catch {
            throw error.ofText
        }
        let rows = Rows(
            tokens: found.map { $0.ids.map { embedder.token($0) ?? "" } }, dimensions: found.dimensions,
            vectors: found.flatMap(\.vectors.floats))
        return EngineResult(
            rows: rows, tokens: found.usage.tokens, truncated: found.usage.truncatedInputs, blank: found.usage.blankInputs)
    }
}

#endif
