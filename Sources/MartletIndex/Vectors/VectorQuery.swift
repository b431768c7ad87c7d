internal import CMartletKernels

/// A question's vector, prepared for scans of codes.
package struct VectorQuery: Sendable {
    let vector: [Float]
    let tables: QueryTables
    package let step: Float
    let offset: Float

    package init(_ vector: [Float], rotation: Rotation) {
        self.vector = vector
        let rotated = rotation.rotated(vector)
        var (step, offset): (Float, Float) = (0, 0)
        tables = QueryTables(count: rotation.padded * 4)
        mk_query_tables(rotated, Int64(rotation.padded), tables.pointer, &step, &offset)
        (self.step, self.offset) = (step, offset)
    }

    /// The estimates of products with vectors, as a scan of their codes has them.
    package func estimates(of vectors: [[Float]], rotation: Rotation) -> [Float] {
        let dimensions = vector.count
        let mean = (0..<dimensions).map { index in vectors.reduce(0) { $0 + $1[index] } / Float(vectors.count)
        }
        let base = zip(mean, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: 64 * rotation.padded)
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: rotation.blockBytes)
        defer {
            scratch.deallocate()
            block.deallocate()
        }
        let best = BestRows(wanted: vectors.count)
        for start in stride(from: 0, to: vectors.count, by: 64) {
            let rows = Array(vectors[start..<min(start + 64, vectors.count)])
            mk_code_block(
                Array(rows.joined()), Int64(rows.count), Int64(dimensions), Int64(rotation.padded), mean,
                rotation.signs, block, scratch)
            var query = mk_scan_query(
                tables: tables.pointer, step: step, offset: offset, base: base, best: best.pointer)
            var scan = mk_scan(
                blocks: block, first: 0, end: 1, groups: Int64(rotation.padded / 8), rows: Int64(rows.count),
                mask: nil,
                first_row: UInt32(start), is_far: 0)
            IndexKernels.best.scan(&scan, &query, 1)
        }
        return best.sorted().sorted { $0.row < $1.row }.map(\.score)
    }
}

/// What the entries of a query's tables are looked up in.
///
/// Sendable because nobody writes to the memory after `VectorQuery.init`.
final class QueryTables: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<UInt8>

    init(count: Int) {
        pointer = .allocate(capacity: count)
        pointer.initialize(repeating: 0, count: count)
    }

    deinit { pointer.deallocate() }
}
