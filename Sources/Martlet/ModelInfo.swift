/// Everything that is known about a loaded model: what `martlet inspect` prints.
public struct ModelInfo: Sendable, Hashable {
    /// The name in the model's files, or the last component of its path.
    public package(set) var name = ""
    /// The path of the folder or file; empty for a model inside the binary.
    public package(set) var path = ""
    /// What the model makes of a text.
    public package(set) var kind = ModelKind.embedder
    /// The encoder's family, such as "bert".
    public package(set) var architecture = ""
    /// Number of encoder layers.
    public package(set) var layers = 0
    /// Number of dimensions of a token's hidden state.
    public package(set) var hiddenSize = 0
    /// Number of attention heads in a layer.
    public package(set) var heads = 0
    /// Number of units between the two matrices of a layer's feed-forward block.
    public package(set) var intermediateSize = 0
    /// Number of token ids.
    public package(set) var vocabularySize = 0
    /// Number of weights in the encoder and in the modules after it.
    public package(set) var parameters = 0
    /// How most weights are stored in the file, such as "q8_0" or "f32".
    public package(set) var weightType = ""
    /// The most tokens of one text, special tokens included; a longer text is truncated.
    public package(set) var maxTokens = 0
    /// How token vectors become a text's vector; more than one name: the results are concatenated in this
    /// order.
    public package(set) var pooling: [Pooling] = []
    /// Whether the model scales its vectors to length 1; one that cuts them afterwards does not.
    public package(set) var normalizes = false
    /// Number of dimensions of a text's vector where the caller asks for no other.
    public package(set) var dimensions = 0
    /// The most dimensions that a caller may ask for, where the model's files ask for fewer; else 0.
    package var mostDimensions = 0
    /// Names of the labels of a classifier; a reranker has one.
    public package(set) var labels: [String] = []
    /// How a reranker puts a pair together, such as "[CLS] A [SEP] B [SEP]"; empty for other models.
    public package(set) var pairForm = ""
    /// What a classifier's or reranker's numbers go through, such as "sigmoid" or "raw"; empty for other
    /// models.
    public package(set) var scoreActivation = ""
    /// Prompts by name; a prompt is put before the text.
    public package(set) var prompts: [String: String] = [:]
    /// The prompt that is used where no role and no prompt is given; nil: none.
    public package(set) var defaultPromptName: String?
    /// The tasks that the model has adapters for, which ``ModelConfiguration/task`` may name.
    public package(set) var tasks: [String] = []
    /// The task whose adapter was added to the weights; nil: none.
    public package(set) var task: String?
    /// The similarity the model was trained for.
    public package(set) var similarity = SimilarityFunction.cosine
    /// The tokenizer in words, such as "WordPiece, 30522 tokens, lowercase".
    public package(set) var tokenizer = ""
    /// The arithmetic in use: "f32", "bf16", "int8" or "int4".
    public package(set) var precision = ""
    /// The instruction set in use, such as "avx512vnni".
    public package(set) var instructionSet = ""
    /// Number of threads in use.
    public package(set) var threads = 0
    /// The most bytes that all threads' buffers for tokens and hidden states can grow to, whatever the
    /// corpus; weights not counted.
    public package(set) var workingMemoryLimit = 0
    /// The way from text to vector in one line, such as "WordPiece(30522, lowercase) → BERT(6 × 384, 12
    /// heads) → mean → normalize".
    public package(set) var pipeline = ""
    /// What the model's files leave open and how it was settled, one sentence each. Usually empty.
    public package(set) var notes: [String] = []

    package init() {}

    /// The encoder in words.
    var encoderText: String {
        if layers == 0 { return "STATIC(\(vocabularySize) × \(hiddenSize))" }
        return "\(architecture.uppercased())(\(layers) × \(hiddenSize), \(heads) heads)"
    }
}
