internal import CMartletKernels

/// The kernels of this CPU's best instruction set.
enum IndexKernels {
    // Constants of the library: nobody writes to them.
    nonisolated(unsafe) static let best: mk_index_kernels = mk_index_kernels_at(0).pointee

    /// Scores of stored vectors, by their numbers in `rows`.
    static func scores(
        _ query: [Float], store: VectorStore, rows: UnsafeRawPointer, scales: UnsafePointer<Float>?,
        numbers: [UInt32]?, count: Int,
        kernels: mk_index_kernels = best
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { scores, written in
            func run(_ numbers: UnsafePointer<UInt32>?) {
                var rescore = mk_rescore(
                    rows: rows, dimensions: Int64(query.count), scales: scales, numbers: numbers,
                    count: Int64(count))
                switch store {
                case .f32: kernels.scores_f32(&rescore, query, scores.baseAddress)
                case .f16: kernels.scores_f16(&rescore, query, scores.baseAddress)
                case .int8: kernels.scores_i8(&rescore, query, scores.baseAddress)
                }
            }
            if let numbers { numbers.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
            written = count
        }
    }
}
