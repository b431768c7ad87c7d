package import MartletCompute

/// An encoder whose forward pass runs on the caller's threads.
package protocol CPUEncoder: Encoder {
    /// Working memory for one thread, for batches of at most `tokens` tokens with no sequence longer than
    /// `longest`.
    func makeState(tokens: Int, longest: Int) -> any EncoderState
    /// The bytes of such a state, without making it.
    func stateBytes(tokens: Int, longest: Int) -> Int
    /// The mean over the heads of what the first token of a sequence attends to in the last layer, after a
    /// forward pass of `batch`: one number for each of the sequence's tokens.
    func attentionOfFirstToken(_ sequence: Int, _ batch: PackedBatch, _ state: any EncoderState) -> [Float]
    /// Fills the state's hidden states for `batch`, which must fit the state. Ids are below
    /// `shape.vocabularySize`.
    ///
    /// All members of a team call it at the same time with the same batch, of one sequence, and the same
    /// state, which was prepared for so many. The hidden states are there when all have returned.
    func forward(_ batch: PackedBatch, _ state: any EncoderState, _ member: TeamMember)
}

extension CPUEncoder {
    /// The same on the calling thread alone.
    package func forward(_ batch: PackedBatch, _ state: any EncoderState) { forward(batch, state, .alone) }

    package func makeSession(for largest: BatchLimit) -> any EncoderSession {
        CPUSession(self, largest)
    }

    package func sessionBytes(for largest: BatchLimit) -> Int {
        stateBytes(tokens: largest.tokens, longest: largest.longest)
    }
}

/// One thread's working memory. Not Sendable: a thread owns its state, or the members of one team.
package protocol EncoderState: AnyObject {
    var tokenCapacity: Int { get }
    var longestSequence: Int { get }
    /// [tokens, hiddenSize] after a forward pass; rows are `hiddenStride` apart.
    var hidden: UnsafeMutablePointer<Float> { get }
    var hiddenStride: Int { get }
    var bytes: Int { get }
    /// Makes the memory that each member of a team of so many needs for itself.
    func prepare(members: Int)
    /// Hands out what the last pass kept of the first tokens of its first sequence.
    func takePrefix() -> (any EncodedPrefix)?
}

extension EncoderState {
    func takePrefix() -> (any EncodedPrefix)? { nil }
}
