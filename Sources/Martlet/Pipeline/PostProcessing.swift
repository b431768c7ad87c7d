package import MartletModels
internal import MartletSystem

/// From pooled rows to the vectors that the caller gets: the model's modules, the cut to fewer dimensions,
/// the length of 1.
///
/// Rows are independent of each other: a text's vector has the same bits in every batch.
package struct PostProcessing: Sendable {
    /// How to pool the hidden states.
    package let modes: [PoolingMode]
    /// Whether the prompt's tokens take part in pooling.
    package let includePrompt: Bool
    /// Values of a pooled row.
    package let pooledDimensions: Int
    /// Values of a final row.
    package let dimensions: Int
    /// Whether a final row is given length 1.
    package let normalizes: Bool
    private let stages: [PipelineDescription.Stage]
    private let stageDimensions: Int

    /// - Throws: `.invalidOption` if the options do not fit the model.
    package init(
        _ pipeline: PipelineDescription, hiddenSize: Int, pooling: Pooling = .native, dimensions: Int? = nil,
        normalize: Bool? = nil
    ) throws(MartletError) {
        var pipeline = pipeline
        if let mode = PoolingMode(pooling), pipeline.pooling != [mode] {
            pipeline.pooling = [mode]
            do throws(MartletError) {
                _ = try pipeline.dimensions(hiddenSize: hiddenSize)
            } catch {
                throw MartletError(
                    .invalidOption, "pooling \(mode.rawValue) does not fit this model: \(error.message)",
                    file: error.file)
            }
        }
        let full = try pipeline.dimensions(hiddenSize: hiddenSize)
        let cut = dimensions ?? pipeline.defaultDimensions.map { min($0, full) } ?? full
        guard cut >= 1, cut <= full else {
            throw MartletError(
                .invalidOption,
                "dimensions \(cut): this model has \(full), expected a number from 1 to \(full)")
        }
        modes = pipeline.pooling
        includePrompt = pipeline.includePrompt
        pooledDimensions = modes.count * hiddenSize
        stageDimensions = full
        self.dimensions = cut
        // The model's own cut comes after its modules, so that what it leaves has no length of 1. A caller's
        // cut has.
        let isOwnCut = dimensions == nil && cut < full
        normalizes = normalize ?? (pipeline.normalizes && !isOwnCut)
        // Another last normalisation is done after the cut, or not at all: dividing twice by a length would
        // round twice.
        var stages = pipeline.stages
        if !isOwnCut || normalize != nil { while stages.last == .normalize { stages.removeLast() } }
        self.stages = stages
    }

    package init(_ pipeline: PipelineDescription, hiddenSize: Int, options: EmbedOptions) throws(MartletError)
    {
        try self.init(
            pipeline, hiddenSize: hiddenSize, pooling: options.pooling, dimensions: options.dimensions,
            normalize: options.normalize)
    }

    /// Whether the last token's hidden state is all that it reads of a text without a prompt to leave out.
    package var readsLastTokens: Bool { modes == [.last] }

    /// The vector of one text.
    /// - Parameters:
    ///   - hidden: [tokens × hiddenSize]
    ///   - promptTokens: Tokens at the start that belong to the prompt.
    package func vector(of hidden: UnsafeBufferPointer<Float>, tokens: Int, promptTokens: Int) -> [Float] {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: pooledDimensions) { pooled in
            pooled.initialize(repeating: 0)
            guard let states = hidden.baseAddress else { return [] }
            Pooler.pool(
                states, stride: pooledDimensions / modes.count, tokens: tokens,
                skip: includePrompt ? 0 : promptTokens, modes: modes, into: pooled)
            return [Float](unsafeUninitializedCapacity: dimensions) { row, count in
                finish(pooled, count: 1, into: row)
                count = dimensions
            }
        }
    }

    /// Writes the final row of each text of a unit, from the pooled row that a session keeps for it, to its
    /// place in `output`, [texts × dimensions]. A text without tokens has a pooled row of zeros.
    func finish(_ rows: EncodedRows, of unit: ArraySlice<Int>, into output: UnsafeMutableBufferPointer<Float>)
    {
        for (text, index) in unit.enumerated() {
            let row = UnsafeMutableBufferPointer(
                rebasing: output[index * dimensions..<(index + 1) * dimensions])
            if let place = rows.range(of: text).first {
                finish(rows.row(place), count: 1, into: row)
            } else {
                withUnsafeTemporaryAllocation(of: Float.self, capacity: pooledDimensions) { zeros in
                    zeros.initialize(repeating: 0)
                    finish(zeros, count: 1, into: row)
                }
            }
        }
    }

    /// The final rows, [count × dimensions], of pooled rows, [count × pooledDimensions].
    package func finish(
        _ pooled: UnsafeMutableBufferPointer<Float>, count: Int,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(pooled.count >= count * pooledDimensions && output.count >= count * dimensions)
        guard count > 0, let rows = pooled.baseAddress, let results = output.baseAddress else { return }
        if stages.isEmpty {
            for index in 0..<count {
                let result = results + index * dimensions
                result.update(from: rows + index * pooledDimensions, count: dimensions)
                if normalizes { VectorMath.normalize(result, dimensions) }
            }
            return
        }
        let widest = stages.reduce(pooledDimensions) { widest, stage in
            if case .dense(let dense) = stage { max(widest, dense.outputs) } else { widest }
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * widest) { scratch in
            guard var row = scratch.baseAddress else { return }
            var next = row + widest
            row.initialize(repeating: 0, count: 2 * widest)
            for index in 0..<count {
                row.update(from: rows + index * pooledDimensions, count: pooledDimensions)
                var width = pooledDimensions
                for stage in stages {
                    switch stage {
                    case .dense(let dense):
                        dense.apply(row, to: next)
                        swap(&row, &next)
                        width = dense.outputs
                    case .layerNorm(let norm): norm.apply(row)
                    case .normalize: VectorMath.normalize(row, width)
                    case .wholeNumbers:
                        for column in 0..<width {
                            row[column] = (tanhf(row[column]) * 127).rounded(.toNearestOrEven)
                        }
                    }
                }
                if normalizes { VectorMath.normalize(row, dimensions) }
                (results + index * dimensions).update(from: row, count: dimensions)
            }
        }
    }

    /// The index of the first row with a value that is not finite, or nil.
    package static func firstNonFinite(_ rows: UnsafeBufferPointer<Float>, dimensions: Int) -> Int? {
        guard dimensions > 0, let base = rows.baseAddress else { return nil }
        return (0..<rows.count / dimensions).first {
            !VectorMath.isFinite(base + $0 * dimensions, dimensions)
        }
    }
}
