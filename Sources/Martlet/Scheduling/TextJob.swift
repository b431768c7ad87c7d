/// One computation that is waiting or running, for everyone who asked for it. The scheduler's lock guards
/// what changes.
///
/// `@unchecked` because the scheduler's lock guards it.
package class TextJob: @unchecked Sendable {
    enum State { case waiting, running, done }

    let key: JobKey
    package let text: TokenizedText
    var state = State.waiting
    /// Submissions that get the result, with the place in each.
    var waiters: [(submission: PendingSubmission, index: Int)] = []

    fileprivate init(_ key: JobKey, _ text: TokenizedText) {
        self.key = key
        self.text = text
    }

    var tokens: Int { text.ids.count }

    /// Reads the result, on the thread that ran the pass and outside of the lock.
    func read(_ output: ModelOutput) {}

    /// Under the lock: gives the result to a submission.
    /// - Returns: Whether there is one; there is none if it is not finite.
    func deliver(to submission: PendingSubmission, at index: Int) -> Bool { false }
}

/// A job whose results are of one type.
final class TypedTextJob<Result: Sendable>: TextJob, @unchecked Sendable {
    private let reader: OutputReader<Result>
    private var result: Result?

    init(_ key: JobKey, _ text: TokenizedText, _ reader: OutputReader<Result>) {
        self.reader = reader
        super.init(key, text)
    }

    override func read(_ output: ModelOutput) { result = reader.read(output, text) }

    override func deliver(to submission: PendingSubmission, at index: Int) -> Bool {
        guard let result, let submission = submission as? Submission<Result> else { return false }
        submission.set(result, at: index)
        return true
    }
}
