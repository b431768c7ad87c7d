import Synchronization

/// A request's texts in the scheduler, without the type of their results. The scheduler's lock guards what
/// changes.
///
/// `@unchecked` because the scheduler's lock guards it, and `outcome` has a lock of its own.
package class PendingSubmission: @unchecked Sendable {
    let deadline: UInt64?
    let admission: Admission
    var remaining: Int
    package var jobs: [TextJob] = []
    private(set) var isOver = false
    let enqueued: UInt64
    /// When its first text began to run.
    var started: UInt64?

    fileprivate init(count: Int, deadline: UInt64?, now: UInt64, admission: Admission) {
        self.deadline = deadline
        self.admission = admission
        remaining = count
        enqueued = now
    }

    /// Under the scheduler's lock: no result can arrive afterwards.
    func end() {
        isOver = true
        jobs = []
    }

    /// Outside of the scheduler's lock: the caller gets an error.
    func fail(_ error: SchedulingError) {}

    /// Outside of the scheduler's lock, after the last result: the caller gets all of them.
    func succeed(at now: UInt64) {}
}

/// What one request waits for: a result for each of its texts.
package final class Submission<Result: Sendable>: PendingSubmission, @unchecked Sendable {
    private var results: [Result?]
    private let outcome = Mutex(Outcome.open)

    private enum Outcome {
        case open
        case waiting(CheckedContinuation<Results, any Error>)
        case over(Swift.Result<Results, SchedulingError>)
    }

    /// Results in the order of the texts.
    package struct Results: Sendable {
        package let rows: [Result]
        /// Nanoseconds from the submission to its first pass, and from there to the last result.
        package let queued: UInt64
        package let computed: UInt64
    }

    override init(count: Int, deadline: UInt64?, now: UInt64, admission: Admission) {
        results = Array(repeating: nil, count: count)
        super.init(count: count, deadline: deadline, now: now, admission: admission)
    }

    /// Under the scheduler's lock.
    func set(_ result: Result, at index: Int) { results[index] = result }

    override func fail(_ error: SchedulingError) { resume(.failure(error)) }

    override func succeed(at now: UInt64) {
        let begun = started ?? now
        // A closure: a key path in generic code is made as it runs.
        resume(
            .success(
                Results(rows: results.compactMap { $0 }, queued: begun &- enqueued, computed: now &- begun)))
    }

    private func resume(_ result: Swift.Result<Results, SchedulingError>) {
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
    package func value() async throws -> Results {
        try await withCheckedThrowingContinuation { continuation in
            let known: Swift.Result<Results, SchedulingError>? = outcome.withLock { outcome in
                if case .over(let result) = outcome { return result }
                outcome = .waiting(continuation)
                return nil
            }
            if let known { continuation.resume(with: known.mapError { $0 }) }
        }
    }
}
