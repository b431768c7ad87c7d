#if Server

internal import Martlet
internal import MartletSystem
import Synchronization

/// Results, one for each text, and what they took.
struct Outcome<Row: Sendable>: Sendable {
    let model: ServedModel
    let rows: [Row]
    /// Tokens of each text that went through the model.
    let lengths: [Int]
    let truncated: [(index: Int, total: Int)]
    var tokens: Int { lengths.reduce(0, +) }
}

/// A row of numbers for each text.
typealias EmbedOutcome = Outcome<[Float]>

/// The way from texts to numbers that all routes share: model, tokens, cache, queue.
final class EmbedService: Sendable {
    let store: ModelStore
    let queue: Scheduler
    let cache: ResultCache?
    let clock: Clock
    /// Nanoseconds that a request may wait in the queue; nil: any number.
    let timeout: UInt64?
    /// The most bytes of numbers that one request may ask for.
    let resultLimit: Int
    /// Whether the last computation of any model gave finite numbers.
    let isSound = Atomic<Bool>(true)

    init(
        store: ModelStore, queue: Scheduler, cache: ResultCache?, clock: Clock, timeout: UInt64?,
        resultLimit: Int
    ) {
        self.store = store
        self.queue = queue
        self.cache = cache
        self.clock = clock
        self.timeout = timeout
        self.resultLimit = resultLimit
    }

    /// A vector for each text.
    func vectors(_ request: EmbedRequest, _ call: Call) async throws -> EmbedOutcome {
        try await store.withModel(
            request.model, for: .vectors, task: request.task, keepAlive: request.keepAlive
        ) { model in
            if case .own(let own) = model.part { return try await vectors(request, of: own, model, call) }
            let engine = try model.requireVectors()
            let request = request.fitted(to: model)
            let post: PostProcessing
            do throws(MartletError) { post = try engine.postProcessing(request.options) } catch {
                throw ServiceError(error)
            }
            // What the queue compares: options that give the same numbers are equal.
            var options = request.options
            options.prompt = nil
            options.truncation = .end
            let width = model.info.hiddenSize
            let reader = OutputReader.numbers(.vector(options)) { hidden, text in
                post.vector(of: hidden, tokens: hidden.count / width, promptTokens: text.promptTokens)
            }
            let tokenize = { @Sendable () throws(ServiceError) in
                var inputs = try model.tokenized(request)
                if post.readsLastTokens { inputs.readLastTokens() }
                return inputs
            }
            return try await rows(request.batch, tokenize, reader, on: model, call) { texts in
                texts.count * post.dimensions
            }
        }
    }

    /// The hidden states of each text's tokens, end to end.
    func tokenVectors(_ request: EmbedRequest, _ call: Call) async throws -> EmbedOutcome {
        try await store.withModel(
            request.model, for: .vectors, task: request.task, keepAlive: request.keepAlive
        ) { model in
            _ = try model.requireVectors()
            let request = request.fitted(to: model)
            let width = model.info.hiddenSize
            let tokenize = { @Sendable () throws(ServiceError) in try model.tokenized(request) }
            let reader = OutputReader.numbers(.tokenVectors) { hidden, _ in Array(hidden) }
            return try await rows(request.batch, tokenize, reader, on: model, call) { texts in
                texts.reduce(0) { $0 + $1.ids.count } * width
            }
        }
    }

    /// What the way to numbers needs to know of a request's texts.
    struct Batch: Sendable {
        let bytes: Int
        /// The member that holds the texts, for messages.
        let parameter: String
    }

    /// - Parameters:
    ///   - tokenize: Runs on a thread of its own if there are many bytes.
    ///   - places: Where each text stands in the request, for messages; nil: all texts of the request come,
    ///     in its order.
    ///   - size: How many numbers the results have.
    func rows<Row: CachedResult>(
        _ batch: Batch, _ tokenize: @escaping @Sendable () throws(ServiceError) -> TokenizedInputs,
        _ reader: OutputReader<Row>,
        on model: ServedModel, _ call: Call, places: [Int]? = nil, size: ([TokenizedText]) -> Int
    ) async throws -> Outcome<Row> {
        let start = clock.now()
        let inputs = try await call.offloaded(bytes: batch.bytes, tokenize)
        try add(numbers: size(inputs.texts), batch.parameter, call)
        let lengths = inputs.lengths
        note(inputs, lengths: lengths, of: batch, took: clock.now() &- start, on: model, in: call)
        let rows = try await computed(
            inputs.texts, places ?? Array(inputs.texts.indices), reader, on: model, call)
        return Outcome(model: model, rows: rows, lengths: lengths, truncated: inputs.truncated)
    }

