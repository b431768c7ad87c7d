#if Server

internal import MartletSystem
internal import Martlet
internal import MartletCompute

/// The texts of all requests, waiting for a thread.
///
/// There is no timer: the moment a thread is free it takes what waits, up to the model's token budget. While several threads are
/// free, each takes its share, so that few texts spread over the cores; a text that is alone is taken by all of them together. A text
/// that is already waiting or running for someone else is not computed again.
final class BatchQueue: Sendable {
    struct State {
        /// Models with texts that wait, in the order of their turns.
        var lines: [LaneQueue] = []
        /// What can still be joined: waiting or running.
        var inFlight: [JobKey: TextJob] = [:]
        var waitingTexts = 0
        var waitingTokens = 0
        /// Texts that are still to come and have room.
        var reservedTexts = 0
        var runningTexts = 0
        /// Threads that wait and are not called to a team.
        var idleThreads = 0
        /// Places in teams that are still to be taken.
        var called: [Turn] = []
        var isClosed = false
        /// Tokens per second of one thread, smoothed over the last passes; 0 before the first.
        var tokensPerSecond = 0.0
    }

    /// Texts of one model for one pass.
    struct Batch {
        let jobs: [TextJob]
        let model: any QueueModel
        let begun: UInt64
        var tokens: Int { jobs.reduce(0) { $0 + $1.tokens } }
    }

    /// What one thread has to do.
    struct Turn {
        let batch: Batch
        let member: TeamMember
        /// The thread whose memory is used.
        let leader: Int

        /// Nanoseconds that all threads of a team spent together.
        func computeTime(until now: UInt64) -> UInt64 { (now &- batch.begun) &* UInt64(member.count) }
    }

    let monitor: Monitor<State>
    let clock: Clock
    /// The most texts that wait at once.
    let capacity: Int
    let threads: Int

    init(capacity: Int, threads: Int, clock: Clock = .system) {
        monitor = Monitor(State())
        self.capacity = capacity
        self.threads = max(1, threads)
        self.clock = clock
    }

    /// Puts a request's texts into the queue.
    /// - Parameters:
    ///   - lane: nil: interactive if the texts fit in one pass together.
    ///   - deadline: On the queue's clock.
    ///   - admission: The request's, if it has several submissions.
    /// - Throws: `QueueError.full` or `.closed`; then none of the texts is in the queue.
    func submit(
        _ texts: [TokenizedText], to model: any QueueModel, _ reading: Reading, lane: Lane? = nil, deadline: UInt64? = nil,
        admission: Admission = Admission()
    ) throws(QueueError) -> Submission {
        let keys = texts.map { JobKey(model: model, kind: reading.kind, text: $0) }
        let tokens = texts.reduce(0) { $0 + $1.ids.count }
        let lane = lane ?? (tokens <= model.tokenBudget ? .interactive : .bulk)
        let submission = Submission(count: texts.count, deadline: deadline, now: clock.now(), admission: admission)
        let wake = try monitor.withLock { (state) throws(QueueError) -> Int in
            if state.isClosed { throw .closed }
            let expected = min(admission.reserved, texts.count)
            guard state.waitingTexts + state.reservedTexts - expected + texts.count <= capacity else {
                throw .full(retryAfter: retryAfter(state))
            }
            admission.reserved -= expected
            state.reservedTexts -= expected
            var fresh: [TextJob] = []
            submission.jobs.reserveCapacity(texts.count)
            for (index, key) in keys.enumerated() {
                let job: TextJob
                if let known = state.inFlight[key] {
                    job = known
                    // It may wait in the other lane, behind more: the first lane to reach it runs it.
                    if known.state == .waiting, lane == .interactive { fresh.append(known) }
                } else {
                    job = TextJob(key, texts[index], reading)
                    state.inFlight[key] = job
                    state.waitingTexts += 1
                    state.waitingTokens += job.tokens
                    fresh.append(job)
                }
                // A text that a request has many times is one job of it.
                if job.waiters.last?.submission !== submission { submission.jobs.append(job) }
                job.waiters.append((submission, index))
            }
            if let line = state.lines.firstIndex(where: { $0.model === model }) {
                state.lines[line].append(fresh, to: lane)
            } else if !fresh.isEmpty {
                var line = LaneQueue(model: model)
                line.append(fresh, to: lane)
                state.lines.append(line)
            }
            // Who takes a text that is alone calls the others: this thread's core is free for one of them by then.
            return min(state.idleThreads, fresh.count)
        }
        for _ in 0..<wake { monitor.signal() }
        return submission
    }

    /// Takes a request out: texts that nobody else waits for are never run, unless they run already.
    func cancel(_ submission: Submission) {
        monitor.withLock { remove(submission, &$0) }
        submission.resume(.failure(.cancelled))
    }

    /// Seconds until what waits should be done.
    func retryAfter(_ state: State) -> Int {
        guard state.tokensPerSecond > 0 else { return 1 }
        let seconds = Double(state.waitingTokens) / (state.tokensPerSecond * Double(threads))
        return Int(max(1, min(600, seconds.rounded(.up))))
    }

    /// No more requests; threads stop when nothing waits.
    func close() {
        monitor.withLock { $0.isClosed = true }
        monitor.broadcast()
    }

    /// Under the lock.
    func remove(_ submission: Submission, _ state: inout State) {
        guard !submission.isOver else { return }
        for job in submission.jobs {
            job.waiters.removeAll { $0.submission === submission }
            if job.waiters.isEmpty, job.state == .waiting { drop(job, &state) }
        }
        submission.end()
    }

    private func drop(_ job: TextJob, _ state: inout State) {
        job.state = .done
        state.inFlight[job.key] = nil
        state.waitingTexts -= 1
        state.waitingTokens -= job.tokens
    }
}

extension BatchQueue {
    /// How full it is.
    struct Depth: Sendable {
        package let waitingTexts: Int
        package let waitingTokens: Int
        package let runningTexts: Int
        package let tokensPerSecond: Double
    }

    var depth: Depth {
        monitor.withLock {
            Depth(
                waitingTexts: $0.waitingTexts, waitingTokens: $0.waitingTokens, runningTexts: $0.runningTexts,
                tokensPerSecond: $0.tokensPerSecond)
        }
    }
}

#endif
