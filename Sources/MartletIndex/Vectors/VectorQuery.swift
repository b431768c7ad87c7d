internal import CMartletKernels

/// A question's vector, prepared for scans of codes.
struct VectorQuery: Sendable {
    let vector: [Float]
    let tables: QueryTables
    let step: Float
    let offset: Float

    init(_ vector: [Float], rotation: Rotation) {
        self.vector = vector
        let rotated = rotation.rotated(vector)
        var (step, offset): (Float, Float) = (0, 0)
        tables = QueryTables(count: rotation.padded * 4)
        mk_query_tables(rotated, Int64(rotation.padded), tables.pointer, &step, &offset)
        (self.step, self.offset) = (step, offset)
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
