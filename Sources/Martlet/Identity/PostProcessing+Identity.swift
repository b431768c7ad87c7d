extension PostProcessing {
    /// The identity of a call's vectors: the model's, where the options change nothing.
    func identity(from model: ModelIdentity) -> ModelIdentity {
        let names = modes.map(\.pooling.rawValue)
        var space = model.space
        guard space.dimensions != dimensions || space.isNormalized != normalizes || space.pooling != names else { return model }
        space.dimensions = dimensions
        space.isNormalized = normalizes
        space.pooling = names
        return model.with(space: space)
    }
}
