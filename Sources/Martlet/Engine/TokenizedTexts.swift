/// The token ids of a batch of texts, in chunks that were made in parallel.
struct TokenizedTexts: Sendable {
    /// The ids of consecutive texts, end to end, and what was found on the way.
    struct Chunk: Sendable {
        var ids: [Int32] = []
        var ends: [Int] = []
        var truncated: [(index: Int, total: Int)] = []
        var blank = 0
    }

    static let chunkSize = 32

    let chunks: [Chunk]
    /// Tokens of each text after truncation, special tokens and prompt included.
    let lengths: [Int]
    /// Tokens at the start of each text that belong to the prompt, with the special tokens before it.
    let promptTokens: Int
    let usage: Usage

    func ids(of text: Int) -> ArraySlice<Int32> {
        let chunk = chunks[text / TokenizedTexts.chunkSize]
        let place = text % TokenizedTexts.chunkSize
        return chunk.ids[(place == 0 ? 0 : chunk.ends[place - 1])..<chunk.ends[place]]
    }
}
