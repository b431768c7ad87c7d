package import MartletCompute

/// What the scheduler knows of a model: how much it takes at once, and how to run it. Tests put a fake in its
/// place.
package protocol ScheduledModel: AnyObject, Sendable {
    /// Unique among all models that were ever loaded.
    var serial: Int { get }
    /// The most tokens that one pass takes together; a longer text goes alone.
    var tokenBudget: Int { get }
    /// The most threads that may share the work on one text; 1: each text has one.
    var largestTeam: Int { get }
    /// One pass over `texts`, blocking.
    /// - Parameters:
    ///   - thread: The thread that calls: whose memory is used.
    ///   - team: Threads that share the work on a text that is alone; nil: there are none.
    ///   - each: Called with the place of each text and what the model gives for it.
    func run(
        _ texts: [TokenizedText], thread: Int, team: Team?,
        each: (_ place: Int, _ output: ModelOutput) -> Void)
}

/// What a model gives for one text, before it is read.
package enum ModelOutput {
    /// Hidden states, [tokens × hiddenSize], which must not be kept.
    case hidden(UnsafeBufferPointer<Float>)
    /// A sparse vector; nil: it is not finite.
    case sparse(SparseEmbedding?)
}
