internal import MartletCompute
internal import MartletSystem
internal import MartletWeights

/// A layer's relative positions as its attention reads them: for each head, keys and queries made of the
/// table of positions (He et al. 2021). They are the same for every text.
struct RelativePositions: Sendable {
    /// For each head [2 · span, head size]; empty: queries do not read positions.
    let keys: [PackedMatrix]
    /// For each head [2 · span, head size]; empty: positions do not read keys.
    let queries: [PackedMatrix]

    var bytes: Int { (keys + queries).reduce(0) { $0 + $1.bytes } }
}

extension Checkpoint {
    func relativePositions(_ d: TransformerDescription, layer: Int, _ packing: Packing) throws(ModelError)
        -> RelativePositions?
    {
        guard let relative = d.attention.relative, let names = layout.relative else { return nil }
        let (rows, hidden) = (2 * relative.span, d.hiddenSize)
        let stored = try tensor(names.table + ".weight")
        guard stored.shape.count == 2, stored.shape[0] >= rows, stored.shape[1] == hidden else {
            throw ModelError(
                .invalidTensor,
                "\(stored.file): tensor \(stored.name) has shape \(stored.shape), expected [\(rows), \(hidden)]",
                file: stored.file)
        }
        let stride = (hidden + 15) / 16 * 16
        let table = AlignedBuffer<Float>(count: rows * stride)
        for row in 0..<rows {
            let place = UnsafeMutableBufferPointer(start: table.pointer + row * stride, count: hidden)
            stored.readRows(row..<row + 1, into: place)
            if let bad = place.firstIndex(where: { !$0.isFinite }) {
                throw Checkpoint.notFinite(stored, place[bad], at: row * hidden + bad)
            }
        }
        if relative.normalisesTable {
            let norm = try norm(names.norm, hidden, d.norm)
            let step = norm.norming(table.pointer, stride: stride, output: table.pointer, rows: rows)
            // A step holds no more than the norm's addresses.
            withExtendedLifetime(norm) { step.run(packing.kernels) }
        }
        let shared = relative.sharesProjections
        let keyName = shared ? layout.projections[1] : names.key
        let queryName = shared ? layout.projections[0] : names.query
        func heads(_ name: String) throws(ModelError) -> [PackedMatrix] {
            try projected(table, stride, rows, layout.layer(layer, name), d, packing)
        }
        return RelativePositions(
            keys: relative.readsPositions ? try heads(keyName) : [],
            queries: relative.readsContent ? try heads(queryName) : [])
    }

    /// The table through a matrix, cut into heads, in the precision of the rows that they are multiplied
    /// with.
    private func projected(
        _ table: borrowing AlignedBuffer<Float>, _ stride: Int, _ rows: Int, _ name: String,
        _ d: TransformerDescription, _ packing: Packing
    ) throws(ModelError) -> [PackedMatrix] {
        let (width, size, kernels) = (d.attention.width, d.attention.headSize, packing.kernels)
        let own = Packing(precision: .f32, kernels: kernels)
        let matrix = try matrix(
            [MatrixPart(name: name, rows: width)], inputs: d.hiddenSize, hasBias: d.attention.hasBias,
            packing: own)
        // Products may write whole vectors.
        let between = (width + 63) / 64 * 64
        let made = AlignedBuffer<Float>(count: rows * between)
        matrix.apply(
            .init(f32: table.pointer, stride: stride), rows: rows,
            to: .init(f32: made.pointer, stride: between)
        )
        let isBF16 = packing.precision == .bf16 || packing.precision.roundsInputs && kernels.hasBF16Dot
        return (0..<d.attention.heads).map { head in
            PackedMatrix(
                outputs: rows, inputs: size, bias: nil, precision: isBF16 ? .bf16 : .f32, kernels: kernels
            ) { range, destination in
                for (index, row) in range.enumerated() {
                    for column in 0..<size {
                        destination[index * size + column] =
                            made.pointer[row * between + head * size + column]
                    }
                }
            }
        }
    }
}

extension TransformerDescription.RelativeScores {
    /// Values from one row of scores by positions to the next: whole vectors, which products may write.
    var stride: Int { (2 * span + 63) / 64 * 64 }

    /// The row of the table for a query that is `distance` after a key. Source: `make_log_bucket_position`
    /// of transformers' `modeling_deberta_v2`, in f32.
    func row(_ distance: Int) -> Int {
        let middle = buckets / 2
        var place = distance
        if buckets > 0, abs(distance) > middle {
            let ratio =
                logf(Float(abs(distance)) / Float(middle)) / logf(Float(maxDistance - 1) / Float(middle))
            let bucket = (ratio * Float(middle - 1)).rounded(.up) + Float(middle)
            place = Int(bucket) * distance.signum()
        }
        return min(max(place + span, 0), 2 * span - 1)
    }
}

extension Transformer {
    /// context = softmax(scale · (Q Kᵀ + Q · keys of positions + K · queries of positions)) V for a
    /// sequence, a head at a time.
    func attendRelative(
        _ relative: RelativePositions, _ rows: TransformerDescription.RelativeScores, first: Int, tokens: Int,
        _ heads: AttentionHeads, _ mine: Range<Int>, _ scratch: UnsafeMutablePointer<UInt8>,
        _ state: TransformerState
    ) {
        let (width, scale) = (rows.stride, heads.scale)
        let places = (-(tokens - 1)..<tokens).map(rows.row)
        let floats = state.relativeScratch(scratch)
        let (byQuery, byKey) = (floats, floats + tokens * width)
        let scores = byKey + tokens * width
        for head in mine {
            if !relative.keys.isEmpty {
                let queries = state.projections.operand(from: first, column: head * heads.size)
                relative.keys[head].apply(queries, rows: tokens, to: .init(f32: byQuery, stride: width))
            }
            if !relative.queries.isEmpty {
                let keys = state.projections.operand(
                    from: first, column: (heads.queries + head) * heads.size)
                relative.queries[head].apply(keys, rows: tokens, to: .init(f32: byKey, stride: width))
            }
            for query in 0..<tokens {
                for key in 0..<tokens {
                    let place = places[query - key + tokens - 1]
                    let position = relative.keys.isEmpty ? 0 : byQuery[query * width + place]
                    let content = relative.queries.isEmpty ? 0 : byKey[key * width + place]
                    scores[query * tokens + key] = (position + content) * scale
                }
            }
            kernels.attention(
                state.projections, state.context, first: first, tokens: tokens, heads,
                keyHeads: head..<head + 1, scores: UnsafePointer(scores), scratch: scratch)
        }
    }
}
