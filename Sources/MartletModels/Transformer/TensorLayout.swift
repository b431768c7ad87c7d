/// The names of a checkpoint's tensors, without `.weight` and `.bias`; nil where a family has no such part.
package struct TensorLayout: Sendable, Equatable {
    /// What may stand before every name: heads for tasks save an encoder under a name of its own.
    package var prefixes: [String]
    package var words: String
    package var positions: String?
    package var types: String?
    package var embeddingNorm: String?
    package var embeddingProjection: String?
    package var distanceBias: String?
    package var finalNorm: String?
    /// What precedes a layer's names, which follow; `#` is the layer's number.
    package var layer: String
    package var beforeAttention: String?
    /// Queries, keys and values: three matrices, or one that holds all of them.
    package var projections: [String]
    package var queryNorm: String?
    package var keyNorm: String?
    package var attentionOutput: String
    package var afterAttention: String?
    package var beforeFeedForward: String?
    /// One matrix, or the two of a gated network in the order that the description gives them.
    package var up: [String]
    package var down: String
    package var afterFeedForward: String?
    package var experts: ExpertNames?
    package var relative: RelativeNames?
    package var convolution: ConvolutionNames?
    /// A weight may be stored as the original of torch's parametrizations, with the adapters beside it.
    package var hasParametrizations = false
    /// Of three projections, the rows of a head of queries or keys are stored as first, middle, second, one
    /// after the middle, and so on.
    package var weavesHeads = false

    /// Of relative positions: a table and its norm, and the matrices of each layer where they are its own.
    package struct RelativeNames: Sendable, Equatable {
        package var table: String
        package var norm: String
        package var query: String
        package var key: String
    }

    /// Of layers with a convolution in place of attention.
    package struct ConvolutionNames: Sendable, Equatable {
        package var projection: String
        package var weights: String
        package var output: String
        var all: [String] { [projection, weights, output] }
    }

    package struct ExpertNames: Sendable, Equatable {
        package var router: String
        /// All experts one under the other; these two and the bias are whole names of tensors.
        package var up: String
        package var down: String
        package var bias: String?
        /// `down` is stored as `up` is, a row for each inner dimension.
        package var downIsTurned = true
    }

    func layer(_ index: Int, _ name: String) -> String {
        layer.split(separator: "#", omittingEmptySubsequences: false).joined(separator: String(index)) + name
    }
}
