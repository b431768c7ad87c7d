#if Server

internal import Martlet
internal import MartletIndex
internal import MartletJSON

/// A search of a collection as a request asks for it, reranked where it says so.
struct CollectionSearch: Sendable {
    struct Rerank: Sendable {
        let model: String?
        /// How many of the best hits are scored.
        let count: Int
    }

    /// A hit, and the score that a reranker gave it.
    struct Found: Sendable {
        let hit: Hit
        let rerankScore: Float?
    }

    var request: SearchRequest
    /// The least similarity of a hit by vectors.
    var threshold: Float?
    var rerank: Rerank?
    /// The model to embed the questions with; nil: the one that the collection was made with.
    var model: String?

    /// The members of a request: `query` or `queries`, or `vector`; `by`, `top`, `filter` and what else the
    /// index offers.
    init(_ fields: RequestFields) throws(ServiceError) {
        let vector = try Self.vector(fields)
        let texts = try Self.questions(fields)
        guard vector != nil || !texts.isEmpty else {
            throw .invalid(
                "query",
                "query: expected a string, or queries: a list of strings, or vector: a list of numbers")
        }
        var questions = texts.map { SearchRequest.Question(text: $0) }
        if questions.isEmpty { questions = [SearchRequest.Question()] }
        if let vector { questions[0].vector = vector }
        request = SearchRequest(questions: questions, count: try fields.integer("top", in: 1...10_000) ?? 10)
        request.mode = try Self.word(fields, "by", SearchRequest.Mode.self) ?? .hybrid
        request.fusion = try Self.word(fields, "fusion", SearchRequest.Fusion.self) ?? .scores
        if let filter = try fields.string("filter") {
            do throws(IndexError) { request.filter = try Filter(filter) } catch {
                throw ServiceError(error, parameter: "filter")
            }
        }
        request.isExact = try fields.bool("exact") ?? false
        request.candidates = try fields.integer("candidates", in: 1...1_000_000)
        request.group = try fields.string("group")
        request.diversity = try fields.float("diversity") ?? 0
        threshold = try fields.float("threshold")
        if threshold != nil, request.mode != .vectors {
            throw .invalid("threshold", "threshold is a similarity of vectors; add \"by\": \"vectors\"")
        }
        model = try fields.model()
        rerank = try Self.rerank(fields)
        if rerank != nil, texts.isEmpty {
            throw .invalid("rerank", "rerank: a reranker reads the question's text; add query")
        }
    }

    init(_ request: SearchRequest) { self.request = request }

    private static func questions(_ fields: RequestFields) throws(ServiceError) -> [String] {
        var texts: [String] = []
        if let query = try fields.string("query") { texts.append(query) }
        if let value = fields.value("queries") {
            texts += try TextInputs.strings(value, parameter: "queries", limit: 64)
        }
        guard texts.count <= 64 else {
            throw .invalid("queries", "queries: a search has at most 64 questions, not \(texts.count)")
        }
        return texts
    }

    private static func vector(_ fields: RequestFields) throws(ServiceError) -> [Float]? {
        guard let value = fields.value("vector") else { return nil }
        return try RecordRequest.vector(value, "vector", "vector")
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ fields: RequestFields, _ key: String, _ type: Word.Type
    ) throws(ServiceError) -> Word? where Word.RawValue == String {
        try fields.choice(key, type.allCases.map(\.rawValue)).flatMap { Word(rawValue: $0) }
    }

    private static let mostReranked = 1000

    private static func rerank(_ fields: RequestFields) throws(ServiceError) -> Rerank? {
        switch fields.value("rerank") {
        case nil, .bool(false)?: return nil
        case .bool(true)?: return Rerank(model: nil, count: 50)
        case .string(let name)?: return Rerank(model: name, count: 50)
        case .object(let object)?:
            let members = RequestFields(object)
            return Rerank(
                model: try members.model(), count: try members.integer("count", in: 1...mostReranked) ?? 50)
        case let other?:
            throw .invalid(
                "rerank",
                "rerank: expected a model's name, true, or {\"model\": …, \"count\": …}, found \(other.kind)")
        }
    }

    // MARK: Running

    /// The hits, the best first.
    func hits(in collection: OpenCollection, _ call: Call) async throws -> [Found] {
        var request = request
        let snapshot = try collection.snapshot()
        let texts = request.questions.compactMap { $0.vector == nil ? $0.text : nil }
        if request.mode != .words, !texts.isEmpty, snapshot.count > 0 {
            let outcome = try await call.server.service.vectors(
                of: texts, as: .query, for: snapshot.settings, parameter: "query", model: model, call)
            request.identity = snapshot.settings.identity
            var rows = outcome.rows[...]
            for index in request.questions.indices where request.questions[index].vector == nil {
                request.questions[index].vector = rows.popFirst()
            }
        }
        if let rerank { request.count = max(request.count, rerank.count) }
        let wanted = request
        // It reads mapped files, which may wait for the disk.
        var hits = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            do throws(IndexError) { return try snapshot.search(wanted) } catch { throw ServiceError(error) }
        }
        if let threshold { hits.removeAll { $0.score < threshold } }
        guard let rerank else { return hits.map { Found(hit: $0, rerankScore: nil) } }
        return Array(try await reranked(hits, rerank, call).prefix(self.request.count))
    }

    /// The best hits in the order of a reranker's scores; the others follow.
    private func reranked(_ hits: [Hit], _ rerank: Rerank, _ call: Call) async throws -> [Found] {
        guard let question = request.questions.lazy.compactMap(\.text).first, !hits.isEmpty else {
            return hits.map { Found(hit: $0, rerankScore: nil) }
        }
        let best = hits.prefix(rerank.count)
        let outcome = try await call.server.service.scores(
            best.map { .pair(question, $0.text) }, rerank.model, parameter: "rerank", truncation: .native,
            isRaw: false, needsOne: true,
            call)
        let scores = outcome.rows.map { $0[0] }
        let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        return order.map { Found(hit: hits[$0], rerankScore: scores[$0]) }
            + hits.dropFirst(best.count).map { Found(hit: $0, rerankScore: nil) }
    }
}

extension CollectionSearch.Found {
    var json: JSONValue {
        var members = RecordJSON.json(hit)
        if let rerankScore {
            members.insert(.init(key: "rerank_score", value: RecordJSON.number(rerankScore)), at: 2)
        }
        return .object(JSONObject(members))
    }
}

extension RequestFields {
    func float(_ key: String) throws(ServiceError) -> Float? {
        guard let value = value(key) else { return nil }
        guard let number = value.double, number.isFinite else {
            throw .invalid(key, "\(key): expected a number, found \(value.kind)")
        }
        return Float(number)
    }
}

#endif
