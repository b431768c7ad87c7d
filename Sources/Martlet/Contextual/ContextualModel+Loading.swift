internal import MartletCompute
internal import MartletJSON
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

extension ContextualModel {
    /// A model folder.
    /// - Parameter tokenizer: Whose tokenizer is used where the folder has none; nil: that is an error.
    convenience init(
        _ source: ModelSource, tokenizer: ModelSource?, _ configuration: ModelConfiguration,
        observer: LoadObserver = .none
    )
        throws(MartletError)
    {
        guard case .path(let path) = source.place, ModelFolder(path: path).isFolder else {
            throw MartletError(
                .unsupportedModel, "a contextual model is a folder with config.json and model.safetensors")
        }
        guard configuration.pooling == .native || configuration.pooling == .mean else {
            throw MartletError(
                .invalidOption,
                "pooling \(configuration.pooling.rawValue): a contextual model takes the mean of a text's tokens"
            )
        }
        if let task = configuration.task {
            throw MartletError(
                .invalidOption, "task \(task.quotedForMessage): a contextual model has no adapters for tasks")
        }
        let folder = ModelFolder(path: path)
        let config = try folder.requireConfig("config.json", for: "what the model's two stages are")
        let description = try ContextualDescription(folder, config)
        let loader = ModelLoader(configuration, observer: observer)
        let hardware = try loader.hardware()
        let (reader, note) = try Self.tokenizer(folder, or: tokenizer)
        let weightFile = try ModelLoader.weights(in: folder)
        let weights = try wrapping { () throws(WeightError) in try WeightSources.open(path: weightFile) }
        let tensors = HeadTensors(weights, file: weightFile)

        func load(
            _ blueprint: ArchitectureRegistry.Blueprint, _ layers: (String, DenseActivation), isFirst: Bool
        ) throws(MartletError) -> ModelParts {
            let encoder = try wrapping { () throws(ModelError) in
                try ArchitectureRegistry.encoder(
                    blueprint, weights: weights, weightFile: weightFile,
                    hardware.build(reader, otherTensors: ["first_stage_model.", "second_stage_model."]))
            }
            var pipeline = try PipelineDescription(contextualIn: folder, maxTokens: description.maxTokens)
            let hidden = encoder.shape.hiddenSize
            let last = isFirst ? [] : pipeline.stages
            pipeline.stages =
                [
                    .dense(try Self.dense(tensors, layers.0 + ".0", hidden, hidden, layers.1)),
                    .dense(try Self.dense(tensors, layers.0 + ".2", hidden, hidden, .identity)),
                ] + last
            // The first stage's vectors are whole: the second reads them.
            if isFirst { pipeline.defaultDimensions = nil }
            if let note { pipeline.notes.append(note) }
            let files = ModelFiles(
                folder: (folder, config), root: folder, weights: weights, weightFile: weightFile)
            let model = try loader.assemble(
                encoder, reader, pipeline, files, name: loader.lastComponent(folder.path), path: folder.path,
                hardware)
            return source.published.map { model.completed(by: $0) } ?? model
        }
        let first = try load(
            description.blueprint(description.first), ("first_stage_model.mlp", .gelu), isFirst: true)
        let second = try load(
            description.blueprint(
                description.second, start: description.turnsContext ? 0 : description.sampleSize),
            ("second_stage_model.output_projection", .relu), isFirst: false)
        let (hidden, size) = (second.encoder.shape.hiddenSize, description.sampleSize)
        guard first.encoder.shape.hiddenSize == hidden else {
            throw .malformed(
                folder.path,
                "the first stage makes \(first.encoder.shape.hiddenSize) dimensions, the second takes \(hidden)"
            )
        }
        let soft = try Self.softTokens(tensors, hidden)
        let context = size + soft.count / hidden
        guard context + second.info.maxTokens <= second.encoder.shape.maxPositions else {
            throw MartletError(
                .invalidOption,
                "\(context) tokens of context and \(second.info.maxTokens) of a text are more than the encoder's "
                    + "\(second.encoder.shape.maxPositions) positions; limit texts to \(second.encoder.shape.maxPositions - context) tokens",
                file: weightFile)
        }
        let engines = (
            try loader.engine(first, hardware), try loader.engine(second, hardware, contextTokens: context)
        )
        self.init(
            info: Self.describe(engines.0, engines.1, sampleSize: size, softTokens: soft.count / hidden),
            sampleSize: size, first: engines.0,
            second: engines.1, soft: soft)
    }

