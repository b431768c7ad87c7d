package import MartletCompute
package import MartletJSON
package import MartletWeights

/// What `config.json` or GGUF metadata says of a BERT encoder.
package struct BertConfiguration: Sendable, Equatable {
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var layers: Int
    package var heads: Int
    package var intermediateSize: Int
    package var maxPositions: Int
    package var typeVocabularySize: Int
    package var normEpsilon: Float
    package var activation: Activation

    package var headSize: Int { hiddenSize / heads }

    /// The encoder (Devlin et al. 2018): absolute positions, post-norm, attention in both directions.
    package var description: TransformerDescription {
        TransformerDescription(
            architecture: "bert", vocabularySize: vocabularySize, hiddenSize: hiddenSize, layers: layers,
            maxPositions: maxPositions,
            norm: .init(epsilon: normEpsilon),
            embeddings: .init(
                size: hiddenSize, positions: .init(rows: maxPositions), types: typeVocabularySize),
            attention: .init(heads: heads, headSize: headSize),
            feedForward: .init(size: intermediateSize, activation: activation))
    }

    /// From a transformers configuration. Source: transformers' `BertConfig`, whose defaults fill what is
    /// absent there.
    package init(json: JSONValue, file: String) throws(ModelError) {
        try self.init(ConfigurationReader(json, file: file, family: "BERT"))
    }

    init(_ reader: ConfigurationReader, positions: String = "absolute") throws(ModelError) {
        try reader.require("position_embedding_type", oneOf: positions)
        try reader.require("is_decoder", false, because: "only attention in both directions is supported")
        activation = try reader.activation("hidden_act", default: "gelu")
        vocabularySize = try reader.size("vocab_size")
        hiddenSize = try reader.size("hidden_size")
        layers = try reader.size("num_hidden_layers")
        heads = try reader.size("num_attention_heads")
        intermediateSize = try reader.size("intermediate_size")
        maxPositions = try reader.size("max_position_embeddings", default: 512)
        typeVocabularySize = try reader.size("type_vocab_size", default: 2)
        normEpsilon = Float(try reader.number("layer_norm_eps", default: 1e-12))
        try check(reader.file)
    }

    /// From GGUF metadata as llama.cpp's converter writes it. The format holds no activation: `bert` means
    /// exact GELU unless our own key says otherwise. Sizes of the two tables come from their tensors.
    package init(gguf: GGUFFile, file: String) throws(ModelError) {
        func size(_ key: String) throws(ModelError) -> Int {
            guard let number = gguf.metadata.int("bert." + key), number > 0, number <= 1 << 28 else {
                throw ModelError(
                    .invalidConfiguration, "\(file): metadata \"bert.\(key)\" must be a positive integer",
                    file: file)
            }
            return number
        }
        func rows(_ tensor: String) throws(ModelError) -> Int {
            guard let shape = gguf.tensor(named: tensor)?.shape else {
                if let other = gguf.unreadable(tensor) { throw ModelError(other) }
                throw ModelError(.missingTensor, "\(file) has no tensor \(tensor)", file: file)
            }
            guard let rows = shape.first, rows > 0, rows <= 1 << 28 else {
                throw ModelError(
                    .invalidTensor, "\(file): tensor \(tensor) has shape \(shape), expected at least one row",
                    file: file)
            }
            return rows
        }
        let name = gguf.metadata.string(BertConfiguration.activationKey) ?? "gelu"
        guard let activation = Activation(configured: name) else {
            throw ModelError(
                .unsupported,
                "\(file): \(BertConfiguration.activationKey) \(name.quotedForMessage) is not supported",
                file: file)
        }
        vocabularySize = try rows("token_embd.weight")
        hiddenSize = try size("embedding_length")
        layers = try size("block_count")
        heads = try size("attention.head_count")
        intermediateSize = try size("feed_forward_length")
        maxPositions = try rows("position_embd.weight")
        // A DistilBERT has none.
        typeVocabularySize =
            gguf.has("token_types.weight") ? try rows("token_types.weight") : 0
        guard let epsilon = gguf.metadata.double("bert.attention.layer_norm_epsilon") else {
            throw ModelError(
                .invalidConfiguration,
                "\(file): metadata \"bert.attention.layer_norm_epsilon\" must be a number", file: file)
        }
        if gguf.metadata.bool("bert.attention.causal") == true {
            throw ModelError(
                .unsupported,
                "\(file): bert.attention.causal is true; only attention in both directions is supported",
                file: file)
        }
        normEpsilon = Float(epsilon)
        self.activation = activation
        try check(file)
    }

    /// Our metadata key for `hidden_act`, which GGUF has no place for.
    package static let activationKey = "martlet.hidden_act"
    /// Our keys for the padding token that RoBERTa does not count, and for its row of the position table: GGUF
    /// has the rows of texts only.
    package static let paddingKey = "martlet.position_padding"
    package static let paddingRowKey = "martlet.position_padding.row"

    private func check(_ file: String) throws(ModelError) {
        guard hiddenSize % heads == 0 else {
            throw ModelError(
                .invalidConfiguration,
                "\(file): hidden size \(hiddenSize) is not a multiple of \(heads) attention heads", file: file
            )
        }
        guard normEpsilon >= 0, normEpsilon < 1 else {
            throw ModelError(
                .invalidConfiguration, "\(file): layer norm epsilon \(normEpsilon) is out of range",
                file: file)
        }
    }
}
