package import MartletCompute
package import MartletJSON
package import MartletWeights

/// Every architecture that can be built, by the names that files give it. To add one is to add a row.
package enum ArchitectureRegistry {
    package struct Row: Sendable {
        /// `model_type` in config.json
        let modelTypes: [String]
        /// `general.architecture` in GGUF metadata
        var ggufNames: [String] = []
        let fromFolder: @Sendable (JSONValue, _ file: String) throws(ModelError) -> Blueprint
        var fromGGUF: (@Sendable (GGUFFile, _ file: String) throws(ModelError) -> Blueprint)?
    }

    /// What a configuration says: what to compute, and the names that its tensors may have.
    package struct Blueprint: Sendable {
        package var description: TransformerDescription
        package var layouts: [TensorLayout]
        /// Adapters for tasks that stand beside the weights; nil: there are none.
        package var adapters: Adapters?
    }

    /// Low-rank adapters by the names of their tasks, in the order in which the tensors hold them.
    package struct Adapters: Sendable, Equatable {
        package let tasks: [String]
        package let rank: Int
        /// Multiplies the product of a pair.
        package let scale: Float
    }

    /// What an encoder is built for.
    package struct Build: Sendable {
        package let precision: ComputePrecision
        package let kernels: Kernels
        package let pool: WorkerPool
        /// Asked for where scales must be measured.
        package let calibration: @Sendable () -> Calibration
        /// The task whose adapter is added to the weights; nil: none.
        package let task: String?

        package init(
            precision: ComputePrecision, kernels: Kernels, pool: WorkerPool,
            calibration: @autoclosure @escaping @Sendable () -> Calibration, task: String? = nil
        ) {
            self.precision = precision
            self.kernels = kernels
            self.pool = pool
            self.calibration = calibration
            self.task = task
        }
    }

    private static let rows: [Row] = [
        Row(modelTypes: ["bert"], ggufNames: ["bert"], fromFolder: Bert.blueprint(json:file:), fromGGUF: Bert.blueprint(gguf:file:)),
        Row(modelTypes: ["roberta", "xlm-roberta", "camembert"], fromFolder: Roberta.blueprint),
        Row(modelTypes: ["distilbert"], fromFolder: DistilBert.blueprint),
        Row(modelTypes: ["electra"], fromFolder: Electra.blueprint),
        Row(modelTypes: ["mpnet"], fromFolder: MPNet.blueprint),
        Row(
            modelTypes: ["nomic_bert"], ggufNames: ["nomic-bert", "nomic-bert-moe"], fromFolder: NomicBert.blueprint(_:file:),
            fromGGUF: NomicBert.blueprint(_:file:)),
        Row(modelTypes: ["new", "gte"], fromFolder: GTE.blueprint),
        Row(
            modelTypes: ["modernbert"], ggufNames: ["modern-bert"], fromFolder: ModernBert.blueprint(_:file:),
            fromGGUF: ModernBert.blueprint(_:file:)),
        Row(modelTypes: [], ggufNames: ["jina-bert-v2"], fromFolder: JinaBert.blueprint(_:file:), fromGGUF: JinaBert.blueprint(_:file:)),
        Row(modelTypes: ["jina_embeddings_v3"], fromFolder: JinaEmbeddingsV3.blueprint),
        Row(
            modelTypes: ["qwen2", "qwen3", "mistral", "eurobert"], ggufNames: ["qwen2", "qwen3", "eurobert", "llama"],
            fromFolder: Decoder.blueprint(_:file:), fromGGUF: Decoder.blueprint(_:file:)),
        Row(
            modelTypes: ["gemma3_text"], ggufNames: ["gemma-embedding"], fromFolder: Gemma3.blueprint(_:file:),
            fromGGUF: Gemma3.blueprint(_:file:)),
    ]

    /// Whether config.json may name this `model_type`.
    package static func reads(modelType: String) -> Bool { rows.contains { $0.modelTypes.contains(modelType) } }

    /// Whether GGUF metadata may name this `general.architecture`.
    package static func reads(ggufArchitecture name: String) -> Bool { rows.contains { $0.ggufNames.contains(name) } }

    /// What a transformers configuration says: config.json.
    package static func blueprint(configuration: JSONValue, file: String) throws(ModelError) -> Blueprint {
        guard let type = configuration["model_type"]?.string else {
            throw ModelError(.invalidConfiguration, "\(file) has no \"model_type\", which says what the model is", file: file)
        }
        guard let row = rows.first(where: { $0.modelTypes.contains(type) }) else {
            throw ModelError(
                .unsupported, "\(file): model_type \(type.quotedForMessage) is not supported; \(list(rows.flatMap(\.modelTypes))) is",
                file: file)
        }
        return try row.fromFolder(configuration, file)
    }

    /// The encoder of a transformers folder: `configuration` is its config.json.
    package static func encoder(
        configuration: JSONValue, file: String, weights: any WeightSource, weightFile: String, _ build: Build
    ) throws(ModelError) -> any Encoder {
        try encoder(blueprint(configuration: configuration, file: file), weights: weights, weightFile: weightFile, build)
    }

    /// The encoder that a blueprint describes.
    package static func encoder(
        _ blueprint: Blueprint, weights: any WeightSource, weightFile: String, _ build: Build
    ) throws(ModelError) -> any Encoder {
        let adapter = try build.task.map { (task) throws(ModelError) in
            guard let adapters = blueprint.adapters, let index = adapters.tasks.firstIndex(of: task) else {
                let known = blueprint.adapters.map { "it has " + list($0.tasks) } ?? "it has none for tasks"
                throw ModelError(
                    .unsupported, "\(weightFile): the model has no adapter for the task \(task.quotedForMessage); \(known)",
                    file: weightFile)
            }
            return Checkpoint.Adapter(index: index, count: adapters.tasks.count, rank: adapters.rank, scale: adapters.scale)
        }
        return try Transformer(
            blueprint.description, Checkpoint(weights, layouts: blueprint.layouts, file: weightFile, adapter: adapter),
            precision: build.precision, kernels: build.kernels, pool: build.pool, calibration: build.calibration())
    }

    /// What a GGUF file's metadata say.
    package static func blueprint(gguf: GGUFFile, file: String) throws(ModelError) -> Blueprint {
        guard let name = gguf.metadata.string("general.architecture") else {
            throw ModelError(.invalidConfiguration, "\(file) has no general.architecture in its metadata", file: file)
        }
        guard let read = rows.first(where: { $0.ggufNames.contains(name) })?.fromGGUF else {
            throw ModelError(
                .unsupported, "\(file): architecture \(name.quotedForMessage) is not supported; \(list(rows.flatMap(\.ggufNames))) is",
                file: file)
        }
        return try read(gguf, file)
    }

    /// The encoder of a GGUF file.
    package static func encoder(gguf: GGUFFile, file: String, _ build: Build) throws(ModelError) -> any Encoder {
        let blueprint = try blueprint(gguf: gguf, file: file)
        let d = blueprint.description
        let smoothing = try Smoothing(gguf: gguf, layers: d.layers, hidden: d.hiddenSize, file: file)
        return try Transformer(
            d, Checkpoint(gguf, layouts: blueprint.layouts, file: file), precision: build.precision, kernels: build.kernels,
            pool: build.pool, smoothing: smoothing, calibration: build.calibration())
    }

    /// Whether weights are those of the model that a blueprint describes, as far as the table of words shows; no number is read.
    package static func check(_ blueprint: Blueprint, weights: any WeightSource, weightFile: String) throws(ModelError) {
        let checkpoint = try Checkpoint(weights, layouts: blueprint.layouts, file: weightFile)
        _ = try checkpoint.tensor(
            checkpoint.layout.words + ".weight", [blueprint.description.vocabularySize, blueprint.description.embeddings.size])
    }

    /// Every `model_type` that is read.
    static var modelTypes: [String] { rows.flatMap(\.modelTypes) }

    private static func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
}
