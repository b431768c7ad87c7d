internal import MartletCompute

/// The waiting texts of one model, in two lanes. Plain data: it neither locks nor waits.
struct ModelQueue {
    let model: any ScheduledModel
    private var interactive = FIFO<PendingRequest>()
    private var bulk = FIFO<PendingRequest>()
    /// Tokens that interactive texts took while bulk waited; for each `Lane.bulkShare - 1` of them bulk gets
    /// one, before interactive texts.
    private(set) var bulkCredit = 0

    /// One request's texts from `next` on.
    private struct PendingRequest {
        let jobs: [TextJob]
        var next = 0
    }

    init(model: any ScheduledModel) { self.model = model }

    var isEmpty: Bool { interactive.isEmpty && bulk.isEmpty }

    mutating func append(_ jobs: [TextJob], to lane: Lane) {
        guard !jobs.isEmpty else { return }
        switch lane {
        case .interactive: interactive.append(PendingRequest(jobs: jobs))
        case .bulk: bulk.append(PendingRequest(jobs: jobs))
        }
    }

    /// Takes texts of at most `limit` tokens together; the first is taken however long it is.
    /// - Parameter admit: Whether a waiting text is still wanted.
    mutating func fill(limit: Int, admit: (TextJob) -> Bool) -> [TextJob] {
        var batch: [TextJob] = []
        var room = limit
        func fits(_ job: TextJob) -> Bool { batch.isEmpty || job.tokens <= room }
        func take(_ job: TextJob) {
            job.state = .running
            batch.append(job)
            room -= job.tokens
        }

        let price = Lane.bulkShare - 1
        guard Self.head(&interactive, rotating: false, admit) != nil else {
            bulkCredit = 0
            while room > 0, let job = Self.head(&bulk, rotating: true, admit), fits(job) {
                Self.advance(&bulk, rotating: true)
                take(job)
            }
            return batch
        }
        while room > 0, let job = Self.head(&bulk, rotating: true, admit), job.tokens * price <= bulkCredit,
            fits(job)
        {
            bulkCredit -= job.tokens * price
            Self.advance(&bulk, rotating: true)
            take(job)
        }
        let before = room
        while room > 0, let job = Self.head(&interactive, rotating: false, admit), fits(job) {
            Self.advance(&interactive, rotating: false)
            take(job)
        }
        if let waiting = Self.head(&bulk, rotating: true, admit) {
            bulkCredit = min(bulkCredit + before - room, max(limit, waiting.tokens) * price)
        }
        return batch
    }

    /// The next text that is still wanted; those before it leave the line.
    private static func head(_ lane: inout FIFO<PendingRequest>, rotating: Bool, _ admit: (TextJob) -> Bool)
        -> TextJob?
    {
        while let line = lane.first {
            let job = line.jobs[line.next]
            if job.state == .waiting, admit(job) { return job }
            advance(&lane, rotating: rotating)
        }
        return nil
    }

    /// Past the next text. With `rotating` the request goes to the end of its lane, so that requests take
    /// turns text by text.
    private static func advance(_ lane: inout FIFO<PendingRequest>, rotating: Bool) {
        guard var line = lane.first else { return }
        line.next += 1
        if line.next < line.jobs.count, !rotating {
            lane.first = line
            return
        }
        lane.popFirst()
        if line.next < line.jobs.count { lane.append(line) }
    }
}
