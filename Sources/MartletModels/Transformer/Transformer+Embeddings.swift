internal import MartletCompute
internal import MartletWeights

extension Transformer {
    /// x = norm(word + position + type), one row a token; projected where the tables are narrower than the
    /// layers.
    func embed(_ batch: PackedBatch, _ state: TransformerState) {
        precondition(batch.context == nil || readsContext, "this encoder reads no context")
        if let table = description.embeddings.positions { number(batch, table, state.positions.pointer) }
        guard let projection = weights.embeddingProjection, let narrow = state.embeddingsNarrow,
            let norm = weights.embeddingNorm
        else {
            lookUp(batch, 0..<batch.tokens, into: state.x.pointer, stride: state.hiddenStride, state)
            if let context = batch.context {
                put(context, batch, into: state.x.pointer, stride: state.hiddenStride)
            }
            if let norm = weights.embeddingNorm, !description.embeddings.feedsFirstLayer {
                normalise(norm, batch, state)
            }
            return
        }
        for rows in blocks(batch.tokens, state.rowBlock) {
            let (sum, stride) = (state.embeddings.pointer, state.embeddingsStride)
            lookUp(batch, rows, into: sum, stride: stride, state)
            narrow.norming(sum, stride: stride, output: sum, first: 0, rows: rows.count, norm).run(kernels)
            let operand =
                narrow.form == .f32 ? PackedMatrix.Operand(f32: sum, stride: stride) : narrow.operand()
            state.project(projection, operand, first: rows.lowerBound, rows: rows.count, kernels)
        }
    }

    /// Whether a batch may have a context: rows of the tables are as wide as those of the layers, and
    /// positions are no rows.
    package var readsContext: Bool { weights.embeddingProjection == nil && weights.positions == nil }

    /// The context's rows in place of those that were looked up, and the row of token type 0 once more.
    private func put(
        _ context: ContextRows, _ batch: PackedBatch, into output: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let size = description.embeddings.size
        precondition(context.width == size)
        context.floats.withUnsafeBufferPointer { rows in
            guard let base = rows.baseAddress else { return }
            for sequence in 0..<batch.sequences {
                for row in 0..<context.count {
                    (output + (batch.offsets[sequence] + row) * stride).update(
                        from: base + row * size, count: size)
                }
            }
        }
        weights.types.withUnsafeBufferPointer { types in
            guard let base = types.baseAddress else { return }
            for token in 0..<batch.tokens { kernels.add(base, to: output + token * stride, count: size) }
        }
    }

    private func normalise(_ norm: NormWeights, _ batch: PackedBatch, _ state: TransformerState) {
        if description.residual == .postNorm {
            state.norming(state.x.pointer, first: 0, rows: batch.tokens, norm).run(kernels)
        } else {
            norm.norming(
                state.x.pointer, stride: state.hiddenStride, output: state.x.pointer, rows: batch.tokens
            ).run(kernels)
        }
    }

    /// The row of the position table for each token; -1: the table's row of padding tokens, which lies apart.
    private func number(
        _ batch: PackedBatch, _ table: TransformerDescription.PositionTable,
        _ positions: UnsafeMutablePointer<Int32>
    ) {
        for sequence in 0..<batch.sequences {
            let isApart = table.paddingRow != nil
            var next = isApart ? 0 : table.padding.map { Int32($0) + 1 } ?? 0
            for token in batch.range(of: sequence) {
                if let padding = table.padding, batch.ids[token] == padding {
                    positions[token] = isApart ? -1 : Int32(padding)
                } else {
                    positions[token] = next
                    next += 1
                }
            }
        }
    }

    /// word + position + type for `tokens`, rows `stride` apart.
    private func lookUp(
        _ batch: PackedBatch, _ tokens: Range<Int>, into output: UnsafeMutablePointer<Float>, stride: Int,
        _ state: TransformerState
    ) {
        let size = description.embeddings.size
        let row = UnsafeMutableBufferPointer(rebasing: state.tableRow.buffer[0..<size])
        for token in tokens {
            let x = output + (token - tokens.lowerBound) * stride
            let id = Int(batch.ids[token])
            if description.embeddings.scale == 1 {
                weights.words.readRows(id..<id + 1, into: UnsafeMutableBufferPointer(start: x, count: size))
                weights.wordUpdate?.apply(row: id, to: x, kernels)
            } else {
                weights.words.readRows(id..<id + 1, into: row)
                weights.wordUpdate?.apply(row: id, to: state.tableRow.pointer, kernels)
                x.update(repeating: 0, count: size)
                kernels.add(
                    state.tableRow.pointer, scaledBy: description.embeddings.scale, to: x, count: size)
            }
            if !weights.types.isEmpty {
                let type = batch.typeIDs.isEmpty ? 0 : Int(batch.typeIDs[token])
                weights.types.withUnsafeBufferPointer { types in
                    if let base = types.baseAddress { kernels.add(base + type * size, to: x, count: size) }
                }
            }
            if let table = weights.positions {
                let position = Int(state.positions.pointer[token])
                if position >= 0 {
                    table.readRows(position..<position + 1, into: row)
                } else if let apart = description.embeddings.positions?.paddingRow {
                    _ = row.update(fromContentsOf: apart)
                }
                kernels.add(state.tableRow.pointer, to: x, count: size)
            }
        }
    }
}
