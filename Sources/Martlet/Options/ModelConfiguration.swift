/// How an embedder computes. The defaults use the whole machine.
public struct ModelConfiguration: Sendable, Hashable {
    /// Threads for the forward pass, from 1 to 1024; nil: those of ``context``. Models with the same number
    /// share their threads.
    public var threads: Int?
    /// The threads that the model computes on; nil: ``ComputeContext/shared``, or as many as ``threads``
    /// says.
    public var context: ComputeContext?
    /// The arithmetic of matrix products.
    public var precision: Precision
    /// The SIMD kernels to use; nil: what the environment variable `MARTLET_ISA` names, else the best that
    /// this CPU has.
    public var instructionSet: InstructionSet?
    /// The most tokens in one forward pass of one thread, from 1 to 2^24; nil: what fits the CPU's cache. A
    /// longer text goes alone. More costs memory, on each thread.
    public var maxBatchTokens: Int?
    /// Pooling for a model whose files do not say, and in place of what they say; ``Pooling/native`` leaves
    /// it to the files.
    public var pooling: Pooling
    /// The most tokens of one text, special tokens included, in place of the model's own limit; at most the
    /// encoder's positions.
    public var maxTokens: Int?
    /// The task whose adapter is added to the weights, for models that have one for each of several tasks,
    /// such as "retrieval.query" of jina-embeddings-v3: see ``ModelInfo/tasks``. Its prompt, where the model
    /// has one of that name, is then the default. Nil: none.
    public var task: String?
    /// Whether packed weights are kept on disk for the next start.
    public var weightCache: WeightCache

    /// A configuration; what is not given uses the whole machine and what the model says. Values are checked
    /// when a model is loaded.
    public init(
        threads: Int? = nil, precision: Precision = .auto, instructionSet: InstructionSet? = nil,
        maxBatchTokens: Int? = nil,
        pooling: Pooling = .native, maxTokens: Int? = nil, task: String? = nil,
        weightCache: WeightCache = .automatic,
        context: ComputeContext? = nil
    ) {
        self.threads = threads
        self.precision = precision
        self.instructionSet = instructionSet
        self.maxBatchTokens = maxBatchTokens
        self.pooling = pooling
        self.maxTokens = maxTokens
        self.task = task
        self.weightCache = weightCache
        self.context = context
    }
}