    /// The folder's tokenizer, or another one with a note of whose it is.
    private static func tokenizer(_ folder: ModelFolder, or other: ModelSource?) throws(MartletError) -> (
        Tokenizer, note: String?
    ) {
        if ModelFileNames.tokenizers.contains(where: folder.contains) {
            return (try TokenizerFiles.tokenizer(folder: folder), nil)
        }
        switch other?.place {
        case nil:
            throw MartletError(
                .missingFile,
                "\(folder.path) has no tokenizer.json: cde-small-v1 is published without, and reads texts as google-bert/bert-base-uncased; "
                    + "put that model's tokenizer.json there, or name a model with the same tokenizer",
                file: folder.path)
        case .path(let path):
            let made = try TokenizerFiles.tokenizer(folder: ModelFolder(path: path))
            return (made, "the model has no tokenizer of its own; that of \(path) is used")
        case .memory(let region, let name):
            let file = try wrapping { () throws(WeightError) in try GGUFFile(region: region, name: name) }
            let made = try TokenizerFiles.tokenizer(gguf: file.metadata, file: name)
            return (made, "the model has no tokenizer of its own; that of \(name) is used")
        }
    }

    private static func dense(
        _ tensors: HeadTensors, _ name: String, _ inputs: Int, _ outputs: Int, _ activation: DenseActivation
    ) throws(MartletError) -> DenseLayer {
        let weight = try wrapping { () throws(ModelError) in
            try tensors.floats(name + ".weight", [outputs, inputs])
        }
        let bias = try wrapping { () throws(ModelError) in try tensors.floats(name + ".bias", [outputs]) }
        return try DenseLayer(
            inputs: inputs, outputs: outputs, weight: weight, bias: bias, activation: activation,
            file: tensors.file)
    }

    /// The rows between documents and text, which no input changes: a projection of ones.
    private static func softTokens(_ tensors: HeadTensors, _ hidden: Int) throws(MartletError) -> [Float] {
        let name = "second_stage_model.prompt_projection"
        let shape = try wrapping { () throws(WeightError) in try tensors.source.require(name + ".2.weight") }
            .shape
        guard let rows = shape.first, rows > 0, rows.isMultiple(of: hidden), rows / hidden <= 1024 else {
            throw .malformed(
                tensors.file,
                "tensor \(name).2.weight has shape \(shape); expected a multiple of \(hidden) rows")
        }
        let layers = [
            try dense(tensors, name + ".0", hidden, hidden, .relu),
            try dense(tensors, name + ".2", hidden, rows, .identity),
        ]
        return layers.reduce([Float](repeating: 1, count: hidden)) { row, layer in
            [Float](unsafeUninitializedCapacity: layer.outputs) { output, count in
                row.withUnsafeBufferPointer { row in
                    guard let input = row.baseAddress, let output = output.baseAddress else { return }
                    layer.apply(input, to: output)
                }
                count = layer.outputs
            }
        }
    }

    /// What the model does, in words.
    private static func describe(_ first: Engine, _ second: Engine, sampleSize: Int, softTokens: Int)
        -> ModelInfo
    {
        var info = second.info
        info.kind = .contextual
        info.parameters += first.info.parameters
        info.workingMemoryLimit += first.info.workingMemoryLimit
        info.pipeline =
            "corpus: \(sampleSize) × (\(info.tokenizer) → \(first.info.encoderText) → \(first.pipeline)); text: \(info.tokenizer) → "
            + "\(info.encoderText) after \(sampleSize) + \(softTokens) tokens of context → \(second.pipeline)"
        info.notes.append(
            "texts are embedded in the context of a corpus: the first stage embeds a sample of \(sampleSize) documents, evenly chosen from "
                + "more, repeated where there are fewer")
        return info
    }
}
