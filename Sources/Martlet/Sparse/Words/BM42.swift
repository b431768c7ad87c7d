/// The parameters of BM42 (Qdrant 2024; fastembed's `Qdrant/bm42-all-minilm-l6-v2-attentions`).
///
/// A document has ln(1 + a)^alpha for each of its words, a being the attention of the first token to the
/// word's pieces in the encoder's last layer; a query has 1. How rare a word is (IDF) is left to the index
/// that is searched.
public struct BM42: Sendable, Hashable {
    /// Evens the weights out the more, the smaller it is.
    public var alpha: Float
    /// Words that are left out, in lower case; nil: those of `stopwords.txt` beside the model, else English
    /// ones.
    public var stopWords: Set<String>?

    /// Parameters; the defaults are fastembed's.
    public init(alpha: Float = 0.5, stopWords: Set<String>? = nil) {
        self.alpha = alpha
        self.stopWords = stopWords
    }
}
