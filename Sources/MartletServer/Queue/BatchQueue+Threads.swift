#if Server

internal import MartletSystem

internal import Martlet
internal import MartletCompute

extension BatchQueue {
    /// The next texts for a free thread, or its part of a text; waits for some. Nil once the queue is closed and empty.
    func take(thread: Int) -> Turn? {
        var isCounted = false
        let (turn, expired, wake): (Turn?, [Submission], Int) = monitor.waiting { state in
            var expired: [Submission] = []
            if !isCounted { state.idleThreads += 1 }
            isCounted = true
            // Whoever was called is not counted any more; another thread may come in its place.
            if let turn = state.called.popLast() { return (turn, [], 0) }
            let batch = next(&state, &expired)
            if batch == nil, expired.isEmpty, !state.isClosed { return nil }
            state.idleThreads -= 1
            guard let batch else { return (nil, expired, 0) }
            let members = team(for: batch, &state)
            state.called += members.dropFirst().map { Turn(batch: batch, member: $0, leader: thread) }
            let wake = members.count > 1 ? members.count - 1 : min(state.idleThreads, state.waitingTexts, 1)
            return (Turn(batch: batch, member: members[0], leader: thread), expired, wake)
        }
        for _ in 0..<wake { monitor.signal() }
        for submission in expired { submission.resume(.failure(.deadline)) }
        if turn == nil, !expired.isEmpty { return take(thread: thread) }
        return turn
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
    func next(_ state: inout State, _ expired: inout [Submission]) -> Batch? {
        let now = clock.now()
        while !state.lines.isEmpty {
            var line = state.lines.removeFirst()
            // With several threads free, each takes its share of what waits.
            let share = (state.waitingTokens + state.idleThreads - 1) / max(1, state.idleThreads)
            let limit = max(1, min(line.model.tokenBudget, share))
            let jobs = line.fill(limit: limit) { admit($0, now, &state, &expired) }
            if !line.isEmpty { state.lines.append(line) }
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
            return Batch(jobs: jobs, model: line.model, begun: now)
        }
        return nil
    }

    /// Whether someone still waits for a text; requests past their deadline leave the queue here.
    private func admit(_ job: TextJob, _ now: UInt64, _ state: inout State, _ expired: inout [Submission]) -> Bool {
        for (submission, _) in job.waiters {
            // A request whose first text has run is no longer waiting.
            guard let deadline = submission.deadline, deadline <= now, !submission.admission.hasBegun else { continue }
            remove(submission, &state)
            expired.append(submission)
        }
        return job.state == .waiting
    }

    /// Hands a batch's results, one row to a text, to everyone who waits for them.
    func finish(_ turn: Turn, rows: [[Float]]) {
        let batch = turn.batch
        let now = clock.now()
        let good = rows.map { row in row.withUnsafeBufferPointer { PostProcessing.firstNonFinite($0, dimensions: row.count) == nil } }
        var ready: [(Submission, Result<Submission.Results, QueueError>)] = []
        monitor.withLock { state in
            if now > batch.begun, batch.tokens > 0 {
                let rate = Double(batch.tokens) * 1e9 / Double(turn.computeTime(until: now))
                state.tokensPerSecond += (rate - state.tokensPerSecond) * (state.tokensPerSecond == 0 ? 1 : 0.1)
            }
            for (place, job) in batch.jobs.enumerated() {
                job.state = .done
                state.runningTexts -= 1
                state.inFlight[job.key] = nil
                for (submission, index) in job.waiters where !submission.isOver {
                    guard good[place] else {
                        remove(submission, &state)
                        ready.append((submission, .failure(.notFinite(index: index))))
                        continue
                    }
                    submission.results[index] = rows[place]
                    submission.remaining -= 1
                    if submission.remaining == 0 {
                        submission.end()
                        ready.append((submission, .success(submission.results(at: now))))
                    }
                }
                job.waiters = []
            }
        }
        for (submission, result) in ready { submission.resume(result) }
    }

    /// Runs a batch, or the thread's part of it, on the calling thread.
    func run(_ turn: Turn) {
        let batch = turn.batch
        var rows = [[Float]](repeating: [], count: batch.jobs.count)
        batch.model.run(batch.jobs.map(\.text), thread: turn.leader, turn.member) { place, hidden in
            rows[place] = batch.jobs[place].reading.read(hidden, batch.jobs[place].text)
        }
        // The leader's memory is free for its next batch when nobody reads it any more.
        turn.member.sync()
        if turn.member.leads { finish(turn, rows: rows) }
    }
}

#endif
