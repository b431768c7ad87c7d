#if Server

internal import Martlet
internal import MartletJSON

/// What a rerank route is asked, in the forms of TEI, llama.cpp, Cohere, Jina and Voyage.
struct RerankRequest: Sendable {
    let model: String?
    let query: String
    let documents: [String]
    /// The member that holds the documents, for messages.
    let parameter: String
    /// The most results; nil: all.
    let topN: Int?
    let returnsDocuments: Bool
    let isRaw: Bool
    let truncation: TruncationPolicy
    /// The most tokens of a document that are read: Cohere's `max_tokens_per_doc`, Jina's `max_doc_length`;
    /// nil: as many as fit.
    var maxDocumentTokens: Int?
    /// Whether the documents came as `texts`: TEI's form, with TEI's answer.
    let isTEI: Bool
    /// Whether it has members that Voyage's clients alone send: results are called `data` then.
    let isVoyage: Bool

    init(_ fields: RequestFields, _ call: Call) throws(ServiceError) {
        model = try fields.model()
        query = try fields.requiredString("query")
        guard let (key, value) = try fields.value(anyOf: ["texts", "documents"]) else {
            throw .invalid("documents", "documents: expected a list of strings, found nothing")
        }
        isTEI = key == "texts"
        isVoyage = fields.isVoyages
        parameter = key
        documents = try TextInputs.strings(
            value, parameter: key, limit: call.server.configuration.maxClientBatch, takesObjects: !isTEI)
        guard !documents.isEmpty else {
            throw ServiceError(
                .empty, "\(key): expected at least one text, found an empty list", parameter: key)
        }
        topN = try Self.number(["top_n", "top_k"], from: 0, fields)
        maxDocumentTokens = try Self.number(["max_tokens_per_doc", "max_doc_length"], from: 1, fields)
        let returned = try fields.value(anyOf: ["return_text", "return_documents"])?.key
        returnsDocuments =
            try returned.map { key throws(ServiceError) in try fields.bool(key) ?? false } ?? false
        isRaw = try fields.bool("raw_scores") ?? false
        truncation = isTEI ? try fields.truncation() : try fields.truncationPolicy()
    }

    private static func number(_ names: [String], from least: Int, _ fields: RequestFields)
        throws(ServiceError) -> Int?
    {
        guard let key = try fields.value(anyOf: names)?.key else { return nil }
        return try fields.integer(key, in: least...Int(Int32.max))
    }

    /// The query is cut into tokens once with each document: a body within its limit may ask for the work of
    /// many such bodies.
    /// - Parameter limit: The most bytes of a body.
    func check(mostBytes limit: Int) throws(ServiceError) {
        let (bytes, isHuge) = query.utf8.count.multipliedReportingOverflow(by: documents.count)
        guard isHuge || bytes / Self.bodies > limit else { return }
        throw ServiceError(
            .batchTooLarge,
            "query has \(query.utf8.count) bytes and is read with each of \(documents.count) documents, together more than "
                + "\(Self.bodies) × \(limit) bytes (max-request-bytes); shorten it, or send fewer documents",
            parameter: "query")
    }

    private static let bodies = 4

    /// About the bytes of the answer.
    var answerBytes: Int { documents.reduce(256) { $0 + 80 + (returnsDocuments ? $1.utf8.count : 0) } }

    /// The places of the documents, best first, the earlier first among equals.
    func ranked(_ scores: [Float]) -> [Int] {
        let order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        return topN.map { Array(order.prefix($0)) } ?? order
    }
}

#endif
