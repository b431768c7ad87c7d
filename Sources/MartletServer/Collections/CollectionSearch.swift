#if Server

internal import Martlet
internal import MartletIndex
internal import MartletJSON
internal import MartletProviders

/// A search of a collection as a request asks for it, reranked where it says so.
struct CollectionSearch: Sendable {
    struct Rerank: Sendable {
        let model: String?
        let how: HitReranking
    }

    /// What a search found, and other wordings of the question that it was searched by.
    struct Found: Sendable {
        let hits: [Hit]
        var wordings: [String] = []
    }

    var request: SearchRequest
    var rerank: Rerank?
    /// The member of the request that asks for a chat model to write the question in other words; nil: none.
    var rewrite: String?
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
        request.threshold = try fields.float("threshold")
        if request.threshold != nil, request.mode != .vectors {
            throw .invalid("threshold", "threshold is a similarity of vectors; add \"by\": \"vectors\"")
        }
        try Self.check(fields, for: request.mode)
        model = try fields.model()
        rewrite = try fields.bool("rewrite") == true ? "rewrite" : nil
        if rewrite != nil, texts.isEmpty {
            throw .invalid("rewrite", "rewrite: a chat model reads the question's text; add query")
        }
        rerank = try Self.rerank(fields)
        if rerank != nil, texts.isEmpty {
            throw .invalid("rerank", "rerank: a reranker reads the question's text; add query")
        }
    }

    init(_ request: SearchRequest) { self.request = request }

    /// - Throws: For a member that a search in this way does not read.
    private static func check(_ fields: RequestFields, for mode: SearchRequest.Mode) throws(ServiceError) {
        var unread: [String] = []
        if mode != .hybrid { unread.append("fusion") }
        if mode == .words { unread += ["vector", "exact", "candidates"] }
        if try fields.bool("exact") == true, fields.value("candidates") != nil {
            throw .invalid(
                "candidates", "exact compares all vectors, and candidates some of them; leave one of them out"
            )
        }
        for name in unread where fields.value(name) != nil {
            throw .invalid(
                name,
                "\(name) changes nothing in a search by \(mode.rawValue); leave it out, or leave \"by\" out")
        }
    }

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
    private static let mostMilliseconds = 600_000

    private static func rerank(_ fields: RequestFields) throws(ServiceError) -> Rerank? {
        switch fields.value("rerank") {
        case nil, .bool(false)?: return nil
        case .bool(true)?: return Rerank(model: nil, how: HitReranking())
        case .string(let name)?: return Rerank(model: name, how: HitReranking())
        case .object(let object)?:
            let members = RequestFields(object)
            try members.checkOwn(read: ["model", "count", "budget_ms"], by: "rerank")
            let budget = try members.integer("budget_ms", in: 1...mostMilliseconds)
            return Rerank(
                model: try members.model(),
                how: HitReranking(
                    count: try members.integer("count", in: 1...mostReranked) ?? 50,
                    budget: budget.map { .milliseconds($0) }))
        case let other?:
            throw .invalid(
                "rerank",
                "rerank: expected a model's name, true, or {\"model\": …, \"count\": …, \"budget_ms\": …}, found \(other.kind)"
            )
        }
    }

    // MARK: Running

    /// The hits, the best first.
    func run(in collection: OpenCollection, _ call: Call) async throws -> Found {
        var request = request
        let wordings = try await self.wordings(call)
        request.questions += wordings.map { SearchRequest.Question(text: $0) }
        let snapshot = try await collection.snapshot()
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
        if request.mode != .vectors, snapshot.count > 0 {
            let asked = request.questions.indices.filter { request.questions[$0].text != nil }
            let weights = try await call.server.service.weights(
                of: asked.compactMap { request.questions[$0].text }, as: .query, for: snapshot.settings,
                parameter: "query", call)
            for (index, row) in zip(asked, weights ?? []) {
                (request.questions[index].text, request.questions[index].sparse) = (nil, row)
            }
        }
        if let rerank { request.count = max(request.count, rerank.how.count) }
        let wanted = request
        // It reads mapped files, which may wait for the disk.
        var hits = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            do throws(IndexError) { return try snapshot.search(wanted) } catch {
                throw ServiceError(error, parameter: error.code == .invalidRecord ? "vector" : nil)
            }
        }
        if let rerank, let question = self.request.questions.lazy.compactMap(\.text).first, !hits.isEmpty {
            hits = try await rerank.how.reranked(hits) { texts in
                try await call.server.service.relevance(
                    of: texts, for: question, rerank.model, parameter: "rerank", call)
            }
        }
        return Found(hits: Array(hits.prefix(self.request.count)), wordings: wordings)
    }

    /// The question in other words; none if the request does not ask for them.
    private func wordings(_ call: Call) async throws -> [String] {
        guard let rewrite, let question = request.questions.lazy.compactMap(\.text).first else { return [] }
        guard let rewriter = call.server.rewriter else {
            throw ServiceError.invalid(
                rewrite,
                "\(rewrite): the server has no chat model; start it with rewrite-url and rewrite-model, or send the question in other words"
            )
        }
        do {
            return try await rewriter.wordings(of: question)
        } catch let error as MartletError {
            throw ServiceError(.unavailable, error.message, parameter: rewrite)
        }
    }
}

extension Hit {
    var json: JSONValue { .object(JSONObject(RecordJSON.json(self))) }
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
