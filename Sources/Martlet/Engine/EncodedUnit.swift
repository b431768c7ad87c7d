internal import MartletCompute
internal import MartletModels

/// A unit of texts after its forward pass. It lends the worker's memory: read it before the worker's next
/// pass.
package struct EncodedUnit {
    let batch: PackedBatch
    let state: any EncoderState

    /// The first row of hidden states; rows are `stride` apart.
    package var hidden: UnsafePointer<Float> { state.hidden }
    package var stride: Int { state.hiddenStride }
    /// Where each text's rows begin, and the end of the last.
    package var offsets: [Int] { batch.offsets }
    package var ids: [Int32] { batch.ids }
}
