/// Something that turns texts into vectors: a local model, a remote provider, or a type of your own.
///
/// Streams, jobs, the index and the server take any conforming type; ``Embedder``, ``SparseEmbedder`` and
/// ``MultiVectorEmbedder`` conform. A type of your own needs three members:
///
/// ```swift
/// struct Constant: EmbeddingModel {
///     let identity = ModelIdentity(
///         space: VectorSpace(model: "constant", weights: "constant:1", dimensions: 2), computation: Computation(precision: "f32", device: "cpu"))
///     let limits = InputLimits()
///     func embed(_ texts: [String], as role: TextRole?, options: EmbedOptions) async throws -> Embeddings {
///         try Embeddings(floats: texts.flatMap { _ in [1, 0] }, dimensions: 2, identity: identity)
///     }
/// }
/// ```
public protocol EmbeddingModel<Output>: Sendable {
    /// What a batch of texts becomes: ``Embeddings``, ``SparseEmbeddings`` or ``MultiVectorEmbeddings``.
    associatedtype Output: EmbeddingBatch

    /// Which model this is and how it computes, with the model's own options. A batch has the identity of its
    /// own options.
    var identity: ModelIdentity { get }
    /// What one call may hold.
    var limits: InputLimits { get }

    /// The vectors of texts.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty batch.
    ///   - role: Query or document, for models that treat them differently; nil: the model's default.
    ///   - options: What is not given stays as the model says. An option that the model cannot honour is an
    ///     error.
    /// - Returns: One element for each text, in order.
    /// - Throws: ``MartletError`` with the index of the text at fault; `CancellationError` if the task was
    ///   cancelled.
    func embed(_ texts: [String], as role: TextRole?, options: EmbedOptions) async throws -> Output
}

extension EmbeddingModel {
    /// The vectors of texts with the model's own options.
    public func embed(_ texts: [String], as role: TextRole? = nil) async throws -> Output {
        try await embed(texts, as: role, options: EmbedOptions())
    }

    /// The vector of one text.
    /// - Throws: As for several texts; ``MartletError/Code/invalidOutput`` if the model returns another
    ///   number of vectors.
    public func embed(_ text: String, as role: TextRole? = nil, options: EmbedOptions = EmbedOptions())
        async throws -> Output.Element
    {
        let batch = try await embed([text], as: role, options: options)
        guard let vector = batch.first, batch.count == 1 else {
            throw MartletError(
                .invalidOutput, "\(identity.space.model) returned \(batch.count) vectors for one text")
        }
        return vector
    }
}
