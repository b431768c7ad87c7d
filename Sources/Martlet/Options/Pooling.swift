/// How the hidden states of a text's tokens, one vector per token, become one vector per text.
///
/// Definitions follow `sentence_transformers.models.Pooling`; special tokens such as `[CLS]` and `[SEP]`
/// count as tokens.
public enum Pooling: String, Sendable, Hashable, Codable, CaseIterable {
    /// What the model's own files say. The default.
    case native
    /// The mean over the tokens.
    case mean
    /// The first token's vector.
    case cls
    /// The last token's vector.
    case last
    /// The largest value of each dimension over the tokens.
    case max
    /// The sum over the tokens divided by the square root of their number.
    case meanSqrtLen = "mean_sqrt_len"
    /// The mean weighted by position: token i, from 1, has weight i.
    case weightedMean = "weighted_mean"
}
