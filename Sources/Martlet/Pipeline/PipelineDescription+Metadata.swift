internal import MartletModels
internal import MartletJSON
package import MartletWeights

/// Typed lookups in a file's metadata; nil where a key is absent or of another type.
package protocol PipelineMetadata {
    func string(_ key: String) -> String?
    func int(_ key: String) -> Int?
    func bool(_ key: String) -> Bool?
    func strings(_ key: String) -> [String]?
}

extension GGUFMetadata: PipelineMetadata {}

extension PipelineDescription {
    /// Reads what a GGUF file says of its pipeline, be it written by Martlet or by llama.cpp.
    /// - Parameters:
    ///   - architecture: The value of `general.architecture`.
    ///   - weights: The file's tensors, for modules after pooling.
    ///   - file: The file's path, for messages.
    ///   - override: Replaces the file's pooling unless it is `.native`.
    package init(
        metadata: some PipelineMetadata, architecture: String, weights: some WeightSource, file: String,
        pooling override: Pooling = .native
    ) throws(MartletError) {
        self.init(pooling: try Self.pooling(metadata, architecture, file, override))
        includePrompt = metadata.bool(PipelineKeys.includePrompt) ?? true
        if let kinds = metadata.strings(PipelineKeys.stages) {
            for (index, kind) in kinds.enumerated() {
                stages.append(try Self.stage(kind, index, metadata, weights, file))
            }
        } else {
            // Of a module after pooling that llama.cpp's converter writes; without it the vectors would
            // silently be others.
            for name in ["cls.weight", "cls.output.weight"] where weights.has(name) {
                throw .unsupported(
                    file, "tensor \"\(name)\" belongs to a classifier, which gives scores and no vectors")
            }
            stages = try Self.denseModules(weights, file) + [.normalize]
            notes.append(
                "The file does not say whether vectors have length 1; they are given it, as llama.cpp does by default."
            )
        }
        maxTokens = metadata.int(PipelineKeys.maxTokens)
        guard maxTokens ?? 1 >= 1 else {
            throw .malformed(file, "\"\(PipelineKeys.maxTokens)\": expected a whole number from 1 on")
        }
        lowercases = metadata.bool(PipelineKeys.lowercases) ?? false
        defaultDimensions = metadata.int(PipelineKeys.defaultDimensions)
        guard defaultDimensions ?? 1 >= 1 else {
            throw .malformed(file, "\"\(PipelineKeys.defaultDimensions)\": expected a whole number from 1 on")
        }
        prompts = try Self.prompts(metadata, file)
        if let name = metadata.string(PipelineKeys.similarity) {
            guard let function = SimilarityFunction(rawValue: name) else {
                throw .unsupported(file, "\"\(PipelineKeys.similarity)\" \(name.quotedForMessage) is unknown")
            }
            similarity = function
        }
    }

    private static func pooling(
        _ metadata: some PipelineMetadata, _ architecture: String, _ file: String, _ override: Pooling
    ) throws(MartletError) -> [PoolingMode] {
        if let mode = PoolingMode(override) { return [mode] }
        if let modes = try modes(metadata, architecture, file) { return modes }
        let key = PipelineKeys.poolingType(architecture)
        guard !PipelineKeys.isRanked(metadata) else {
            throw .unsupported(
                file, "is a model that scores texts (\"\(key)\" is rank) and has no vectors; use Reranker",
                remedy: .loadAs(.reranker))
        }
        guard let type = metadata.int(key) else {
            throw .malformed(
                file,
                "\"\(key)\" is missing: nothing says how token vectors become a text's vector; choose a pooling",
                remedy: .choosePooling)
        }
        let meaning = [0: "none, token vectors", 4: "rank, a reranker"][type] ?? "unknown"
        throw .unsupported(
            file, "\"\(key)\" is \(type) (\(meaning)); expected 1 mean, 2 cls or 3 last; choose a pooling",
            remedy: .choosePooling)
    }

    /// The modes that the metadata name; nil: they name none.
    static func modes(_ metadata: some PipelineMetadata, _ architecture: String, _ file: String)
        throws(MartletError) -> [PoolingMode]?
    {
        guard let names = metadata.strings(PipelineKeys.pooling) else {
            return metadata.int(PipelineKeys.poolingType(architecture)).flatMap(
                PoolingMode.init(poolingType:)
            ).map { [$0] }
        }
        var modes: [PoolingMode] = []
        for name in names {
            guard let mode = PoolingMode(rawValue: name) else {
                throw .unsupported(
                    file, "\"\(PipelineKeys.pooling)\" \(name.quotedForMessage) is unknown; choose a pooling",
                    remedy: .choosePooling)
            }
            modes.append(mode)
        }
        guard !modes.isEmpty else {
            throw .malformed(file, "\"\(PipelineKeys.pooling)\" is empty; expected at least one mode")
        }
        return modes
    }

