internal import MartletCompute
internal import MartletJSON
internal import MartletWeights

/// Checked members of the metadata that llama.cpp's converter writes, whose keys begin with the
/// architecture's name.
struct MetadataReader {
    let gguf: GGUFFile
    let file: String
    let architecture: String

    init(_ gguf: GGUFFile, file: String) {
        self.gguf = gguf
        self.file = file
        architecture = gguf.metadata.string("general.architecture") ?? ""
    }

    private func full(_ key: String) -> String { architecture + "." + key }
    func has(_ key: String) -> Bool { gguf.metadata[full(key)] != nil }

    func size(_ key: String, default standard: Int? = nil) throws(ModelError) -> Int {
        if let standard, !has(key) { return standard }
        guard let number = gguf.metadata.int(full(key)), number > 0, number <= 1 << 28 else {
            throw invalid("metadata \"\(full(key))\" must be a positive integer")
        }
        return number
    }

    /// Layers are counted one by one before the file's tensors are.
    func layers() throws(ModelError) -> Int {
        let layers = try size("block_count")
        guard layers <= 1 << 16 else { throw invalid("\(layers) layers are more than any model has") }
        return layers
    }

    func number(_ key: String, default standard: Double? = nil) throws(ModelError) -> Double {
        if let standard, !has(key) { return standard }
        guard let number = gguf.metadata.double(full(key)), number.isFinite else {
            throw invalid("metadata \"\(full(key))\" must be a number")
        }
        return number
    }

    func flag(_ key: String, default standard: Bool) throws(ModelError) -> Bool {
        guard has(key) else { return standard }
        guard let flag = gguf.metadata.bool(full(key)) else {
            throw invalid("metadata \"\(full(key))\" must be true or false")
        }
        return flag
    }

    func epsilon(_ key: String) throws(ModelError) -> Float {
        let epsilon = Float(try number(key))
        guard epsilon >= 0, epsilon < 1 else {
            throw invalid("layer norm epsilon \(epsilon) is out of range")
        }
        return epsilon
    }

    func activation(default standard: Activation) throws(ModelError) -> Activation {
        guard has("hidden_activation") else { return standard }
        let name = gguf.metadata.string(full("hidden_activation")) ?? ""
        guard let activation = Activation(configured: name) else {
            throw unsupported("hidden_activation \(name.quotedForMessage) is not supported")
        }
        return activation
    }

    /// Which layers see a window only: a list, or the length of a pattern whose one full layer is its first
    /// or its last.
    func slidingLayers(_ layers: Int, pattern standard: Int, fullIsFirst: Bool) throws(ModelError) -> [Bool] {
        let key = "attention.sliding_window_pattern"
        if let list = gguf.metadata.bools(full(key)) {
            guard list.count == layers else {
                throw invalid("metadata \"\(full(key))\" has \(list.count) entries for \(layers) layers")
            }
            return list
        }
        let pattern = try size(key, default: standard)
        return (0..<layers).map { $0 % pattern != (fullIsFirst ? 0 : pattern - 1) }
    }

    func rotary(_ headSize: Int, baseKey: String = "rope.freq_base", default standard: Double = 10_000)
        throws(ModelError) -> Rotary
    {
        try requireUnscaled()
        let (base, dimensions) = (
            try number(baseKey, default: standard), try size("rope.dimension_count", default: headSize)
        )
        guard base > 1, dimensions % 2 == 0, dimensions <= min(headSize, 1024) else {
            throw invalid(
                "rotary positions with base \(base) over \(dimensions) dimensions of a head of \(headSize) are not possible"
            )
        }
        return Rotary(base: base, dimensions: dimensions)
    }

    func rotatesWhole(_ headSize: Int) -> Bool {
        let dimensions = gguf.metadata.int(full("rope.dimension_count")) ?? headSize
        return dimensions == headSize && headSize % 2 == 0
    }

    /// Without a type a factor means linear scaling, as in llama.cpp.
    private func requireUnscaled() throws(ModelError) {
        let key = full("rope.scaling.type")
        if gguf.metadata[key] != nil {
            guard let type = gguf.metadata.string(key) else {
                throw invalid("metadata \"\(key)\" must be a string")
            }
            guard type == "none" else {
                throw unsupported("\(key) \(type.quotedForMessage) is not supported; \"none\" is")
            }
            return
        }
        for key in ["rope.scaling.factor", "rope.scale_linear"] {
            let factor = try number(key, default: 1)
            guard factor == 1 else { throw unsupported("\(full(key)) \(factor) is not supported; 1 is") }
        }
    }

    func requireBothDirections() throws(ModelError) {
        guard try !flag("attention.causal", default: false) else {
            throw unsupported(
                "\(full("attention.causal")) is true; only attention in both directions is supported")
        }
    }

    /// Heads of queries, heads of keys, and their size.
    func heads(hidden: Int) throws(ModelError) -> (queries: Int, keys: Int, size: Int) {
        let queries = try size("attention.head_count")
        let (keys, size) = (
            try size("attention.head_count_kv", default: queries),
            try size("attention.key_length", default: hidden / queries)
        )
        guard queries % keys == 0, size <= 256, has("attention.key_length") || hidden % queries == 0 else {
            throw invalid(
                "\(queries) heads of \(size) dimensions with \(keys) heads of keys and values are not possible"
            )
        }
        return (queries, keys, size)
    }

    /// Rows of a table; 0 where the file has none.
    func rows(_ tensor: String) throws(ModelError) -> Int {
        if let other = gguf.unreadable(tensor) { throw ModelError(other) }
        return gguf.tensor(named: tensor).flatMap { $0.shape.first } ?? 0
    }

    /// Rows of the word table.
    func vocabulary() throws(ModelError) -> Int {
        let rows = try rows("token_embd.weight")
        guard rows > 0, rows <= 1 << 28 else {
            throw ModelError(.missingTensor, "\(file) has no tensor token_embd.weight", file: file)
        }
        return rows
    }

    func invalid(_ message: String) -> ModelError {
        ModelError(.invalidConfiguration, "\(file): \(message)", file: file)
    }
    func unsupported(_ message: String) -> ModelError {
        ModelError(.unsupported, "\(file): \(message)", file: file)
    }
}

extension TensorLayout {
    /// llama.cpp's names where norms come before.
    static let ggufPreNorm = TensorLayout(
        prefixes: [""], words: "token_embd", finalNorm: "output_norm", layer: "blk.#.",
        beforeAttention: "attn_norm",
        projections: ["attn_q", "attn_k", "attn_v"], queryNorm: "attn_q_norm", keyNorm: "attn_k_norm",
        attentionOutput: "attn_output",
        beforeFeedForward: "ffn_norm", up: ["ffn_gate", "ffn_up"], down: "ffn_down")
}
