package import MartletCompute
package import MartletSystem

/// The texts of all requests, waiting for a thread of a compute context.
///
/// There is no timer: the moment a thread is free it takes what waits, up to the model's token budget. While
/// several threads are free, each takes its share, so that few texts spread over the cores; a text that is
/// alone is taken by all of them together. A text that is already waiting or running for someone else is not
/// computed again.
package final class Scheduler: Sendable {
    struct State {
        /// Models with texts that wait, in the order of their turns.
        var queues: [ModelQueue] = []
        /// What can still be joined: waiting or running.
        var inFlight: [JobKey: TextJob] = [:]
        var waitingTexts = 0
        var waitingTokens = 0
        /// Texts that are still to come and have room.
        var reservedTexts = 0
        var runningTexts = 0
        /// Threads that wait and are not called to a team.
        var idleThreads = 0
        /// Teams, each as often as a member is still to come.
        var calls: [Team] = []
        var pacing = TeamPacing()
        /// Other work waits for the threads.
        var isLeaving = false
        /// Batches that are run in this turn of the threads even if other work waits: a turn without any
        /// would be taken in vain.
        var batchesOwed = 0
        var isClosed = false
        /// Tokens per second of one thread, smoothed over the last passes; 0 before the first.
        var tokensPerSecond = 0.0
    }

    /// Texts of one model for one pass.
    package struct Batch {
        package let jobs: [TextJob]
        package let model: any ScheduledModel
        let begun: UInt64
        package var tokens: Int { jobs.reduce(0) { $0 + $1.tokens } }

        /// Nanoseconds that all threads of a team spent together.
        package func computeTime(until now: UInt64, _ team: Team?) -> UInt64 {
            (now &- begun) &* UInt64(team?.members ?? 1)
        }
    }

    /// What one thread has to do.
    package enum Assignment {
        /// To run a batch, and to lead a team where there is one.
        case run(Batch, team: Team?, thread: Int)
        /// To be a member of a team.
        case assist(Team)

        package var batch: Batch? {
            guard case .run(let batch, _, _) = self else { return nil }
            return batch
        }

        package var team: Team? {
            switch self {
            case .run(_, let team, _): team
            case .assist(let team): team
            }
        }
    }

    let monitor: Monitor<State>
    package let clock: MonotonicClock
    /// The most texts that wait at once.
    package let capacity: Int
    package let threads: Int

    package init(capacity: Int, threads: Int, clock: MonotonicClock = .system) {
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
    /// - Throws: `SchedulingError.full` or `.closed`; then none of the texts is in the queue.
    package func submit<Result>(
        _ texts: [TokenizedText], to model: any ScheduledModel, _ reader: OutputReader<Result>,
        lane: Lane? = nil,
        deadline: UInt64? = nil, admission: Admission = Admission()
    ) throws(SchedulingError) -> Submission<Result> {
        let keys = texts.map { JobKey(model: model, kind: reader.kind, text: $0) }
        let tokens = texts.reduce(0) { $0 + $1.ids.count }
        let lane = lane ?? (tokens <= model.tokenBudget ? .interactive : .bulk)
        let submission = Submission<Result>(
            count: texts.count, deadline: deadline, now: clock.now(), admission: admission)
        let wake = try monitor.withLock { (state) throws(SchedulingError) -> Int in
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
                if let known = state.inFlight[key] as? TypedTextJob<Result> {
                    job = known
                    // It may wait in the other lane, after more: the first lane to reach it runs it.
                    if known.state == .waiting, lane == .interactive { fresh.append(known) }
                } else {
                    job = TypedTextJob(key, texts[index], reader)
                    state.inFlight[key] = job
                    state.waitingTexts += 1
                    state.waitingTokens += job.tokens
                    fresh.append(job)
                }
                // A text that a request has many times is one job of it.
                if job.waiters.last?.submission !== submission { submission.jobs.append(job) }
                job.waiters.append((submission, index))
            }
            if let queue = state.queues.firstIndex(where: { $0.model === model }) {
                state.queues[queue].append(fresh, to: lane)
            } else if !fresh.isEmpty {
                var queue = ModelQueue(model: model)
                queue.append(fresh, to: lane)
                state.queues.append(queue)
            }
            // Who takes a text that is alone calls the others: this thread's core is free for one of them by
            // then.
            return min(state.idleThreads, fresh.count)
        }
        for _ in 0..<wake { monitor.signal() }
        return submission
    }

    /// Takes a request out: texts that nobody else waits for are never run, unless they run already.
    package func cancel(_ submission: PendingSubmission) {
        monitor.withLock { remove(submission, &$0) }
        submission.fail(.cancelled)
    }

    /// Seconds until what waits should be done.
    func retryAfter(_ state: State) -> Int {
        guard state.tokensPerSecond > 0 else { return 1 }
        let seconds = Double(state.waitingTokens) / (state.tokensPerSecond * Double(threads))
        return Int(max(1, min(600, seconds.rounded(.up))))
    }

    /// No more requests; threads stop when nothing waits.
    package func close() {
        monitor.withLock { $0.isClosed = true }
        monitor.broadcast()
    }

    /// Under the lock.
    func remove(_ submission: PendingSubmission, _ state: inout State) {
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

extension Scheduler {
    /// How full it is.
    package struct Depth: Sendable {
        package let waitingTexts: Int
        package let waitingTokens: Int
        package let runningTexts: Int
        package let tokensPerSecond: Double
    }

    package var depth: Depth {
        monitor.withLock {
            Depth(
                waitingTexts: $0.waitingTexts, waitingTokens: $0.waitingTokens, runningTexts: $0.runningTexts,
                tokensPerSecond: $0.tokensPerSecond)
        }
    }
}
