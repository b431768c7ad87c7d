extension EmbedOptions {
    /// Whether vectors are as the model's own options make them.
    var keepSpace: Bool { pooling == .native && dimensions == nil && normalize == nil }
}

extension PostProcessing {
    /// The identity of a call's vectors: the model's, where the options change nothing.
    package func identity(from model: ModelIdentity) -> ModelIdentity {
        let names = modes.map(\.pooling.rawValue)
        var space = model.space
        guard space.dimensions != dimensions || space.isNormalized != normalizes || space.pooling != names
        else { return model }
        space.dimensions = dimensions
        space.isNormalized = normalizes
        space.pooling = names
        return model.with(space: space)
    }
}
