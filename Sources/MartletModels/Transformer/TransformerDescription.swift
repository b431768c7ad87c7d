package import MartletCompute

/// What a transformer encoder computes: an architecture's file reads it from a configuration, and `Transformer` runs it.
package struct TransformerDescription: Sendable, Equatable {
    package var architecture: String
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var layers: Int
    /// Tokens of the longest text.
    package var maxPositions: Int
    package var normEpsilon: Float
    package var embeddings: Embeddings
    package var attention: Attention
    package var feedForward: FeedForward

    /// The sum of word, position and type rows, then a layer norm.
    package struct Embeddings: Sendable, Equatable {
        /// Width of the tables; where it differs from the hidden size, a projection follows the norm.
        package var size: Int
        package var positions: PositionTable?
        /// Rows of the token type table; 0: there is none.
        package var types = 0
    }

    /// A learned row for each position.
    package struct PositionTable: Sendable, Equatable {
        package var rows: Int
        /// nil: a text's first token has position 0. A padding id: positions are counted from the row after that one, and a padding
        /// token inside a text has the row of its id and is not counted, as in fairseq.
        package var padding: Int?
    }

    package struct Attention: Sendable, Equatable {
        package var heads: Int
        package var headSize: Int

        package var scale: Float { 1 / Float(headSize).squareRoot() }
        /// Width of a row of queries, and of attention's result.
        package var width: Int { heads * headSize }
        /// Rows of the matrices of queries, keys and values.
        package var projections: [Int] { [width, width, width] }
    }

    package struct FeedForward: Sendable, Equatable {
        /// Width between the two matrices.
        package var size: Int
        package var activation: Activation
    }
}
