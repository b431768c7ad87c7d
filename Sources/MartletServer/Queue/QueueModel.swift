#if Server

internal import Martlet
internal import MartletCompute

/// What the queue knows of a model: how much it takes at once, and how to run it. Tests put a fake in its place.
protocol QueueModel: AnyObject, Sendable {
    /// Unique among all models that were ever loaded.
    var serial: Int { get }
    /// The most tokens that one pass takes together; a longer text goes alone.
    var tokenBudget: Int { get }
    /// The most threads that may share the work on one text; 1: each text has one.
    var largestTeam: Int { get }
    /// One pass over `texts`, blocking. A text that is alone may be taken by a team, whose members all call at the same time.
    /// - Parameters:
    ///   - thread: The queue's thread that calls, or that leads the team: whose memory is used.
    ///   - each: Called with the place of each text and its hidden states, [tokens × hiddenSize], which it must not keep; by the member
    ///     that leads.
    func run(
        _ texts: [TokenizedText], thread: Int, _ member: TeamMember, each: (_ place: Int, _ hidden: UnsafeBufferPointer<Float>) -> Void)
}

/// What is read from a text's hidden states.
struct Reading: Sendable {
    /// Two texts with the same ids, the same model and equal kinds have the same result.
    enum Kind: Hashable, Sendable {
        case vector(EmbedOptions)
        case tokenVectors
        case scores
        case sparse
        case multiVectors(isQuery: Bool, dimensions: Int)
    }

    let kind: Kind
    /// Runs on the queue's threads.
    let read: @Sendable (_ hidden: UnsafeBufferPointer<Float>, _ text: TokenizedText) -> [Float]

    init(_ kind: Kind, _ read: @escaping @Sendable (UnsafeBufferPointer<Float>, TokenizedText) -> [Float]) {
        self.kind = kind
        self.read = read
    }
}

/// Says when two computations are the same.
struct JobKey: Hashable, Sendable {
    let model: Int
    let kind: Reading.Kind
    let ids: [Int32]
    let types: [Int32]?
    let promptTokens: Int

    init(model: any QueueModel, kind: Reading.Kind, text: TokenizedText) {
        self.model = model.serial
        self.kind = kind
        ids = text.ids
        types = text.types
        promptTokens = text.promptTokens
    }
}

/// Which of the two lines a request waits in.
enum Lane: String, Sendable, CaseIterable {
    /// Requests that fit in one pass.
    case interactive
    /// Larger requests: interactive ones overtake them, but leave them `LaneQueue.bulkShare` of the tokens.
    case bulk
}

/// Why the queue gives no result.
enum QueueError: Error, Sendable, Equatable {
    /// There is no room; seconds until there should be.
    case full(retryAfter: Int)
    /// The deadline passed while the request waited.
    case deadline
    /// The caller went away.
    case cancelled
    /// The text at that index has a result that is not finite.
    case notFinite(index: Int)
    /// The server is being stopped.
    case closed
}

#endif
