#if Command

import Martlet

/// The library's embedder with the options of a run.
struct LibraryEngine: TextEngine {
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

    func embed(_ texts: [String]) throws -> EngineResult {
        let embeddings: Embeddings
        do throws(MartletError) {
            embeddings = try embedder.embedBlocking(texts, as: role, options: options)
        } catch {
            throw error.ofText
        }
        return EngineResult(
            rows: try quantizer.rows(embeddings), tokens: embeddings.usage.tokens, truncated: embeddings.usage.truncatedInputs,
            blank: embeddings.usage.blankInputs)
    }
}

#endif
