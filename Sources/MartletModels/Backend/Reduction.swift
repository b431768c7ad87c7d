/// What is kept of the hidden states of a batch. A device computes it, so that it returns these rows and not
/// all of its states.
package enum Reduction: Sendable, Equatable {
    /// The hidden state of every token, [tokens × hiddenSize].
    case tokens
    /// One row a text, [modes × hiddenSize]: its tokens pooled by each mode, without those of the context and
    /// without the first `skip`, which are the prompt's. A text without tokens has none.
    case pooled([PoolingMode], skip: Int)
    /// What the first token of each text attends to in the last layer: the mean over the heads, one number
    /// for each of the text's tokens, [tokens × 1].
    case attentionOfFirstToken

    /// Whether it reads the last token of each text alone.
    package var readsLastTokens: Bool {
        self == .pooled([.last], skip: 0)
    }
}
