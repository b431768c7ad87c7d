internal import MartletCompute
internal import MartletJSON
internal import MartletModels
internal import MartletWeights

extension LateInteractionModel {
    /// A model folder that makes a vector for each token.
    convenience init(
        _ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver = .none
    ) throws(MartletError) {
        guard case .path(let path) = source.place, ModelFolder(path: path).isFolder else {
            throw MartletError(
                .unsupportedModel,
                "vectors for tokens need a model folder with config.json; a GGUF file has no head that makes them"
            )
        }
        let folder = ModelFolder(path: path)
        let description = try LateInteractionDescription(folder)
        let purpose = ModelLoader.Purpose.head(
            encoderFolder: description.encoderFolder, task: "feature-extraction")
        let (engine, projection) = try ModelLoader(configuration, observer: observer).load(
            source, for: purpose
        ) {
            (files, kernels) throws(MartletError) in
            try Self.projection(folder, description, files, kernels)
        }
        try self.init(description, engine: engine, projection: projection)
    }

    private static func projection(
        _ folder: ModelFolder, _ description: LateInteractionDescription, _ files: ModelFiles,
        _ kernels: Kernels
    ) throws(MartletError) -> TokenProjection {
        let hidden = files.hiddenSize
        var layers: [DenseLayer] = []
        switch description.projection {
        case .modules(let paths):
            for path in paths { layers.append(try DenseLayer(folder, path, level: "token_embeddings")) }
        case .inline:
            layers = [try linear(HeadTensors(files.weights, file: files.weightFile), "linear.weight", hidden)]
        case .beside(let name):
            layers = [try linear(HeadTensors(folder.path(of: name)), "weight", hidden, bias: "bias")]
        }
        return try TokenProjection(
            layers, hiddenSize: hidden, normalizes: description.normalizes, kernels: kernels)
    }

    /// A linear layer whose number of outputs is that of its tensor.
    private static func linear(_ tensors: HeadTensors, _ name: String, _ hidden: Int, bias: String? = nil)
        throws(MartletError)
        -> DenseLayer
    {
        let shape = try wrapping { () throws(WeightError) in try tensors.source.require(name) }.shape
        guard let outputs = shape.first, outputs > 0 else {
            throw .malformed(tensors.file, "tensor \(name) has no outputs")
        }
        let weight = try wrapping { () throws(ModelError) in try tensors.floats(name, [outputs, hidden]) }
        var values: [Float]?
        if let bias { values = try wrapping { () throws(ModelError) in try tensors.floats(bias, [outputs]) } }
        return try DenseLayer(
            inputs: hidden, outputs: outputs, weight: weight, bias: values, activation: .identity,
            file: tensors.file)
    }

    /// What the model does, in words.
    static func describe(
        _ engine: Engine, _ description: LateInteractionDescription, _ projection: TokenProjection
    ) -> ModelInfo {
        var info = engine.info
        info.kind = .lateInteraction
        info.pooling = []
        info.normalizes = projection.normalizes
        info.dimensions = projection.dimensions
        info.parameters += projection.parameters
        info.similarity = .dot
        info.workingMemoryLimit +=
            projection.scratchBytes(tokens: max(engine.tokenBudget, info.maxTokens)) * info.threads
        var parts = [info.tokenizer, info.encoderText]
        var size = projection.hiddenSize
        for layer in projection.layers {
            let more =
                (layer.activation == .identity ? "" : ", \(layer.activation.rawValue)")
                + (layer.addsInput ? ", residual" : "")
            parts.append("dense(\(size)→\(layer.matrix.outputs)\(more)) of each token")
            size = layer.matrix.outputs
        }
        if projection.normalizes { parts.append("normalize") }
        info.pipeline = parts.joined(separator: " → ")
        if let prefix = description.queryPrefix {
            info.notes.append("queries begin with \(prefix.quotedForMessage)")
        }
        if let prefix = description.documentPrefix {
            info.notes.append("documents begin with \(prefix.quotedForMessage)")
        }
        if let expansion = description.expansion {
            let kind = expansion.isFixed ? "filled up or cut to" : "filled up to"
            let seen = expansion.attends ? "" : ", which the query's own do not attend to"
            info.notes.append(
                "queries are \(kind) \(expansion.length) tokens with \(expansion.token ?? "the mask token")\(seen)"
            )
        }
        if let length = description.documentLength {
            info.notes.append("documents have at most \(length) tokens")
        }
        if !description.skipped.isEmpty {
            let roles =
                (description.skipsInDocuments ? ["documents"] : [])
                + (description.skipsInQueries ? ["queries"] : [])
            info.notes.append(
                "\(description.skipped.count) tokens have no vector in \(roles.joined(separator: " and "))")
        }
        if description.dropsFirst { info.notes.append("the first token has no vector") }
        return info
    }
}
