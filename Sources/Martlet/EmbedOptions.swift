internal import MartletTokenizers

/// How the hidden states of a text's tokens, one vector per token, become one vector per text.
///
/// Definitions follow `sentence_transformers.models.Pooling`; special tokens such as `[CLS]` and `[SEP]` count as tokens.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
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

/// What happens to a text with more tokens than the model takes.
public enum TruncationPolicy: String, Sendable, Hashable, CaseIterable {
    /// Cuts the side that the model's files name, which is the end unless they say otherwise; the text is listed in
    /// ``Usage/truncatedInputs``. The default.
    case native
    /// Keeps the beginning; the text is listed in ``Usage/truncatedInputs``.
    case end
    /// Keeps the end; the text is listed in ``Usage/truncatedInputs``.
    case start
    /// Throws ``MartletError/Code/inputTooLong`` with the index of the text.
    case error
}

/// What a text is to the search, for models that were trained with a prompt for each role.
///
/// The prompt that belongs to a role is read from the model's `config_sentence_transformers.json` and put before each text.
public struct TextRole: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case query, document
        case named(String)
    }
    let kind: Kind

    /// A question or search term: the prompt "query", or none if the model has no such prompt.
    public static let query = TextRole(kind: .query)
    /// A text to be found: the first of the prompts "document", "passage" and "corpus" that the model has, or none.
    public static let document = TextRole(kind: .document)

    init(kind: Kind) { self.kind = kind }

    /// The prompt of that name.
    /// - Parameter promptName: A key of the model's prompts, see ``ModelInfo/prompts``. An unknown name is an error when embedding.
    public init(promptName: String) { self.init(kind: .named(promptName)) }
}

/// Options of one call that embeds texts.
public struct EmbedOptions: Sendable, Hashable {
    /// How token vectors become a text's vector. Default: as the model says.
    public var pooling: Pooling
    /// The number of leading dimensions to keep, from 1 to the model's own number (Matryoshka). Nil keeps all.
    ///
    /// Only models trained for it keep their quality. If vectors are normalised, they are normalised again after the cut.
    public var dimensions: Int?
    /// Whether each vector is scaled to length 1. Nil: as the model says.
    public var normalize: Bool?
    /// What happens to a text that is too long. Default: its end is cut off and the cut is reported.
    public var truncation: TruncationPolicy
    /// Put before each text, literally; it replaces the prompt of the role.
    public var prompt: String?

    /// Options; everything that is not given stays as the model says.
    public init(
        pooling: Pooling = .native, dimensions: Int? = nil, normalize: Bool? = nil, truncation: TruncationPolicy = .native,
        prompt: String? = nil
    ) {
        self.pooling = pooling
        self.dimensions = dimensions
        self.normalize = normalize
        self.truncation = truncation
        self.prompt = prompt
    }
}

extension TruncationPolicy {
    /// The side that a tokenizer cuts.
    func side(_ tokenizer: Tokenizer) -> Truncation { self == .start || self == .native && tokenizer.cutsStart ? .start : .end }
}
