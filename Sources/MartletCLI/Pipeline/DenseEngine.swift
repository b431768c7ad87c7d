#if Command

import Martlet
import MartletData

/// The library's embedder with the options of a run.
struct DenseEngine: TextProcessor {
    let embedder: Embedder
    let role: TextRole?
    let options: EmbedOptions
    let quantizer: RowQuantizer

    /// Several calls' vectors are in memory at once: computed, waiting, and being written.
    private static let maxBytesAtOnce = 8 << 20

    /// Even parts of what does not fit one call: a small rest would not fill the threads.
    func count(ofFirst records: ArraySlice<Record>) -> Int {
        let most = max(1, Self.maxBytesAtOnce / (embedder.model.dimensions * MemoryLayout<Float>.stride))
        let calls = max(1, (records.count + most - 1) / most)
        return (records.count + calls - 1) / calls
    }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        let embeddings: Embeddings
        do {
            embeddings = try await embedder.embed(texts, as: role, options: options)
        } catch let error as MartletError {
            throw error.ofText
        }
        return Processed(try quantizer.rows(embeddings), embeddings.usage)
    }
}

#endif
