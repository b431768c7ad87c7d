/// The names of a checkpoint's tensors, without `.weight` and `.bias`.
package struct TensorLayout: Sendable, Equatable {
    /// What may stand before every name: heads for tasks save an encoder under a name of its own.
    package var prefixes: [String]
    package var words: String
    package var positions: String?
    package var types: String?
    package var embeddingNorm: String?
    package var embeddingProjection: String?
    /// What stands before a layer's names; `#` is the layer's number.
    package var layer: String
    /// Queries, keys and values: three matrices, or one that holds all of them.
    package var projections: [String]
    package var attentionOutput: String
    package var afterAttention: String
    package var up: [String]
    package var down: String
    package var afterFeedForward: String

    func layer(_ index: Int, _ name: String) -> String {
        layer.split(separator: "#", omittingEmptySubsequences: false).joined(separator: String(index)) + name
    }
}
