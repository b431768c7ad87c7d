package import MartletCompute
internal import MartletSystem

extension Scheduler {
    /// The next texts for a free thread, or its part of a text; waits for some. Nil once the scheduler is
    /// closed and nothing waits, or when other work waits for the threads.
    package func nextAssignment(thread: Int) -> Assignment? {
        var isCounted = false
        let (assignment, expired, wake): (Assignment?, [PendingSubmission], Int) = monitor.waiting { state in
            var expired: [PendingSubmission] = []
            if !isCounted { state.idleThreads += 1 }
            isCounted = true
            // Whoever was called is not counted any more; another thread may come in its place.
            if let team = state.calls.popLast() { return (.assist(team), [], 0) }
            let batch = state.isLeaving && state.batchesOwed == 0 ? nil : next(&state, &expired)
            if batch == nil, expired.isEmpty, !state.isClosed, !state.isLeaving { return nil }
            state.idleThreads -= 1
            state.batchesOwed = max(0, state.batchesOwed - 1)
            guard let batch else { return (nil, expired, 0) }
            let team = team(for: batch, &state)
            let wake = team.map { $0.size - 1 } ?? min(state.idleThreads, state.waitingTexts, 1)
            return (.run(batch, team: team, thread: thread), expired, wake)
        }
        for _ in 0..<wake { monitor.signal() }
        for submission in expired { submission.fail(.deadline) }
        if assignment == nil, !expired.isEmpty { return nextAssignment(thread: thread) }
        return assignment
    }

    /// Under the lock: who shares the batch with the calling thread; they are idle no longer.
    private func team(for batch: Batch, _ state: inout State) -> Team? {
        let size = min(state.idleThreads + 1, batch.model.largestTeam)
        guard batch.jobs.count == 1, state.waitingTexts == 0, size > 1, state.pacing.allowsTeam(),
            let team = Team(of: size)
        else { return nil }
        state.idleThreads -= size - 1
        state.calls += Array(repeating: team, count: size - 1)
        return team
    }

    /// Under the lock: threads that were called and did not come are idle as before.
    private func end(_ team: Team, _ state: inout State) {
        let called = state.calls.count
        state.calls.removeAll { $0 === team }
        state.idleThreads += called - state.calls.count
        state.pacing.record(isWhole: team.isWhole)
    }

    /// Under the lock: texts of the model whose turn it is.
    func next(_ state: inout State, _ expired: inout [PendingSubmission]) -> Batch? {
        let now = clock.now()
        while !state.queues.isEmpty {
            var queue = state.queues.removeFirst()
            // With several threads free, each takes its share of what waits.
            let share = (state.waitingTokens + state.idleThreads - 1) / max(1, state.idleThreads)
            let limit = max(1, min(queue.model.tokenBudget, share))
            let jobs = queue.fill(limit: limit) { admit($0, now, &state, &expired) }
            if !queue.isEmpty { state.queues.append(queue) }
            guard !jobs.isEmpty else { continue }
            for job in jobs {
                state.waitingTexts -= 1
                state.waitingTokens -= job.tokens
                state.runningTexts += 1
                for (submission, _) in job.waiters where submission.started == nil {
                    submission.started = now
                    submission.admission.hasBegun = true
                }
            }
            return Batch(jobs: jobs, model: queue.model, begun: now)
        }
        return nil
    }

    /// Whether someone still waits for a text; requests past their deadline leave the queue here.
    private func admit(
        _ job: TextJob, _ now: UInt64, _ state: inout State, _ expired: inout [PendingSubmission]
    ) -> Bool {
        for (submission, _) in job.waiters {
            // A request whose first text has run is no longer waiting.
            guard let deadline = submission.deadline, deadline <= now, !submission.admission.hasBegun else {
                continue
            }
            remove(submission, &state)
            expired.append(submission)
        }
        return job.state == .waiting
    }

    /// Hands a batch's results to everyone who waits for them.
    func finish(_ batch: Batch, _ team: Team?) {
        let now = clock.now()
        var failed: [(PendingSubmission, SchedulingError)] = []
        var done: [PendingSubmission] = []
        monitor.withLock { state in
            if let team { end(team, &state) }
            if now > batch.begun, batch.tokens > 0 {
                let rate = Double(batch.tokens) * 1e9 / Double(batch.computeTime(until: now, team))
                state.tokensPerSecond +=
                    (rate - state.tokensPerSecond) * (state.tokensPerSecond == 0 ? 1 : 0.1)
            }
            for job in batch.jobs {
                job.state = .done
                state.runningTexts -= 1
                state.inFlight[job.key] = nil
                for (submission, index) in job.waiters where !submission.isOver {
                    guard job.deliver(to: submission, at: index) else {
                        remove(submission, &state)
                        failed.append((submission, .notFinite(index: index)))
                        continue
                    }
                    submission.remaining -= 1
                    if submission.remaining == 0 {
                        submission.end()
                        done.append(submission)
                    }
                }
                job.waiters = []
            }
        }
        for (submission, error) in failed { submission.fail(error) }
        for submission in done { submission.succeed(at: now) }
    }

    /// Does what a thread has to do, on the calling thread.
    /// - Parameter onEnd: Called once for a batch, before anyone gets its results.
    package func perform(_ assignment: Assignment, onEnd: (Batch, Team?) -> Void = { _, _ in }) {
        switch assignment {
        case .assist(let team): team.assist()
        case .run(let batch, let team, let thread):
            batch.model.run(batch.jobs.map(\.text), thread: thread, team: team) { place, output in
                batch.jobs[place].read(output)
            }
            // A model may do without its team.
            team?.dissolve()
            onEnd(batch, team)
            finish(batch, team)
        }
    }
}
