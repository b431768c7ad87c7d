internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Documents in the order in which they answer a query.
///
/// Scores are between 0 and 1, as TEI, Cohere and Jina give them; `raw_scores` gives the model's own numbers, as llama.cpp does.
enum RerankRoutes {
    static let all: [Route] = [
        tei, jina("/reranking", isAlias: true), jina("/v1/reranking", isAlias: true), jina("/v1/rerank"), cohere,
    ]

    private static let query = Schema.Member.required("query", .string(""))
    private static let raw = Schema.Member.optional(
        "raw_scores", .nullable(.boolean("the model's numbers, in place of scores from 0 to 1")))
    private static let topN = Schema.Member.optional("top_n", .nullable(.integer(0...Int(Int32.max), "the most results; by default all")))
    private static let documents = Schema.Member.required(
        "documents", .array(.oneOf([.string(""), .object([.required("text", .string(""))], "")], ""), 1...2048))

    private static let tei = Route(
        .post, "/rerank", .tei, "Scores of texts for a query: TEI's form with texts, llama.cpp's and Jina's with documents",
        operation: .rerank,
        request: .object(
            [
                query, .required("texts", .array(.string(""), 1...2048)), raw, .optional("return_text", .nullable(.boolean(""))),
                Schemas.model,
            ] + Schemas.teiTruncation, ""),
        response: .oneOf(
            [
                .array(
                    .object(
                        [.required("index", .integer(0...Int.max, "")), .required("score", .number("")), .optional("text", .string(""))], ""
                    )),
                result,
            ], "")
    ) { call in
        let fields = try await call.fields()
        let request = try RerankRequest(fields, call)
        guard request.isTEI else { return try await respond(request, call) }
        let outcome = try await scores(request, call)
        let values = outcome.rows.map { $0[0] }
        var bytes: [UInt8] = Array("[".utf8)
        for (place, index) in request.ranked(values).enumerated() {
            bytes.append(place == 0 ? #"{"index":"# : #",{"index":"#)
            JSONText.append(index, to: &bytes)
            bytes.append(#","score":"#)
            JSONText.append(values[index], to: &bytes)
            if request.returnsDocuments {
                bytes.append(#","text":"#)
                JSONText.append(request.documents[index], to: &bytes)
            }
            bytes.append("}")
        }
        bytes.append("]")
        return Reply(json: bytes)
    }

    private static let result = Schema.object(
        [
            .required(
                "results",
                .array(
                    .object(
                        [
                            .required("index", .integer(0...Int.max, "")), .required("relevance_score", .number("")),
                            .optional("document", .object([.required("text", .string(""))], "")),
                        ], "")))
        ], "")

    /// Cohere's first form and Jina's are one: Jina returns documents unless told not to, Cohere only if told to. A model whose name
    /// begins with "jina" is asked by Jina's clients.
    private static func jina(_ path: String, isAlias: Bool = false) -> Route {
        Route(
            .post, path, path == "/v1/rerank" ? .cohere : .llama,
            "Scores of documents for a query: Cohere's first form, Jina's and llama.cpp's",
            operation: .rerank,
            request: .object(
                [query, documents, topN, raw, .optional("return_documents", .nullable(.boolean(""))), Schemas.model], ""),
            response: result, isAlias: isAlias
        ) { call in
            let fields = try await call.fields()
            let isJina = try fields.string("model")?.lowercased().hasPrefix("jina") ?? false
            return try await respond(try RerankRequest(fields, call, returnsDocuments: isJina), call)
        }
    }

    private static let cohere = Route(
        .post, "/v2/rerank", .cohere, "Scores of documents for a query: Cohere's second form", operation: .rerank,
        request: .object([query, documents, topN, raw, Schemas.model], ""), response: result
    ) { call in
        let request = try RerankRequest(try await call.fields(), call)
        return try await respond(request, call, version: "2")
    }

    private static func scores(_ request: RerankRequest, _ call: Call) async throws -> ScoreOutcome {
        try await call.server.service.scores(
            request.documents.map { .pair(request.query, $0) }, request.model, parameter: request.parameter,
            truncation: request.truncation, isRaw: request.isRaw, needsOne: true, call)
    }

    /// One answer for the clients of Cohere, Jina and llama.cpp: each finds its members in it.
    private static func respond(_ request: RerankRequest, _ call: Call, version: String = "1") async throws -> Reply {
        let outcome = try await scores(request, call)
        let values = outcome.rows.map { $0[0] }
        var bytes: [UInt8] = []
        bytes.append(#"{"id":"#)
        JSONText.append(call.server.nextRequestID(), to: &bytes)
        bytes.append(#","object":"list","model":"#)
        JSONText.append(outcome.model.name, to: &bytes)
        bytes.append(#","results":["#)
        for (place, index) in request.ranked(values).enumerated() {
            bytes.append(place == 0 ? #"{"index":"# : #",{"index":"#)
            JSONText.append(index, to: &bytes)
            bytes.append(#","relevance_score":"#)
            JSONText.append(values[index], to: &bytes)
            if request.returnsDocuments {
                bytes.append(#","document":{"text":"#)
                JSONText.append(request.documents[index], to: &bytes)
                bytes.append("}")
            }
            bytes.append("}")
        }
        bytes.append(#"],"usage":{"prompt_tokens":"#)
        JSONText.append(outcome.tokens, to: &bytes)
        bytes.append(#","total_tokens":"#)
        JSONText.append(outcome.tokens, to: &bytes)
        bytes.append(#"},"meta":{"api_version":{"version":"#)
        JSONText.append(version, to: &bytes)
        bytes.append(#"},"billed_units":{"search_units":1}}"#)
        if !outcome.truncated.isEmpty {
            bytes.append(#","truncated":"#)
            JSONText.append(.array(outcome.truncated.map { .integer($0) }), to: &bytes)
        }
        bytes.append("}")
        return Reply(json: bytes)
    }
}
