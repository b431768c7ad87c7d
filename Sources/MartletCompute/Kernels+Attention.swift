internal import CMartletKernels

/// The heads of attention, and which keys a query sees.
package struct AttentionHeads: Sendable, Equatable {
    package let queries: Int
    /// Heads of keys and of values: consecutive heads of queries share one.
    package let keys: Int
    package let size: Int
    package let scale: Float
    /// How many keys before its position and after it a query sees; nil: all.
    package let before: Int?
    package let after: Int?

    package init(
        queries: Int, keys: Int? = nil, size: Int, scale: Float, before: Int? = nil, after: Int? = nil
    ) {
        self.queries = queries
        self.keys = keys ?? queries
        self.size = size
        self.scale = scale
        self.before = before
        self.after = after
    }
}

/// What is added to the scores of each head for a key so far from the query.
///
/// Sendable because nothing writes to it after `init`.
package final class DistanceBias: @unchecked Sendable {
    /// [heads, 2 × positions − 1]: from the key that is farthest before the query to the one that is farthest
    /// after it.
    private let values: AlignedBuffer<Float>
    private let positions: Int

    /// - Parameter value: Of a head and a key's position less the query's.
    package init(heads: Int, positions: Int, value: (_ head: Int, _ distance: Int) -> Float) {
        self.positions = positions
        let row = 2 * positions - 1
        values = AlignedBuffer(count: heads * row)
        for head in 0..<heads {
            for index in 0..<row { values.pointer[head * row + index] = value(head, index - positions + 1) }
        }
    }

    package var bytes: Int { values.bytes }
    fileprivate var stride: Int { 2 * positions - 1 }
    fileprivate var atDistance0: UnsafePointer<Float> { UnsafePointer(values.pointer + positions - 1) }
}

extension Kernels {
    /// softmax(scale · Q Kᵀ + bias) V for every head of one sequence.
    ///
    /// Where `context` is quantised afterwards, in an int8 pass, the kernels may be as inexact as bf16 is.
    ///
    /// `scores`, [tokens, tokens] for the one head of `keyHeads`, is added to the head's scores.
    ///
    /// `projections` holds rows [q | k | v], and `context` receives the queries' heads; both are f32 or both
    /// bf16. `first` is the row of the sequence's first token; the queries' rows begin there too, unless
    /// `queriesFrom` says where. Of the heads of keys, with the queries that read them, those of `keyHeads`;
    /// nil: all.
    ///
    /// With `keys`, rows [k | v] of all tokens in the form of `projections`, the first `skipped` tokens have no
    /// queries, and row `first` of `projections` is that of the token after them.
    package func attention(
        _ projections: OperandRows, _ context: OperandRows, first: Int, tokens: Int, _ heads: AttentionHeads,
        keyHeads: Range<Int>? = nil,
        bias: DistanceBias? = nil, scores: UnsafePointer<Float>? = nil, queriesFrom queries: Int? = nil,
        keys rows: OperandRows? = nil, skipped: Int = 0, scratch: UnsafeMutablePointer<UInt8>
    ) {
        let keyHeads = keyHeads ?? 0..<heads.keys
        if keyHeads.isEmpty { return }
        let perKey = heads.queries / heads.keys
        let (query, key) = (keyHeads.lowerBound * perKey * heads.size, keyHeads.lowerBound * heads.size)
        let isBF16 = projections.form == .bf16
        let size = isBF16 ? 2 : 4
        let base = UnsafeMutableRawPointer(projections.f32) + first * projections.stride * size
        var arguments = mk_attention()
        arguments.tokens = Int64(tokens)
        arguments.heads = Int64(keyHeads.count * perKey)
        arguments.head_size = Int64(heads.size)
        let row = queries ?? first
        arguments.q = UnsafeRawPointer(base + ((row - first) * projections.stride + query) * size)
        arguments.k = UnsafeRawPointer(base + (heads.queries * heads.size + key) * size)
        arguments.v = UnsafeRawPointer(base + ((heads.queries + heads.keys) * heads.size + key) * size)
        arguments.ld = Int64(projections.stride)
        arguments.out = UnsafeMutableRawPointer(context.f32) + (row * context.stride + query) * size
        arguments.ldo = Int64(context.stride)
        arguments.scale = heads.scale
        arguments.scratch = UnsafeMutableRawPointer(scratch)
        let form = isBF16 ? MK_ROWS_BF16 : context.areQuantised ? MK_ROWS_F32_OF_INT8 : MK_ROWS_F32
        if let rows {
            let base = UnsafeRawPointer(rows.f32) + key * size
            arguments.k = base
            arguments.v = base + heads.keys * heads.size * size
            arguments.ld_keys = Int64(rows.stride)
            arguments.skipped = Int64(skipped)
        }
        let isMasked = heads.before != nil || heads.after != nil
        guard isMasked || rows != nil || heads.keys != heads.queries || bias != nil || scores != nil else {
            return attention(form, arguments)
        }
        arguments.key_heads = Int64(keyHeads.count)
        arguments.masked = isMasked ? 1 : 0
        arguments.before = Int64(heads.before ?? .max)
        arguments.after = Int64(heads.after ?? .max)
        if let bias {
            arguments.bias = bias.atDistance0 + keyHeads.lowerBound * perKey * bias.stride
            arguments.bias_stride = Int64(bias.stride)
        }
        if let scores {
            arguments.bias = scores
            arguments.bias_step = Int64(tokens + 1)
        }
        generalAttention(form, arguments)
    }
}
