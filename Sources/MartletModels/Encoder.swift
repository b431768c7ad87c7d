package import MartletCompute

/// A transformer that turns token ids into hidden states, one row a token.
package protocol Encoder: Sendable {
    var shape: EncoderShape { get }
    /// Bytes that the weights take in memory, beyond the mapped file.
    var weightBytes: Int { get }
    /// Working memory for one thread, for batches of at most `tokens` tokens with no sequence longer than
    /// `longest`.
    func makeState(tokens: Int, longest: Int) -> any EncoderState
    /// The bytes of such a state, without making it.
    func stateBytes(tokens: Int, longest: Int) -> Int
    /// The bytes that each member of a team but the first adds to it.
    func memberBytes(longest: Int) -> Int
    /// Whether texts of so many tokens may have hidden ones at their end, see `PackedBatch`.
    func hidesTokens(ofTextsUpTo tokens: Int) -> Bool
    /// Whether `attentionOfFirstToken` has a meaning.
    var givesAttentionOfFirstToken: Bool { get }
    /// What the first token of a sequence attends to in the last layer, after a forward pass of `batch`: the
    /// mean over the heads, one number for each of the sequence's tokens.
    func attentionOfFirstToken(_ sequence: Int, _ batch: PackedBatch, _ state: any EncoderState) -> [Float]
    /// Fills the state's hidden states for `batch`, which must fit the state. Ids are below
    /// `shape.vocabularySize`.
    ///
    /// All members of a team call it at the same time with the same batch, of one sequence, and the same
    /// state, which was prepared for so many. The hidden states are there when all have returned.
    func forward(_ batch: PackedBatch, _ state: any EncoderState, _ member: TeamMember)
}

extension Encoder {
    /// The same on the calling thread alone.
    package func forward(_ batch: PackedBatch, _ state: any EncoderState) { forward(batch, state, .alone) }
}

/// One thread's working memory. Not Sendable: a thread owns its state.
package protocol EncoderState: AnyObject {
    var tokenCapacity: Int { get }
    var longestSequence: Int { get }
    /// [tokens, hiddenSize] after a forward pass; rows are `hiddenStride` apart.
    var hidden: UnsafePointer<Float> { get }
    var hiddenStride: Int { get }
    var bytes: Int { get }
    /// Makes the memory that each member of a team of so many needs for itself.
    func prepare(members: Int)
}

/// The sizes of an encoder that its users need to know.
package struct EncoderShape: Sendable, Equatable {
    package var architecture: String
    package var layers: Int
    package var hiddenSize: Int
    package var heads: Int
    package var intermediateSize: Int
    package var vocabularySize: Int
    /// Rows of the table of token types; 0: there is none.
    package var typeVocabularySize = 0
    package var maxPositions: Int
    package var parameters: Int
    package var activation: String
}