    /// The prompts that the metadata hold.
    static func prompts(_ metadata: some PipelineMetadata, _ file: String) throws(MartletError) -> Prompts {
        try Prompts(
            json: try promptsJSON(metadata, file),
            defaultName: metadata.string(PipelineKeys.defaultPromptName), file: file)
    }

    private static func promptsJSON(_ metadata: some PipelineMetadata, _ file: String) throws(MartletError)
        -> JSONValue?
    {
        guard let text = metadata.string(PipelineKeys.prompts) else { return nil }
        do throws(JSONError) {
            return try JSONValue.parse(utf8: text)
        } catch {
            throw .malformed(file, "\"\(PipelineKeys.prompts)\" is no JSON: \(error.message)")
        }
    }

    private static func stage(
        _ kind: String, _ index: Int, _ metadata: some PipelineMetadata, _ weights: some WeightSource,
        _ file: String
    ) throws(MartletError) -> Stage {
        switch kind {
        case PipelineKeys.normalize: return .normalize
        case PipelineKeys.wholeNumbers: return .wholeNumbers
        case PipelineKeys.layerNorm:
            guard let weight = try floats(weights, PipelineKeys.weight(index), rank: 1),
                let bias = try floats(weights, PipelineKeys.bias(index), rank: 1)
            else {
                throw .malformed(
                    file, "stage \(index), layer_norm: a tensor of \"martlet.stage.\(index)\" is missing")
            }
            return .layerNorm(try LayerNormLayer(weight: weight.values, bias: bias.values, file: file))
        case PipelineKeys.dense:
            guard let weight = try floats(weights, PipelineKeys.weight(index), rank: 2) else {
                throw .malformed(
                    file, "stage \(index), dense: tensor \"\(PipelineKeys.weight(index))\" is missing")
            }
            let name = metadata.string(PipelineKeys.activation(index)) ?? ""
            guard let activation = DenseActivation(rawValue: name) else {
                throw .unsupported(
                    file,
                    "\"\(PipelineKeys.activation(index))\" \(name.quotedForMessage) is no activation that is known"
                )
            }
            return .dense(
                try DenseLayer(
                    inputs: weight.shape[1], outputs: weight.shape[0], weight: weight.values,
                    bias: try floats(weights, PipelineKeys.bias(index), rank: 1)?.values,
                    activation: activation,
                    residual: metadata.bool(PipelineKeys.residual(index)) ?? false,
                    residualWeight: try floats(weights, PipelineKeys.residualWeight(index), rank: 2)?.values,
                    file: file))
        default:
            throw .unsupported(
                file,
                "\"\(PipelineKeys.stages)\": stage \(index) is \(kind.quotedForMessage), which is not known")
        }
    }

    /// The Dense modules of a sentence-transformers folder, as llama.cpp's converter writes them.
    private static func denseModules(_ weights: some WeightSource, _ file: String) throws(MartletError)
        -> [Stage]
    {
        var stages: [Stage] = []
        for name in ["dense_2", "dense_3"] {
            guard let weight = try floats(weights, name + ".weight", rank: 2) else { continue }
            stages.append(
                .dense(
                    try DenseLayer(
                        inputs: weight.shape[1], outputs: weight.shape[0], weight: weight.values,
                        bias: try floats(weights, name + ".bias", rank: 1)?.values, activation: .identity,
                        residual: false,
                        residualWeight: nil, file: file)))
        }
        return stages
    }

    private static func floats(
        _ weights: some WeightSource, _ name: String, rank: Int
    ) throws(MartletError) -> (shape: [Int], values: [Float])? {
        guard weights.has(name) else { return nil }
        let tensor = try wrapping { () throws(WeightError) in try weights.require(name) }
        guard tensor.shape.count == rank else {
            throw .malformed(
                tensor.file, "tensor \"\(name)\" has \(tensor.shape.count) dimensions, expected \(rank)")
        }
        return (tensor.shape, try wrapping { () throws(WeightError) in try tensor.floats() })
    }
}
