/// What must be equal for two vectors to be compared: the files that the model was read from and everything
/// that shapes its output.
public struct VectorSpace: Sendable {
    /// The model's name, for people. It is not compared: the digests are.
    public var model: String
    /// What the model makes of a text.
    public var kind: EmbeddingKind
    /// Dimensions of each vector.
    public var dimensions: Int
    /// How token vectors became a text's; several: their results are concatenated. Empty where nothing is
    /// pooled.
    public var pooling: [String]
    /// Whether vectors are scaled to length 1.
    public var isNormalized: Bool
    /// The model's prompts by name. A role chooses among them, so queries and documents are of one space.
    public var prompts: [String: String]
    /// The task whose adapter was added to the weights; nil: none.
    public var task: String?
    /// The digest of an adapter that was added to the weights; nil: none.
    public var adapter: String?
    /// The digest of the corpus context that texts were read in; nil: none.
    public var context: String?
    let digests: ModelDigests

    /// A space.
    /// - Parameters:
    ///   - model: A name for people.
    ///   - weights: What names the weights: "sha256:…" of their file, or the provider and model of a remote
    ///     one, as "openai:NAME".
    ///   - tokenizer: The same for the tokenizer; empty for a model that does not say.
    ///   - configuration: The same for the encoder's configuration; empty for a model that does not say.
    ///   - kind: What the model makes of a text.
    ///   - dimensions: Dimensions of each vector.
    ///   - pooling: How token vectors became a text's.
    ///   - isNormalized: Whether vectors have length 1.
    ///   - prompts: The model's prompts by name.
    ///   - task: The task whose adapter was added to the weights.
    ///   - adapter: The digest of an adapter.
    ///   - context: The digest of a corpus context.
    public init(
        model: String, weights: String, tokenizer: String = "", configuration: String = "",
        kind: EmbeddingKind = .dense, dimensions: Int,
        pooling: [String] = [], isNormalized: Bool = false, prompts: [String: String] = [:],
        task: String? = nil, adapter: String? = nil,
        context: String? = nil
    ) {
        self.init(
            model: model,
            digests: ModelDigests(
                weights: LazyDigest(weights), tokenizer: LazyDigest(tokenizer),
                configuration: LazyDigest(configuration)),
            kind: kind, dimensions: dimensions)
        self.pooling = pooling
        self.isNormalized = isNormalized
        self.prompts = prompts
        self.task = task
        self.adapter = adapter
        self.context = context
    }

    init(model: String, digests: ModelDigests, kind: EmbeddingKind, dimensions: Int) {
        self.model = model
        self.digests = digests
        self.kind = kind
        self.dimensions = dimensions
        pooling = []
        isNormalized = false
        prompts = [:]
    }

    /// "sha256:…" of the weights. The first call may read the file; the digest is then remembered between
    /// runs.
    public var weights: String { digests.weights.value }
    /// "sha256:…" of the tokenizer's file. The first call may read the file.
    public var tokenizer: String { digests.tokenizer.value }
    /// "sha256:…" of the encoder's configuration. The first call may read the file.
    public var configuration: String { digests.configuration.value }

    /// What differs first, as a clause for messages; nil: nothing. Digests are looked at last and only where
    /// the models were opened apart.
    public func difference(from other: VectorSpace) -> String? {
        func differs<Value: Equatable>(_ name: String, _ path: KeyPath<VectorSpace, Value>) -> String? {
            let (mine, theirs) = (self[keyPath: path], other[keyPath: path])
            return mine == theirs ? nil : "\(name) \(Self.text(mine)) and \(Self.text(theirs))"
        }
        if let difference = differs("kind", \.kind.rawValue) ?? differs("dimensions", \.dimensions)
            ?? differs("pooling", \.pooling)
            ?? differs("normalized", \.isNormalized) ?? differs("task", \.task) ?? differs(
                "adapter", \.adapter)
            ?? differs("context", \.context)
        {
            return difference
        }
        if digests !== other.digests, weights != other.weights {
            return
                "models \(model) and \(other.model), weights \(Self.short(weights)) and \(Self.short(other.weights))"
        }
        if digests !== other.digests,
            let difference = differs("tokenizer", \.tokenizer) ?? differs("configuration", \.configuration)
        {
            return difference
        }
        return prompts == other.prompts ? nil : "the models' prompts"
    }

    private static func text(_ value: Any) -> String {
        switch value {
        case let text as String: short(text)
        case let list as [String]: list.isEmpty ? "none" : list.joined(separator: "+")
        case let optional as String?: optional.map(short) ?? "none"
        default: "\(value)"
        }
    }

    private static func short(_ digest: String) -> String {
        digest.hasPrefix("sha256:") ? String(digest.prefix(19)) + "…" : digest
    }
}

extension VectorSpace: Hashable {
    public static func == (first: VectorSpace, second: VectorSpace) -> Bool {
        first.difference(from: second) == nil
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(dimensions)
        hasher.combine(pooling)
        hasher.combine(weights)
    }
}

extension VectorSpace: Codable {
    private enum CodingKeys: String, CodingKey {
        case model, weights, tokenizer, configuration, kind, dimensions, pooling, normalized, prompts, task,
            adapter, context
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            model: try container.decode(String.self, forKey: .model),
            weights: try container.decode(String.self, forKey: .weights),
            tokenizer: try container.decode(String.self, forKey: .tokenizer),
            configuration: try container.decode(String.self, forKey: .configuration),
            kind: try container.decode(EmbeddingKind.self, forKey: .kind),
            dimensions: try container.decode(Int.self, forKey: .dimensions),
            pooling: try container.decode([String].self, forKey: .pooling),
            isNormalized: try container.decode(Bool.self, forKey: .normalized),
            prompts: try container.decode([String: String].self, forKey: .prompts),
            task: try container.decodeIfPresent(String.self, forKey: .task),
            adapter: try container.decodeIfPresent(String.self, forKey: .adapter),
            context: try container.decodeIfPresent(String.self, forKey: .context))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(weights, forKey: .weights)
        try container.encode(tokenizer, forKey: .tokenizer)
        try container.encode(configuration, forKey: .configuration)
        try container.encode(kind, forKey: .kind)
        try container.encode(dimensions, forKey: .dimensions)
        try container.encode(pooling, forKey: .pooling)
        try container.encode(isNormalized, forKey: .normalized)
        try container.encode(prompts, forKey: .prompts)
        try container.encodeIfPresent(task, forKey: .task)
        try container.encodeIfPresent(adapter, forKey: .adapter)
        try container.encodeIfPresent(context, forKey: .context)
    }
}
