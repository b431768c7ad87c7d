/// What a model's files say of it, read from its configuration alone: no weight is read and no file is
/// fetched.
///
/// A server's catalogue, `inspect` and loading use the same manifest, so that what a model is called and what
/// it does are never guessed from an attempt to load it. Reading takes the time of a few small JSON files, or
/// of a GGUF file's metadata.
public struct ModelManifest: Codable, Hashable, Sendable {
    /// How the files are kept.
    public enum Format: String, Codable, Hashable, Sendable {
        /// A folder as sentence-transformers and transformers save it.
        case folder
        /// A GGUF file.
        case gguf
    }

    /// The limits of a text in tokens, special tokens included; nil where the files give none.
    public struct Limits: Codable, Hashable, Sendable {
        /// Of any text.
        public var tokens: Int?
        /// Of a query, where queries have a limit of their own.
        public var queryTokens: Int?
        /// Of a document, where documents have a limit of their own.
        public var documentTokens: Int?
    }

    /// How the files are kept.
    public var format: Format
    /// What the model makes of a text; the first is what it makes unless something else is asked for. bge-m3
    /// makes three things.
    public var kinds: [ModelKind]
    /// The encoder's family: `model_type` of config.json, or `general.architecture` of a GGUF file; empty
    /// where there is none.
    public var family = ""
    /// The modules in order, as modules.json lists them; empty where there is no such file.
    public var modules: [ModelModule] = []
    /// The folder of the encoder's files inside the model folder; empty for the model folder itself.
    public var encoderFolder = ""
    /// How token vectors become one; several are concatenated. Empty where the files do not say, or the model
    /// does not pool.
    public var pooling: [Pooling] = []
    /// Whether the tokens of a prompt take part in pooling.
    public var poolsPrompt = true
    /// Prompts by name; a prompt is put before the text.
    public var prompts: [String: String] = [:]
    /// The prompt that is used where no role and no prompt is given; nil: none.
    public var defaultPromptName: String?
    /// The limits of a text.
    public var limits = Limits()
    /// The number of leading dimensions that are kept where the caller does not say; nil: all.
    public var dimensions: Int?
    /// The similarity that the model was trained for; nil where the files do not say.
    public var similarity: SimilarityFunction?
    /// The tasks that the model has adapters for.
    public var tasks: [String] = []
    /// Names of a classifier's labels, where the files give them.
    public var labels: [String] = []

    /// What the model makes of a text unless something else is asked for.
    public var kind: ModelKind { kinds[0] }

    init(_ format: Format, kinds: [ModelKind]) {
        self.format = format
        self.kinds = kinds
    }
}

extension ModelKind: Codable {}
