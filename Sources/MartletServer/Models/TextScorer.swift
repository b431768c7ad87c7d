#if Server

internal import Martlet

/// A text, or two together, that a model scores.
enum ScorerInput: Sendable, Equatable {
    case text(String)
    case pair(String, String)
}

/// The part of a served model that gives numbers to texts: a cross-encoder or a classifier.
protocol TextScorer: Sendable {
    /// One name for each number.
    var labelNames: [String] { get }
    /// Runs on the calling thread.
    func tokens(of input: ScorerInput, _ truncation: TruncationPolicy) throws(MartletError) -> TokenizedText
    /// A number for each label, from hidden states [tokens × hiddenSize].
    func numbers(of hidden: UnsafeBufferPointer<Float>, tokens: Int) -> [Float]
    /// What clients see of the numbers.
    /// - Parameter isRaw: Without the model's activation.
    func scores(_ numbers: [Float], isRaw: Bool) -> [Float]
}

/// The part of a served model that gives sparse vectors.
protocol SparseReader: Sendable {
    /// What its vectors are compared by; nil: not known.
    var identity: ModelIdentity? { get }
    /// Tokens for a forward pass, or the vector at once where no encoder is needed.
    func prepare(_ text: String, _ role: TextRole?, _ options: EmbedOptions) throws(MartletError)
        -> SparseText
    /// One pass on the calling thread. A row that is nil is not finite.
    func rows(of texts: [TokenizedText], on worker: Worker) -> [SparseEmbedding?]
}

enum SparseText: Sendable {
    case tokens(TokenizedText)
    case row(SparseEmbedding, tokens: Int, isTruncated: Bool)
}

/// The part of a served model that gives a vector for each token, for late interaction.
protocol MultiVectorReader: Sendable {
    var dimensions: Int { get }
    func prepare(_ text: String, isQuery: Bool, _ options: EmbedOptions) throws(MartletError) -> (
        text: TokenizedText, isTruncated: Bool
    )
    /// Vectors one after the other, from hidden states [tokens × hiddenSize]. Runs on the queue's threads.
    func vectors(of hidden: UnsafeBufferPointer<Float>, _ text: TokenizedText, isQuery: Bool) -> [Float]
}

#endif