    /// What the log says of a request's texts. It has no type parameter: generic code looks types up as it
    /// runs.
    private func note(
        _ inputs: TokenizedInputs, lengths: [Int], of batch: Batch, took: UInt64, on model: ServedModel,
        in call: Call
    ) {
        call.trace?.part("tokenize", ended: RequestTrace.now, took: took)
        call.record.update {
            $0.model = model.name
            // Sparse vectors come in several parts.
            $0.characters += batch.bytes
            $0.tokenization += took
            $0.lengths += lengths
            $0.add(truncated: inputs.truncated.map(\.index))
            if !inputs.foreign.isEmpty { $0.notes.append(Self.foreignNote(inputs.foreign, model.name)) }
            if !inputs.blank.isEmpty {
                $0.notes.append("input \(Self.shown(inputs.blank)): blank, the vector says nothing")
            }
        }
    }

    private static func shown(_ places: [Int]) -> String {
        places.prefix(10).map(String.init).joined(separator: ",") + (places.count > 10 ? ",..." : "")
    }

    private static func foreignNote(_ places: [Int], _ model: String) -> String {
        // Names of models may have any letters; a header has none of them.
        let name = model.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x1F } ? " \(model)" : ""
        return
            "token ids of input \(shown(places)) do not read as text of the model\(name): they may be of another vocabulary; send texts instead"
    }

    /// Counts numbers of a request's results.
    /// - Throws: If there are too many.
    func add(numbers: Int, _ parameter: String, _ call: Call) throws(ServiceError) {
        let numbers = call.numbers.add(numbers)
        guard numbers > resultLimit / 4 else { return }
        throw ServiceError(
            .batchTooLarge,
            "the result has \(numbers) numbers, the server gives at most \(resultLimit / 4) in a response; send fewer texts",
            parameter: parameter)
    }

    /// Keeps room in the queue for all texts of a request that come in parts; `queue.release` ends it.
    func reserve(_ texts: Int, _ call: Call) throws(ServiceError) {
        do throws(SchedulingError) { try queue.reserve(texts, for: call.admission) } catch {
            throw ServiceError(error)
        }
    }

    /// Rows of texts: from the cache, or from the queue.
    private func computed<Row: CachedResult>(
        _ texts: [TokenizedText], _ places: [Int], _ reader: OutputReader<Row>, on model: ServedModel,
        _ call: Call
    ) async throws -> [Row] {
        guard let cache, !texts.isEmpty else {
            return try await queued(texts, places, reader, on: model, call)
        }
        let keys = texts.map { JobKey(model: model, kind: reader.kind, text: $0) }
        var rows = keys.map { cache.row($0, as: Row.self) }
        let missing = rows.indices.filter { rows[$0] == nil }
        call.record.update {
            $0.cacheHits += rows.count - missing.count
            $0.cacheMisses += missing.count
        }
        let fresh = try await queued(
            missing.map { texts[$0] }, missing.map { places[$0] }, reader, on: model, call)
        for (index, row) in zip(missing, fresh) {
            cache.insert(keys[index], row)
            rows[index] = row
        }
        return rows.compactMap { $0 }
    }

    /// - Parameter places: Where each text stands in the request, for messages.
    private func queued<Row>(
        _ texts: [TokenizedText], _ places: [Int], _ reader: OutputReader<Row>, on model: ServedModel,
        _ call: Call
    ) async throws -> [Row] {
        if texts.isEmpty { return [] }
        let lane = try call.lane()
        let submission: Submission<Row>
        do throws(SchedulingError) {
            submission = try queue.submit(
                texts, to: model, reader, lane: lane, deadline: timeout.map { call.started &+ $0 },
                admission: call.admission)
        } catch {
            throw ServiceError(error)
        }
        let watch = call.connection?.onClose { [queue] in queue.cancel(submission) }
        defer { watch?.cancel() }
        do {
            let results = try await withTaskCancellationHandler {
                try await submission.value()
            } onCancel: { [queue] in
                queue.cancel(submission)
            }
            call.record.update {
                $0.queued += results.queued
                $0.computed += results.computed
            }
            if let trace = call.trace {
                let now = RequestTrace.now
                trace.part("queue", ended: now &- results.computed, took: results.queued)
                trace.part("inference", ended: now, took: results.computed)
            }
            isSound.store(true, ordering: .relaxed)
            return results.rows
        } catch let error as SchedulingError {
            guard case .notFinite(let index) = error else { throw ServiceError(error) }
            isSound.store(false, ordering: .relaxed)
            throw ServiceError(.notFinite(index: places[index]))
        }
    }
}

#endif
