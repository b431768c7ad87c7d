internal import CMartletKernels

/// A question's vector, prepared for scans of codes.
struct VectorQuery: Sendable {
    let vector: [Float]
    let tables: [UInt8]
    let step: Float
    let offset: Float

    init(_ vector: [Float], rotation: Rotation) {
        self.vector = vector
        let rotated = rotation.rotated(vector)
        var (step, offset): (Float, Float) = (0, 0)
        var tables = [UInt8](repeating: 0, count: rotation.padded * 4)
        tables.withUnsafeMutableBufferPointer { mk_query_tables(rotated, Int64(rotation.padded), $0.baseAddress, &step, &offset) }
        (self.tables, self.step, self.offset) = (tables, step, offset)
    }
}
