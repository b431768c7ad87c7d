import Synchronization

/// What the server counts. One lock, taken once for each request and once for each batch.
final class Metrics: Sendable {
    struct Values: Sendable {
        /// Of the routes that compute, by what they do: TEI's label.
        var requests: [String: Int] = [:]
        var successes: [String: Int] = [:]
        var failures: [String: Int] = [:]
        var requestSeconds = Histogram.seconds
        var tokenizationSeconds = Histogram.seconds
        var queueSeconds = Histogram.seconds
        var inferenceSeconds = Histogram.seconds
        var inputTokens = Histogram.tokens
        var embed = Operation()
        var predict = Operation()
        var batchTexts = Histogram.texts
        var batchTokens = Histogram.tokens
        var batchFill = Histogram.fill
        var computedTokens = 0
        var computedTexts = 0
        var computeSeconds = 0.0
        var truncatedTexts = 0
        /// By route and status.
        var responses: [Response: Int] = [:]
        var openRequests = 0
        var cancelled = 0
    }

    struct Operation: Sendable {
        var count = 0
        var successes = 0
        var seconds = Histogram.seconds
    }

    struct Response: Hashable, Sendable {
        let route: String
        let status: Int
    }

    private let values = Mutex(Values())

    var snapshot: Values { values.withLock { $0 } }

    func update(_ body: (inout sending Values) -> Void) { values.withLock { body(&$0) } }

    /// After each batch, on the thread that ran it.
    func batch(texts: Int, tokens: Int, budget: Int, nanoseconds: UInt64) {
        values.withLock {
            $0.batchTexts.observe(Double(texts))
            $0.batchTokens.observe(Double(tokens))
            $0.batchFill.observe(Double(tokens) / Double(max(1, budget)))
            $0.computedTokens += tokens
            $0.computedTexts += texts
            $0.computeSeconds += Double(nanoseconds) * 1e-9
        }
    }

    /// At the end of each request.
    func finished(_ record: CallRecord.Values, route: Route, status: Int, seconds: Double) {
        values.withLock { values in
            values.responses[Response(route: route.path, status: status), default: 0] += 1
            guard let operation = route.operation else { return }
            let isSuccess = status < 400
            values.requests[operation.rawValue, default: 0] += 1
            if isSuccess { values.successes[operation.rawValue, default: 0] += 1 }
            if let failure = record.failure { values.failures[failure, default: 0] += 1 }
            if status == 499 { values.cancelled += 1 }
            func count(_ path: WritableKeyPath<Values, Operation>) {
                values[keyPath: path].count += 1
                guard isSuccess else { return }
                values[keyPath: path].successes += 1
                values[keyPath: path].seconds.observe(seconds)
            }
            switch operation {
            case .embed, .embedAll, .embedSparse: count(\.embed)
            case .predict, .rerank: count(\.predict)
            case .tokenize: break
            }
            guard isSuccess else { return }
            values.requestSeconds.observe(seconds)
            if operation == .tokenize { return }
            values.tokenizationSeconds.observe(Double(record.tokenization) * 1e-9)
            values.queueSeconds.observe(Double(record.queued) * 1e-9)
            values.inferenceSeconds.observe(Double(record.computed) * 1e-9)
            values.truncatedTexts += record.truncated
            for tokens in record.lengths { values.inputTokens.observe(Double(tokens)) }
        }
    }
}
