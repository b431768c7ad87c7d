package import MartletJSON
package import MartletWeights

/// Every architecture that can be built, by the names that files give it. To add one is to add its family here.
package enum ArchitectureRegistry {
    /// What a configuration says: what to compute, and the names that its tensors may have.
    package struct Blueprint: Sendable {
        package var description: TransformerDescription
        package var layouts: [TensorLayout]
        /// Adapters for tasks that stand beside the weights; nil: there are none.
        package var adapters: Adapters?
        /// Beginnings of names of tensors that belong to another part of the published model.
        package var ignoredTensors: [String] = []
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
        package let backend: any ComputeBackend
        /// The task whose adapter is added to the weights; nil: none.
        package let task: String?
        /// Beginnings of names of tensors that others than the encoder read.
        package let otherTensors: [String]
        /// An adapter in a file of its own that is added to the weights; nil: none.
        package var adapter: LowRankAdapter?

        package init(_ backend: any ComputeBackend, task: String? = nil, otherTensors: [String] = []) {
            self.backend = backend
            self.task = task
            self.otherTensors = otherTensors
        }
    }

    private static let families: [Family] =
        [
            Bert.family, Roberta.family, DistilBert.family, Electra.family, Albert.family, T5.family,
            MPNet.family, NomicBert.family, GTE.family, ModernBert.family, JinaBert.family,
            JinaEmbeddingsV3.family, DebertaV2.family, JinaEmbeddingsV5.family, PerplexityEmbed.family,
            EuroBert.family, Gemma3.family, LFM2.family,
        ] + Decoder.families

    /// Whether config.json may name this `model_type`.
    package static func reads(modelType: String) -> Bool {
        families.contains { $0.modelTypes.contains(modelType) }
    }

    /// Whether GGUF metadata may name this `general.architecture`.
    package static func reads(ggufArchitecture name: String) -> Bool {
        families.contains { $0.ggufNames.contains(name) }
    }

    /// What a transformers configuration says: config.json.
    package static func blueprint(configuration: JSONValue, file: String) throws(ModelError) -> Blueprint {
        guard let type = configuration["model_type"]?.string else {
            throw ModelError(
                .invalidConfiguration, "\(file) has no \"model_type\", which says what the model is",
                file: file)
        }
        guard let family = families.first(where: { $0.modelTypes.contains(type) }) else {
            throw ModelError(
                .unsupported,
                "\(file): model_type \(type.quotedForMessage) is not supported; \(list(families.flatMap(\.modelTypes))) is",
                file: file)
        }
        let reader = ConfigurationReader(configuration, file: file, family: type)
        let blueprint = try family.fromFolder(reader)
        try check(reader, family)
        return blueprint
    }

    /// Refuses what a configuration says and nothing here knows: code of the model's own, and members that
    /// may change its numbers.
    private static func check(_ reader: ConfigurationReader, _ family: Family) throws(ModelError) {
        if let code = reader.unknownCode(family.classes) {
            throw reader.unsupported(
                "\"auto_map\" names \(code.quotedForMessage), code that the model brings along and that is not run here; if the model computes "
                    + "what its \"model_type\" does, remove the member")
        }
        let unknown = reader.unasked.filter { !GeneralMembers.contains($0) && !family.harmless.contains($0) }
        if let name = unknown.first {
            throw reader.unsupported(
                "the member \(name.quotedForMessage) is not known for a \(reader.family) configuration and may change the numbers; remove it if "
                    + "it does not")
        }
        for inner in reader.inner {
            if let name = inner.unasked.first {
                throw inner.unsupported(
                    "the member \(name.quotedForMessage) is not known and may change the numbers; remove it if it does not"
                )
            }
        }
    }

    /// The encoder of a transformers folder: `configuration` is its config.json.
    package static func encoder(
        configuration: JSONValue, file: String, weights: any WeightSource, weightFile: String, _ build: Build
    ) throws(ModelError) -> any Encoder {
        try encoder(
            blueprint(configuration: configuration, file: file), weights: weights, weightFile: weightFile,
            build)
    }

    /// The encoder that a blueprint describes.
    package static func encoder(
        _ blueprint: Blueprint, weights: any WeightSource, weightFile: String, _ build: Build
    ) throws(ModelError) -> any Encoder {
        let adapter = try build.task.map { (task) throws(ModelError) in
            guard let adapters = blueprint.adapters, let index = adapters.tasks.firstIndex(of: task) else {
                let known = blueprint.adapters.map { "it has " + list($0.tasks) } ?? "it has none for tasks"
                throw ModelError(
                    .unsupported,
                    "\(weightFile): the model has no adapter for the task \(task.quotedForMessage); \(known)",
                    file: weightFile)
            }
            return Checkpoint.Adapter(
                index: index, count: adapters.tasks.count, rank: adapters.rank, scale: adapters.scale)
        }
        let checkpoint = try Checkpoint(
            weights, layouts: blueprint.layouts, file: weightFile, adapter: adapter, lowRank: build.adapter)
        try build.adapter?.check(checkpoint.layout, layers: blueprint.description.layers)
        let encoder = try build.backend.encoder(blueprint.description, checkpoint, smoothing: nil)
        // What is missing was found by now: it says more.
        try LeftoverTensors.check(checkpoint, others: build.otherTensors + blueprint.ignoredTensors)
        return encoder
    }

    /// What a GGUF file's metadata say.
    package static func blueprint(gguf: GGUFFile, file: String) throws(ModelError) -> Blueprint {
        guard let name = gguf.metadata.string("general.architecture") else {
            throw ModelError(
                .invalidConfiguration, "\(file) has no general.architecture in its metadata", file: file)
        }
        guard let read = families.first(where: { $0.ggufNames.contains(name) })?.fromGGUF else {
            throw ModelError(
                .unsupported,
                "\(file): architecture \(name.quotedForMessage) is not supported; \(list(families.flatMap(\.ggufNames))) is",
                file: file)
        }
        return try read(gguf, file)
    }

    /// The encoder of a GGUF file.
    package static func encoder(gguf: GGUFFile, file: String, _ build: Build) throws(ModelError)
        -> any Encoder
    {
        let blueprint = try blueprint(gguf: gguf, file: file)
        let d = blueprint.description
        let smoothing = try Smoothing(gguf: gguf, layers: d.layers, hidden: d.hiddenSize, file: file)
        let checkpoint = try Checkpoint(gguf, layouts: blueprint.layouts, file: file)
        let encoder = try build.backend.encoder(d, checkpoint, smoothing: smoothing)
        try LeftoverTensors.check(checkpoint, others: build.otherTensors)
        return encoder
    }

    /// Whether weights are those of the model that a blueprint describes, as far as the table of words shows;
    /// no number is read.
    package static func check(_ blueprint: Blueprint, weights: any WeightSource, weightFile: String)
        throws(ModelError)
    {
        let checkpoint = try Checkpoint(weights, layouts: blueprint.layouts, file: weightFile)
        _ = try checkpoint.tensor(
            checkpoint.layout.words + ".weight",
            [blueprint.description.vocabularySize, blueprint.description.embeddings.size])
    }

    /// Every `model_type` that is read.
    static var modelTypes: [String] { families.flatMap(\.modelTypes) }

    /// The family of a `model_type`.
    static func family(_ modelType: String) -> Family? {
        families.first { $0.modelTypes.contains(modelType) }
    }

    /// The types of the families that have a part.
    static func types<Part>(with part: KeyPath<Family, Part?>) -> String {
        families.filter { $0[keyPath: part] != nil }.flatMap(\.modelTypes).map(\.quotedForMessage)
            .joined(separator: ", ")
    }

    /// How the families write a description as GGUF, those that can.
    static func ggufForms(_ d: TransformerDescription) -> [GGUFForm.Form] {
        families.compactMap { $0.ggufForm?(d) }
    }

    private static func list(_ names: [String]) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
