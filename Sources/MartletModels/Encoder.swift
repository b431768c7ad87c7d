internal import MartletCompute

/// A transformer that turns token ids into hidden states, one row a token.
package protocol Encoder: Sendable {
    var shape: EncoderShape { get }
    /// Bytes that the weights take in memory, beyond the mapped file.
    var weightBytes: Int { get }
    /// Working memory for one thread, for batches of at most `tokens` tokens with no sequence longer than `longest`.
    func makeState(tokens: Int, longest: Int) -> any EncoderState
    /// The bytes of such a state, without making it.
    func stateBytes(tokens: Int, longest: Int) -> Int
    /// Fills the state's hidden states for `batch`, which must fit the state. Ids are below `shape.vocabularySize`.
    func forward(_ batch: PackedBatch, _ state: any EncoderState)
}

/// One thread's working memory. Not Sendable: a thread owns its state.
package protocol EncoderState: AnyObject {
    var tokenCapacity: Int { get }
    var longestSequence: Int { get }
    /// [tokens, hiddenSize] after a forward pass; rows are `hiddenStride` apart.
    var hidden: UnsafePointer<Float> { get }
    var hiddenStride: Int { get }
    var bytes: Int { get }
}

/// The sizes of an encoder that its users need to know.
package struct EncoderShape: Sendable, Equatable {
    package var architecture: String
    package var layers: Int
    package var hiddenSize: Int
    package var heads: Int
    package var intermediateSize: Int
    package var vocabularySize: Int
    package var maxPositions: Int
    package var parameters: Int
    package var activation: String
}
