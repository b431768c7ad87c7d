internal import MartletCompute
package import MartletModels
internal import MartletTokenizers

/// An encoder with a head that gives each text, or pair of texts, a number for each label.
package final class Classifier: Sendable {
    package let engine: Engine
    package let info: ModelInfo
    /// What the model's files say of its scores.
    package let settings: ClassifierSettings
    private let head: ClassifierHead

    package init(_ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver = .none)
        throws(MartletError)
    {
        guard configuration.pooling == .native else {
            throw MartletError(
                .invalidOption,
                "pooling \(configuration.pooling.rawValue): a model that scores texts has none to choose")
        }
        let (engine, parts) = try ModelLoader(configuration, observer: observer).load(source, for: .scores) {
            (files, kernels) throws(MartletError) in
            (files, kernels)
        }
        let shape = engine.encoder.shape
        let settings = try ClassifierSettings(parts.0, engine)
        head = try wrapping { () throws(ModelError) in
            try ClassifierHead(
                settings.head, parts.0.weights, hiddenSize: shape.hiddenSize, file: parts.0.weightFile,
                kernels: parts.1)
        }
        self.engine = engine
        self.settings = try settings.naming(labels: head.labels)
        info = self.settings.info(engine.info, head, pairForm: engine.tokenizer.pairForm)
    }

    /// Number of numbers for each input.
    package var labels: Int { head.labels }

    /// Whether the last token's hidden state is all that is read of a text.
    var readsLastTokens: Bool { head.readsLastTokens }

    /// A number for each label of one input from its hidden states, [tokens × hidden size].
    package func logits(of hidden: UnsafeBufferPointer<Float>) -> [Float] { head.logits(of: hidden) }

    /// The numbers of `inputs`, [inputs × labels], before any activation.
    package func logits(_ inputs: [ClassifierInput], _ options: RerankOptions) throws(MartletError) -> (
        floats: [Float], usage: Usage
    ) {
        let texts = try tokenized(inputs, options)
        let labels = labels
        var floats = [Float](repeating: 0, count: inputs.count * labels)
        floats.withUnsafeMutableBufferPointer { floats in
            // Each input writes its own row only.
            nonisolated(unsafe) let output = floats
            engine.forward(texts) { index, hidden in
                for (label, value) in logits(of: hidden).enumerated() {
                    output[index * labels + label] = value
                }
            }
        }
        if let bad = floats.firstIndex(where: { !$0.isFinite }).map({ $0 / labels }) {
            throw MartletError(
                .nonFinite, text: bad,
                "gives a score that is not finite; the model's weights may be damaged, or too large for \(info.precision)"
            )
        }
        var usage = Usage()
        for (index, text) in texts.enumerated() {
            usage.tokens += text.ids.count
            if text.total > text.ids.count { usage.truncatedInputs.append(index) }
            if inputs[index].scored.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
                usage.blankInputs += 1
            }
        }
        return (floats, usage)
    }

    package func scores(_ query: String, _ documents: [String], _ options: RerankOptions) throws(MartletError)
        -> Scores
    {
        try requireSingleScore()
        let found = try logits(documents.map { .pair(query, $0) }, options)
        return Scores(values: found.floats.map { score($0, options) }, usage: found.usage)
    }

    package func predict(_ inputs: [ClassifierInput], _ options: RerankOptions) throws(MartletError)
        -> Predictions
    {
        let found = try logits(inputs, options)
        let rows = inputs.indices.map { predictions(found.floats[$0 * labels..<($0 + 1) * labels], options) }
        return Predictions(rows: rows, usage: found.usage)
    }

    /// - Throws: If the model gives each input several numbers, which is no ranking.
    package func requireSingleScore() throws(MartletError) {
        guard labels == 1 else {
            throw MartletError(
                .invalidOption,
                "this model gives \(labels) labels (\(settings.labels.prefix(4).joined(separator: ", "))) and no single score to rank by; "
                    + "use predict")
        }
    }

    /// The score of a single number of the model.
    package func score(_ logit: Float, _ options: RerankOptions) -> Float {
        switch options.activation {
        case .raw: logit
        case .sigmoid: DenseActivation.sigmoid.applied([logit])[0]
        case .native: settings.activation.applied([logit])[0]
        }
    }

    /// The labels' scores from an input's numbers.
    package func predictions(_ logits: some Collection<Float>, _ options: RerankOptions) -> [LabelScore] {
        let logits = Array(logits)
        let scores =
            switch options.activation {
            case .raw: logits
            case .sigmoid: DenseActivation.sigmoid.applied(logits)
            case .native where labels == 1: settings.activation.applied(logits)
            case .native: settings.labelActivation.applied(logits)
            }
        return zip(settings.labels, scores).map { LabelScore(label: $0, score: $1) }
    }
}

extension ClassifierInput {
    /// The text that differs from input to input of a ranking.
    fileprivate var scored: String {
        switch self {
        case .text(let text), .pair(_, let text): text
        }
    }
}
