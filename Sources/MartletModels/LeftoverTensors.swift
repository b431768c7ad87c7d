internal import MartletSystem
internal import MartletWeights

/// Tensors of a weight file that nothing reads: they may be a part of the model that would be left out of its
/// numbers.
enum LeftoverTensors {
    /// Refuses a tensor that neither the encoder nor a known head has.
    /// - Parameter others: Beginnings of names that the caller reads, or knows to be without effect.
    static func check(_ checkpoint: Checkpoint, others: [String]) throws(ModelError) {
        // An export's names are those of a graph, constants included.
        if checkpoint.source is ONNXFile || checkpoint.source is OpenVINOFile { return }
        let unreadable = checkpoint.source.unreadableTensors.map(\.name)
        let prefixes = [checkpoint.prefix] + checkpoint.layout.prefixes
        for name in checkpoint.source.tensorNames + unreadable where !others.contains(where: name.hasPrefix) {
            let known = prefixes.contains { prefix in
                name.hasPrefix(prefix) && isKnown(String(name.dropFirst(prefix.count)), checkpoint.layout)
            }
            if known { continue }
            throw ModelError(
                .unsupported,
                "\(checkpoint.file): nothing reads the tensor \(name), so that the model would run without it; the published model may have code of "
                    + "its own, or a head that is not supported",
                file: checkpoint.file)
        }
    }

    /// Whether an encoder of the layout, or a known head, has a tensor of that name.
    private static func isKnown(_ name: String, _ layout: TensorLayout) -> Bool {
        harmless.contains(where: name.hasSuffix) || heads.contains(where: name.hasPrefix)
            || isOfEncoder(name, layout)
    }

    /// Whether an encoder of the layout reads a tensor of that name.
    static func isOfEncoder(_ name: String, _ layout: TensorLayout) -> Bool {
        if layout.hasParametrizations, name.holds(".parametrizations.") { return true }
        let tables = [
            layout.words, layout.positions, layout.types, layout.embeddingNorm, layout.embeddingProjection,
            layout.distanceBias,
            layout.finalNorm, layout.relative?.table, layout.relative?.norm,
        ]
        if tables.contains(where: { $0.map { isTensor(name, of: $0) } ?? false }) { return true }
        guard let inside = layout.inside(layerOf: name) else { return false }
        let norms = [
            layout.beforeAttention, layout.queryNorm, layout.keyNorm, layout.afterAttention,
            layout.beforeFeedForward,
            layout.afterFeedForward,
        ]
        let parts =
            norms.compactMap { $0 } + layout.projections + layout.up + [layout.attentionOutput, layout.down]
            + (layout.relative.map { [$0.query, $0.key] } ?? []) + (layout.convolution?.all ?? [])
        if parts.contains(where: { isTensor(inside, of: $0) }) { return true }
        guard let experts = layout.experts else { return false }
        return isTensor(inside, of: experts.router)
            || [experts.up, experts.down, experts.bias].contains(inside)
    }

    private static func isTensor(_ name: String, of module: String) -> Bool {
        [".weight", ".bias", ".gamma", ".beta"].contains { name == module + $0 }
    }

    /// Buffers that transformers makes anew.
    private static let harmless = [
        "position_ids", "token_type_ids", "inv_freq", "masked_bias", "cos_cached", "sin_cached",
        "_float_tensor", "num_batches_tracked",
    ]

    /// Heads for tasks of their own, which an encoder is published with and runs without. Those that make a
    /// model's vectors or scores are read by whoever loads it for them.
    private static let heads = [
        "pooler.", "cls.", "lm_head.", "classifier.", "score.", "pre_classifier.", "vocab_transform.",
        "vocab_layer_norm.",
        "vocab_projector.", "qa_outputs.", "generator_predictions.", "generator_lm_head.",
        "discriminator_predictions.", "head.dense.",
        "head.norm.", "lm_predictions.", "mask_predictions.", "decoder.weight", "decoder.bias",
        "dense.weight", "dense.bias", "output.weight",
        "output_norm_enc.", "mlm_head.",
        // What llama.cpp's converter and Martlet write beside an encoder.
        "dense_2.", "dense_3.", "martlet.", "rope_freqs.",
    ]
}

extension TensorLayout {
    /// The rest of a name inside a layer; nil: it is not a layer's. Layers beyond the configuration's number
    /// are left out by it, as by transformers.
    func inside(layerOf name: String) -> String? {
        let parts = layer.split(separator: "#", omittingEmptySubsequences: false)
        guard let first = parts.first, name.hasPrefix(first) else { return nil }
        // The layers of ALBERT are one.
        guard parts.count == 2 else { return String(name.dropFirst(first.count)) }
        let rest = name.dropFirst(parts[0].count)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, rest.dropFirst(digits.count).hasPrefix(parts[1]) else { return nil }
        return String(rest.dropFirst(digits.count + parts[1].count))
    }
}
