#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletIndex
internal import MartletJSON

/// Questions to a collection.
enum SearchRoutes {
    static let all: [Route] = [search, query, MapRoute.route]

    private static let hit = Schema.object(
        [
            .required("id", .string("")),
            .required("score", .number("what hits are ordered by, before a reranker")),
            .optional("rerank_score", .number("of a reranker, from 0 to 1")),
            .required("similarity", .nullable(.number("of the vectors"))),
            .required("vector_rank", .nullable(.integer(1...Int.max, ""))),
            .required("word_score", .nullable(.number("BM25"))),
            .required("word_rank", .nullable(.integer(1...Int.max, ""))),
            .required("terms", .object([], "what each word of the question adds to the score of words")),
            .required("fields", .object([], "")), .required("text", .string("")),
        ], "")

    private static let search = Route(
        .post, "/v1/collections/{name}/search", .own, "The records that answer a question, the best first",
        operation: .embed,
        request: .object(
            [
                .optional("query", .nullable(.string("the question"))),
                .optional("queries", .nullable(.array(.string(""), 1...64, "the same in other words"))),
                .optional(
                    "vector",
                    .nullable(.array(.number(""), 1...4096, "of the question, in place of the model's"))),
                .optional(
                    "by", .nullable(.word(SearchRequest.Mode.allCases.map(\.rawValue), "hybrid by default"))),
                .optional(
                    "fusion",
                    .nullable(
                        .word(SearchRequest.Fusion.allCases.map(\.rawValue), "how both lists become one"))),
                .optional("top", .nullable(.integer(1...10_000, "hits wanted; 10 by default"))),
                .optional(
                    "filter",
                    .nullable(.string("a condition on fields, such as year >= 2024 and tag = \"food\""))),
                .optional("threshold", .nullable(.number("the least similarity, by vectors"))),
                .optional("group", .nullable(.string("at most one hit for each value of this field"))),
                .optional(
                    "diversity", .nullable(.number("from 0 to 1: how much hits are kept from being alike"))),
                .optional("exact", .nullable(.boolean("whether all vectors are compared"))),
                .optional("candidates", .nullable(.integer(1...1_000_000, "vectors that are compared"))),
                .optional(
                    "rerank",
                    .nullable(
                        .oneOf(
                            [
                                .string("a cross-encoder or a late-interaction model"),
                                .boolean("the first model that reranks"),
                                .object(
                                    [
                                        Schemas.model,
                                        .optional(
                                            "count", .integer(1...1000, "hits that are scored; 50 by default")
                                        ),
                                        .optional(
                                            "budget_ms",
                                            .integer(
                                                1...600_000,
                                                "the time for it: as many hits as fit are scored")),
                                    ], ""),
                            ], ""))),
                .optional(
                    "rewrite",
                    .nullable(
                        .boolean("whether the server's chat model writes the question in other words, too"))),
                Schemas.model,
            ], ""),
        response: .object(
            [
                .required("hits", .array(hit)),
                .optional("wordings", .array(.string(""), 1...64, "what was searched beside the question")),
            ], ""), isGuarded: true
    ) { call in
        let collection = try await call.collection()
        let search = try CollectionSearch(try await call.fields())
        let found = try await search.run(in: collection, call)
        return try await reply(found.hits, wordings: found.wordings, call)
    }

    private static let query = Route(
        .post, "/v1/collections/{name}/query", .own,
        "Looks a text up by its vector, and adds it where nothing is near enough",
        operation: .embed,
        request: .object(
            [
                .required("text", .string("")),
                .required("threshold", .number("the least similarity of a hit, such as 0.9")),
                .optional("top", .nullable(.integer(1...10_000, "hits wanted; 10 by default"))),
                .optional(
                    "id",
                    .nullable(
                        .string("of the record that is added; by default one that follows from the text"))),
                .optional("fields", .nullable(.object([], "of the record that is added"))), Schemas.model,
            ], ""),
        response: .object(
            [
                .required("hits", .array(hit)),
                .required("added", .nullable(.string("the id of the text, if it was added"))),
            ], ""),
        isGuarded: true
    ) { call in
        let collection = try await call.collection()
        let fields = try await call.fields()
        let text = try fields.requiredString("text")
        guard let threshold = try fields.float("threshold") else {
            throw ServiceError.invalid("threshold", "threshold: expected a number such as 0.9, found nothing")
        }
        let count = try fields.integer("top", in: 1...10_000) ?? 10
        let id = try fields.string("id")
        let snapshot = try await collection.snapshot()
        let values = try fields.object("fields").map { (given) throws(ServiceError) in
            try RecordJSON.fields(given.object, schema: snapshot.fields, "fields", "fields")
        }
        let settings = snapshot.settings
        // One vector for the look-up and for the record: both are questions.
        let outcome = try await call.server.service.vectors(
            of: [text], as: .query, for: settings, parameter: "text", model: try fields.model(), call)
        let vector = outcome.rows.first ?? []
        var lookUp = CollectionSearch(SearchRequest(vector: vector, count: count))
        lookUp.request.mode = .vectors
        lookUp.request.threshold = threshold
        let known = try await lookUp.run(in: collection, call).hits
        if !known.isEmpty { return try await reply(known, added: .some(nil), call) }
        let weights = try await call.server.service.weights(
            of: [text], as: .document, for: settings, parameter: "text", call)
        let answer = try await call.write(collection) { (writer) throws(IndexError) in
            try writer.query(
                text, vector: vector, sparse: weights?.first, threshold: threshold,
                identity: settings.identity, id: id, fields: values ?? [:], count: count)
        }
        return try await reply(answer.hits, added: .some(answer.added), call)
    }

    /// - Parameter added: The id of what was added; nil in a look-up: nothing was; nil itself: nothing is
    ///   ever added.
    private static func reply(
        _ hits: [Hit], wordings: [String] = [], added: String?? = nil, _ call: Call
    ) async throws -> Reply {
        try await call.written(bytes: hits.reduce(256) { $0 + $1.text.utf8.count + 512 }) {
            () throws(ServiceError) in
            JSONValue.object(present: [
                "hits": .array(hits.map(\.json)), "wordings": wordings.isEmpty ? nil : .strings(wordings),
                "added": added.map { $0.map { .string($0) } ?? .null },
            ]).bytes
        }
    }
}

#endif
