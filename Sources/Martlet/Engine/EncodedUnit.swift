internal import MartletModels

/// A unit of texts after its forward pass. It lends the session's memory: read it before the next pass.
package struct EncodedUnit {
    let batch: PackedBatch
    let rows: EncodedRows

    /// The first of the rows that the reduction kept; rows are `stride` apart.
    var hidden: UnsafePointer<Float> { UnsafePointer(rows.base) }
    var stride: Int { rows.stride }
    /// Where each text's tokens begin, and the end of the last.
    var offsets: [Int] { batch.offsets }
    var ids: [Int32] { batch.ids }
}
