import Martlet

/// The library's embedder without pooling: the row of a text is the list of its tokens' vectors.
struct TokenEngine: TextEngine {
    let embedder: Embedder
    let role: TextRole?
    let options: EmbedOptions

    /// A long text has as many numbers as hundreds of pooled ones.
    var textsAtOnce: Int { 1 }

    func embed(_ texts: [String]) throws -> EngineResult {
        precondition(texts.count == 1, "\(texts.count) texts in a call that takes one")
        let found: TokenVectors
        do throws(MartletError) {
            found = try embedder.tokenVectorsBlocking(of: texts[0], as: role, options)
        } catch {
            throw error.ofText
        }
        let usage = found.vectors.usage
        return EngineResult(
            rows: Rows(tokens: found.tokens, vectors: found.vectors.floats), tokens: usage.tokens, truncated: usage.truncatedInputs,
            blank: usage.blankInputs)
    }
}
