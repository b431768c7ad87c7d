#if Command

import Martlet
import MartletData

/// The library's embedder without pooling: the row of a text is the list of its tokens' vectors.
struct TokenEngine: TextProcessor {
    let embedder: Embedder
    let role: TextRole?
    let options: EmbedOptions

    /// A long text has as many numbers as hundreds of pooled ones.
    private static let maxBytesAtOnce = 8 << 20

    /// By a guess of their tokens, most of which have more than 3 bytes. None has less than one, so that the
    /// worst of texts take three times the bytes.
    func count(ofFirst records: ArraySlice<Record>) -> Int {
        let limit = Self.maxBytesAtOnce / (embedder.model.hiddenSize * MemoryLayout<Float>.stride)
        var tokens = 0
        for (count, record) in records.enumerated() {
            tokens += min(embedder.model.maxTokens, record.text.utf8.count / 3 + 2)
            if tokens > limit { return max(1, count) }
        }
        return records.count
    }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        let found: TokenVectorBlock
        do throws(MartletError) {
            let (engine, role) = try embedder.engine(for: role)
            found = try engine.tokenVectors(texts, role: role, options)
        } catch {
            throw error.ofText
        }
        let rows = MultiVectorRows(tokens: found.tokens, dimensions: found.dimensions, vectors: found.floats)
        return Processed(.multiVector(rows), found.usage)
    }
}

#endif
