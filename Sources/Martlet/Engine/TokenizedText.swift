/// One text, or a pair, as ids for the encoder.
package struct TokenizedText: Sendable {
    package var ids: [Int32]
    /// One per token where the model tells the parts of a pair apart by them; nil: all 0.
    package var types: [Int32]?
    /// Tokens at the start that belong to the prompt, with the special tokens before it, and are left out of
    /// pooling.
    package var promptTokens: Int
    /// Tokens before truncation; more than `ids` if the text was cut.
    package var total: Int
    /// Tokens at the end that no token attends to, though they attend to the others. Where there are any,
    /// `Encoder.hidesTokens` must hold.
    package var hidden = 0

    /// Whether what is made of the text reads the hidden state of its last token alone: where many texts begin
    /// alike, the first tokens may have none then.
    package var isReadByLastToken = false

    package init(ids: [Int32], types: [Int32]? = nil, promptTokens: Int = 0, total: Int? = nil) {
        self.ids = ids
        self.types = types
        self.promptTokens = promptTokens
        self.total = total ?? ids.count
    }
}
