package import MartletCompute
internal import MartletSystem

/// What a transformer encoder computes: an architecture's file reads it from a configuration, and
/// `Transformer` runs it.
package struct TransformerDescription: Sendable, Equatable {
    package var architecture: String
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var layers: Int
    /// Tokens of the longest text.
    package var maxPositions: Int
    package var norm: Norm
    package var residual = Residual.postNorm
    package var embeddings: Embeddings
    package var attention: Attention
    package var feedForward: FeedForward
    /// nil: every layer has attention.
    package var convolution: Convolution?

    package struct Norm: Sendable, Equatable {
        package var epsilon: Float
        /// Root mean square alone, without mean and bias (Zhang and Sennrich 2019).
        package var isRMS = false
        package var hasBias = true
        /// Added to every stored weight: Gemma stores them less 1.
        package var offset: Float = 0
    }

    /// Where a layer's norms stand; f is attention or the feed-forward network.
    package enum Residual: Sendable, Equatable {
        /// x = norm(x + f(x))
        case postNorm
        /// x = x + f(norm(x)), and a norm after the last layer
        case preNorm
        /// x = x + norm(f(norm(x))), and a norm after the last layer
        case sandwich
    }

    /// The sum of word, position and type rows, then a norm.
    package struct Embeddings: Sendable, Equatable {
        /// Width of the tables; where it differs from the hidden size, a projection follows the norm.
        package var size: Int
        package var positions: PositionTable?
        /// Rows of the token type table; 0: there is none.
        package var types = 0
        package var hasNorm = true
        /// Multiplies the word's row.
        package var scale: Float = 1
        /// The first layer's attention reads the embeddings as their norm left them, without a norm of its
        /// own.
        package var feedsFirstLayer = false
    }

    /// A learned row for each position.
    package struct PositionTable: Sendable, Equatable {
        package var rows: Int
        /// nil: a text's first token has position 0. A padding id: positions are counted from the row after
        /// that one, and a padding token inside a text has the row of its id and is not counted, as in
        /// fairseq.
        package var padding: Int?
        /// The row of a padding token, where the table is without the rows before the first position, as in
        /// GGUF.
        package var paddingRow: [Float]?
    }

    package struct Attention: Sendable, Equatable {
        package var heads: Int
        /// Heads of keys and values; nil: as many as of queries.
        package var keyValueHeads: Int?
        package var headSize: Int
        /// nil: 1 / √headSize
        package var scale: Float?
        package var hasBias = true
        package var outputHasBias = true
        /// An RMS norm over each head of queries and of keys, before positions.
        package var normalisesHeads = false
        /// A query sees no later keys.
        package var isCausal = false
        package var distanceBias: DistanceScores?
        /// Scores of content against relative positions; nil: there are none.
        package var relative: RelativeScores?
        /// The kinds of layers, and the kind of each layer; empty: all are of the first.
        package var spans = [Span()]
        package var spanOfLayer: [Int] = []
        /// nil: queries are alike at every position.
        package var queryGrowth: QueryGrowth?

        package var keyHeads: Int { keyValueHeads ?? heads }
        /// Width of a row of queries, and of attention's result.
        package var width: Int { heads * headSize }
        /// Rows of the matrices of queries, keys and values.
        package var projections: [Int] { [width, keyHeads * headSize, keyHeads * headSize] }

        func span(ofLayer layer: Int) -> Int { spanOfLayer.isEmpty ? 0 : spanOfLayer[layer] }

        func heads(span: Int) -> AttentionHeads {
            let reach = spans[span].reach
            return AttentionHeads(
                queries: heads, keys: keyHeads, size: headSize,
                scale: scale ?? 1 / Float(headSize).squareRoot(), before: reach,
                after: isCausal ? 0 : reach)
        }
    }

    /// Multiplies the query at a position by 1 + factor · ln(1 + position / every), whole steps of `every` alone.
    package struct QueryGrowth: Sendable, Equatable {
        package var factor: Float
        package var every: Int

        func scale(at position: Int) -> Float { 1 + factor * logf(Float(1 + position / every)) }
    }

    /// How far a layer's attention reaches, and how it tells positions.
    package struct Span: Sendable, Equatable {
        /// The largest distance between a query and a key that it sees; nil: any.
        package var reach: Int?
        package var rotary: Rotary?
    }

    /// Scores that depend on a head and on the distance between query and key.
    package enum DistanceScores: Sendable, Equatable {
        /// Less slope · distance (Press et al. 2022).
        case slopes([Float])
        /// A learned score for each bucket of distances (Raffel et al. 2020).
        case buckets(Int)
    }

    /// Besides the scores of queries and keys: those of queries with positions, and of positions with keys, by
    /// a learned row for each bucket of distances (He et al. 2021).
    package struct RelativeScores: Sendable, Equatable {
        /// Rows of the table for one direction.
        package var span: Int
        /// Half of them are single distances, half logarithmic steps; 0: every distance has a row.
        package var buckets: Int
        package var maxDistance: Int
        /// Positions go through the matrices of queries and keys, not through their own.
        package var sharesProjections: Bool
        package var readsPositions: Bool
        package var readsContent: Bool
        package var normalisesTable: Bool
    }

    /// In place of attention some layers have a short convolution of each channel: of the projections [b | c | x],
    /// c · conv(b · x) goes through the output's matrix (LFM2; Liquid AI 2025).
    package struct Convolution: Sendable, Equatable {
        /// Tokens that it reads.
        package var length: Int
        /// Those of them that are before the token; the others are the token itself and those after it.
        package var before: Int
        package var hasBias: Bool
        /// Which layers have it.
        package var isOfLayer: [Bool]
    }

    func hasConvolution(layer: Int) -> Bool { convolution?.isOfLayer[layer] ?? false }

    package struct FeedForward: Sendable, Equatable {
        /// Width between the two matrices.
        package var size: Int
        package var activation: Activation
        package var gate: Gate?
        package var hasBias = true
        package var outputHasBias = true
        package var experts: Experts?

        func hasExperts(layer: Int) -> Bool { experts.map { layer % $0.every == 1 } ?? false }
    }

    /// In one layer of `every`, from the second on, a token takes the sum of its best `perToken` of `count`
    /// networks, each times its probability, and one bias (Shazeer et al. 2017).
    package struct Experts: Sendable, Equatable {
        package var count: Int
        package var perToken: Int
        package var every: Int
    }

    /// down(activation(a) · b), where the first matrix gives a and b side by side (Shazeer 2020): which half
    /// is activated.
    package enum Gate: Sendable, Equatable { case first, second }
}
