#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletJSON
internal import MartletSystem

/// Documents in the order in which they answer a query.
///
/// Scores are between 0 and 1, as TEI, Cohere and Jina give them; `raw_scores` gives the model's own numbers,
/// as llama.cpp does.
enum RerankRoutes {
    static let all: [Route] = [
        tei, jina("/reranking", isAlias: true), jina("/v1/reranking", isAlias: true), jina("/v1/rerank"),
        cohere,
    ]

    /// What `tei(_:_:)` reads on a route of TEI's.
    static let teiRequest = RerankRequest.Form.texts.schema
    static let teiResult = Schema.array(
        .object(
            [
                .required("index", .integer(0...Int.max, "")), .required("score", .number("")),
                .optional("text", .string("")),
            ], ""))
    private static let tei = Route(
        .post, "/rerank", .tei,
        "Scores of texts for a query: TEI's form with texts, llama.cpp's and infinity's with documents",
        operation: .rerank, request: .oneOf([teiRequest, RerankRequest.Form.documents.schema], ""),
        response: .oneOf([teiResult, result], ""),
        otherDialect: .llama
    ) { call in
        let fields = try await call.fields()
        guard fields.object["texts"] == nil, fields.object["documents"] != nil else {
            try fields.check(read: teiRequest.members, by: "reranking of texts")
            return try await tei(fields, call)
        }
        // Errors, too, are what llama.cpp's clients know.
        call.record.update { $0.dialect = .llama }
        try fields.check(read: RerankRequest.Form.documents.schema.members, by: "reranking of documents")
        let isInfinity = fields.value("return_documents") != nil || fields.value("raw_scores") != nil
        return try await respond(
            try RerankRequest(fields, form: .documents, call: call), call,
            form: fields.isVoyages ? .voyage : isInfinity ? .infinity : .common)
    }

    static func tei(_ fields: RequestFields, _ call: Call) async throws -> Reply {
        let request = try RerankRequest(fields, form: .texts, call: call)
        let outcome = try await scores(request, call)
        return try await call.written(bytes: request.answerBytes) { () throws(ServiceError) in
            text(request, outcome)
        }
    }

    private static func text(_ request: RerankRequest, _ outcome: ScoreOutcome) -> [UInt8] {
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
        return bytes
    }

    private static let result = Schema.object(
        [
            .required(
                "results",
                .array(
                    .object(
                        [
                            .required("index", .integer(0...Int.max, "")),
                            .required("relevance_score", .number("")),
                            .optional("document", .object([.required("text", .string(""))], "")),
                        ], "")))
        ], "")

    /// Cohere's first form, Jina's and llama.cpp's are one. Of the four servers that have the route three
    /// return documents only if told to, and so does this one; Jina returns them unless told not to.
    private static func jina(_ path: String, isAlias: Bool = false) -> Route {
        Route(
            .post, path, path == "/v1/rerank" ? .cohere : .llama,
            "Scores of documents for a query: Cohere's first form, Jina's, Voyage's and llama.cpp's",
            operation: .rerank, request: RerankRequest.Form.documents.schema, response: result,
            aliasOf: isAlias ? "/v1/rerank" : nil, otherDialect: .voyage
        ) { call in
            let fields = try await call.fields()
            if fields.isVoyages { call.record.update { $0.dialect = .voyage } }
            return try await respond(
                try RerankRequest(fields, form: .documents, call: call), call,
                form: fields.isVoyages ? .voyage : .common)
        }
    }

    private static let cohere = Route(
        .post, "/v2/rerank", .cohere, "Scores of documents for a query: Cohere's second form",
        operation: .rerank,
        request: RerankRequest.Form.documents.schema, response: result
    ) { call in
        var request = try RerankRequest(try await call.fields(), form: .documents, call: call)
        // Cohere's default.
        request.maxDocumentTokens = request.maxDocumentTokens ?? 4096
        return try await respond(request, call, version: "2", form: .common)
    }

    private static func scores(_ request: RerankRequest, _ call: Call) async throws -> ScoreOutcome {
        try request.check(mostBytes: call.server.configuration.maxRequestBytes)
        return try await call.server.service.scores(
            request.documents.map { .pair(request.query, $0) }, request.model, parameter: request.parameter,
            truncation: request.truncation, isRaw: request.isRaw, needsOne: true,
            maxDocumentTokens: request.maxDocumentTokens, call)
    }

    /// Where the answers of servers contradict each other.
    private enum Form: Sendable {
        /// Cohere's, Jina's and llama.cpp's: each client finds its members in one answer.
        case common
        /// Results are `data`, and documents plain strings.
        case voyage
        /// Documents are plain strings.
        case infinity
    }

    private static func respond(
        _ request: RerankRequest, _ call: Call, version: String = "1", form: Form
    ) async throws -> Reply {
        let outcome = try await scores(request, call)
        let id = call.server.nextRequestID()
        return try await call.written(bytes: request.answerBytes) { () throws(ServiceError) in
            text(request, outcome, id: id, version: version, form)
        }
    }

    private static func text(
        _ request: RerankRequest, _ outcome: ScoreOutcome, id: String, version: String, _ form: Form
    ) -> [UInt8] {
        let values = outcome.rows.map { $0[0] }
        var bytes: [UInt8] = []
        bytes.append(#"{"id":"#)
        JSONText.append(id, to: &bytes)
        if form == .infinity {
            bytes.append(#","object":"rerank","created":"#)
            JSONText.append(WallClock.now().seconds, to: &bytes)
        } else {
            bytes.append(#","object":"list""#)
        }
        bytes.append(#","model":"#)
        JSONText.append(outcome.model.name, to: &bytes)
        bytes.append(form == .voyage ? #","data":["# : #","results":["#)
        for (place, index) in request.ranked(values).enumerated() {
            bytes.append(place == 0 ? #"{"index":"# : #",{"index":"#)
            JSONText.append(index, to: &bytes)
            bytes.append(#","relevance_score":"#)
            JSONText.append(values[index], to: &bytes)
            if request.returnsDocuments {
                bytes.append(form == .common ? #","document":{"text":"# : #","document":"#)
                JSONText.append(request.documents[index], to: &bytes)
                if form == .common { bytes.append("}") }
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
        return bytes
    }
}

#endif
