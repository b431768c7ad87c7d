internal import MartletCompute
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
            if let assignment = state.pendingTeamMembers.popLast() { return (assignment, [], 0) }
            let batch = state.isLeaving && state.batchesOwed == 0 ? nil : next(&state, &expired)
            if batch == nil, expired.isEmpty, !state.isClosed, !state.isLeaving { return nil }
            state.idleThreads -= 1
            state.batchesOwed = max(0, state.batchesOwed - 1)
            guard let batch else { return (nil, expired, 0) }
            let members = team(for: batch, &state)
            state.pendingTeamMembers += members.dropFirst().map {
                Assignment(batch: batch, member: $0, leader: thread)
            }
            let wake = members.count > 1 ? members.count - 1 : min(state.idleThreads, state.waitingTexts, 1)
            return (Assignment(batch: batch, member: members[0], leader: thread), expired, wake)
        }
        for _ in 0..<wake { monitor.signal() }
        for submission in expired { submission.fail(.deadline) }
        if assignment == nil, !expired.isEmpty { return nextAssignment(thread: thread) }
        return assignment
    }

    /// Under the lock: who takes the batch; the others of a team are idle no longer.
    private func team(for batch: Batch, _ state: inout State) -> [TeamMember] {
        let size = min(state.idleThreads + 1, batch.model.largestTeam)
        guard batch.jobs.count == 1, state.waitingTexts == 0, size > 1 else { return [.alone] }
        let members = TeamMember.team(of: size)
        state.idleThreads -= members.count - 1
        return members
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
    func finish(_ assignment: Assignment) {
        let batch = assignment.batch
        let now = clock.now()
        var failed: [(PendingSubmission, SchedulingError)] = []
        var done: [PendingSubmission] = []
        monitor.withLock { state in
            if now > batch.begun, batch.tokens > 0 {
                let rate = Double(batch.tokens) * 1e9 / Double(assignment.computeTime(until: now))
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

    /// Runs a batch, or the thread's part of it, on the calling thread.
    /// - Parameter onEnd: Called once for the batch, before anyone gets its results.
    package func run(_ assignment: Assignment, onEnd: (Batch) -> Void = { _ in }) {
        let batch = assignment.batch
        batch.model.run(batch.jobs.map(\.text), thread: assignment.leader, assignment.member) {
            place, output in
            batch.jobs[place].read(output)
        }
        // The leader's memory is free for its next batch when nobody reads it any more.
        assignment.member.sync()
        guard assignment.member.leads else { return }
        onEnd(batch)
        finish(assignment)
    }
}
