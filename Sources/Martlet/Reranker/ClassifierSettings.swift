package import MartletModels

/// What a model's files say of its scores.
package struct ClassifierSettings: Sendable {
    package let head: ClassifierDescription
    /// Of a model with a single number.
    package let activation: DenseActivation
    /// Of a model with several.
    package var labelActivation = LabelActivation.softmax
    /// Names of the labels, in their order; empty until the head tells how many there are.
    package var labels: [String] = []
    /// Put before the first text of a pair, literally.
    package var prompt = ""
    /// Whether the encoder tells the parts of a pair apart by token types.
    package var usesTypes = false
    /// For language models: the words around a pair.
    package var frame: PairFrame?
    /// The tokens that end every framed pair; where a pair is cut they take the place of its last tokens.
    package var frameEnd: [Int32] = []
    /// What the files leave open and how it was settled, one sentence each.
    package var notes: [String] = []
    /// Where the names of labels come from, for messages.
    var file = ""

    package init(head: ClassifierDescription, activation: DenseActivation) {
        self.head = head
        self.activation = activation
    }

    /// With a name for each label.
    func naming(labels count: Int) throws(MartletError) -> ClassifierSettings {
        var settings = self
        if labels.isEmpty { settings.labels = (0..<count).map { "LABEL_\($0)" } }
        guard settings.labels.count == count else {
            throw .malformed(file, "\"id2label\" names \(labels.count) labels, but the head has \(count)")
        }
        return settings
    }

    /// What `martlet inspect` prints.
    func info(_ engine: ModelInfo, _ head: ClassifierHead, pairForm: String) -> ModelInfo {
        var info = engine
        info.kind = labels.count == 1 ? .reranker : .classifier
        info.parameters += head.parameters
        info.labels = labels
        info.scoreActivation =
            labels.count == 1 ? (activation == .identity ? "raw" : activation.rawValue) : labelActivation.name
        info.pooling = []
        info.normalizes = false
        info.dimensions = 0
        info.notes += notes
        let encoder =
            "\(engine.architecture.uppercased())(\(engine.layers) × \(engine.hiddenSize), \(engine.heads) heads)"
        info.pairForm = frame?.text(instruction: nil, query: "A", document: "B") ?? pairForm
        info.pipeline = "\(engine.tokenizer) → \(encoder) → \(head.summary) → \(info.scoreActivation)"
        return info
    }
}
