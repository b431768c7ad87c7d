#if Server

internal import Martlet
import Synchronization

/// One computation that is waiting or running, for everyone who asked for it. The queue's lock guards what changes.
final class TextJob: @unchecked Sendable {
    enum State { case waiting, running, done }

    let key: JobKey
    let text: TokenizedText
    let reading: Reading
    var state = State.waiting
    /// Submissions that get the result, with the place in each.
    var waiters: [(submission: Submission, index: Int)] = []

    init(_ key: JobKey, _ text: TokenizedText, _ reading: Reading) {
        self.key = key
        self.text = text
        self.reading = reading
    }

    var tokens: Int { text.ids.count }
}

/// What one request waits for. The queue's lock guards what changes, except for the continuation.
final class Submission: @unchecked Sendable {
    let deadline: UInt64?
    let admission: Admission
    var results: [[Float]]
    var remaining: Int
    var jobs: [TextJob] = []
    private(set) var isOver = false
    let enqueued: UInt64
    /// When its first text began to run, and how many texts came from others' computations.
    var started: UInt64?
    private let outcome = Mutex(Outcome.open)

    private enum Outcome {
        case open
        case waiting(CheckedContinuation<Results, any Error>)
        case over(Result<Results, QueueError>)
    }

    /// Rows in the order of the texts.
    struct Results: Sendable {
        package let rows: [[Float]]
        /// Nanoseconds from the submission to its first pass, and from there to the last result.
        package let queued: UInt64
        package let computed: UInt64
    }

    init(count: Int, deadline: UInt64?, now: UInt64, admission: Admission) {
        self.deadline = deadline
        self.admission = admission
        results = Array(repeating: [], count: count)
        remaining = count
        enqueued = now
    }

    /// Under the queue's lock: no result can arrive afterwards.
    func end() {
        isOver = true
        jobs = []
    }

    /// Outside of the queue's lock.
    func resume(_ result: Result<Results, QueueError>) {
        let waiting: CheckedContinuation<Results, any Error>? = outcome.withLock { outcome in
            switch outcome {
            case .open:
                outcome = .over(result)
                return nil
            case .waiting(let continuation):
                outcome = .over(result)
                return continuation
            case .over:
                return nil
            }
        }
        waiting?.resume(with: result.mapError { $0 })
    }

    /// Waits for the results.
    func value() async throws -> Results {
        try await withCheckedThrowingContinuation { continuation in
            let known: Result<Results, QueueError>? = outcome.withLock { outcome in
                if case .over(let result) = outcome { return result }
                outcome = .waiting(continuation)
                return nil
            }
            if let known { continuation.resume(with: known.mapError { $0 }) }
        }
    }

    func results(at now: UInt64) -> Results {
        let begun = started ?? now
        return Results(rows: results, queued: begun &- enqueued, computed: now &- begun)
    }
}

#endif
