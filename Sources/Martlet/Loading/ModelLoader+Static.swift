internal import MartletCompute
internal import MartletJSON
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

extension ModelLoader {
    /// The most tokens of a text where sentence-transformers has no limit: a text's vectors are in memory
    /// together.
    private static let mostTokens = 1 << 15

    /// A model that looks vectors up: a folder of model2vec, or sentence-transformers' `StaticEmbedding`.
    static func staticParts(
        _ folder: ModelFolder, _ root: ModelFolder, _ pipeline: inout PipelineDescription
    ) throws(MartletError) -> (encoder: StaticEncoder, tokenizer: Tokenizer, files: ModelFiles) {
        let weightFile = folder.path(of: "model.safetensors")
        guard folder.contains("model.safetensors") else {
            throw MartletError(
                .missingFile, "\(weightFile) is missing: it holds the vectors of the tokens", file: weightFile
            )
        }
        let source = try wrapping { () throws(WeightError) in try SafetensorsFile(path: weightFile) }
        let given = try TokenizerFiles.tokenizerOfFileAlone(folder: folder)
        let isOwn = source.has("embedding.weight")
        let table = try wrapping { () throws(WeightError) in
            try source.require(isOwn ? "embedding.weight" : "embeddings")
        }
        let rows = try wrapping { () throws(WeightError) in
            isOwn ? nil : try source.integers(named: "mapping")
        }
        let weights = try wrapping { () throws(WeightError) in
            isOwn ? nil : try source.numbers(named: "weights")
        }
        let encoder = try wrapping { () throws(ModelError) in
            try StaticEncoder(table: table, rows: rows, weights: weights, file: weightFile)
        }
        guard !isOwn else {
            pipeline.maxTokens = mostTokens
            pipeline.tokens = StaticTokens()
            pipeline.notes.append(
                "sentence-transformers has no limit to a text's length; here it is \(mostTokens) tokens unless another one is given."
            )
            return (encoder, given, ModelFiles(root: root, weights: source, weightFile: weightFile))
        }
        let (tokenizer, dropped) = given.keepingAdded(below: encoder.shape.vocabularySize)
        if let note = noteOfTokensWithoutRows(dropped) { pipeline.notes.append(note) }
        let config = try root.config("config.json")
        // null: no limit.
        let isUnlimited = config?.object["max_length"]?.isNull == true
        pipeline.maxTokens = isUnlimited ? mostTokens : try config?.size("max_length") ?? 512
        guard tokenizer.idBound <= encoder.shape.vocabularySize else {
            throw .malformed(
                weightFile,
                "the tokenizer has ids up to \(tokenizer.idBound - 1), but the table of vectors only \(encoder.shape.vocabularySize) rows"
            )
        }
        pipeline.tokens = isUnlimited ? StaticTokens(unknown: tokenizer.unknownID) : .model2vec(tokenizer)
        return (encoder, tokenizer, ModelFiles(root: root, weights: source, weightFile: weightFile))
    }
}
