#if Server

internal import Martlet
internal import MartletJSON

/// What a rerank route is asked, in the forms of TEI, llama.cpp, Cohere, Jina and Voyage.
struct RerankRequest: Sendable {
    /// Whose members it has.
    enum Form: CaseIterable {
        /// TEI's; `documents` may stand for `texts`.
        case texts
        /// All others'; `texts` may stand for `documents`.
        case documents

        /// What `RerankRequest(_:form:call:)` reads.
        var schema: Schema {
            .oneOf(
                names.map { name in
                    let list = name == "texts" ? Self.plain : Self.objects
                    return .object([.required("query", .string("")), .required(name, list)] + members, "")
                }, "")
        }

        fileprivate var names: [String] {
            self == .texts ? ["texts", "documents"] : ["documents", "texts"]
        }

        private static let plain = Schema.array(.string(""), 1...2048)
        private static let objects = Schema.array(
            .oneOf([.string(""), .object([.required("text", .string(""))], "")], ""), 1...2048)

        private var members: [Schema.Member] {
            let common: [Schema.Member] = [
                Schemas.model,
                .optional(
                    "raw_scores",
                    .nullable(.boolean("the model's numbers, in place of scores from 0 to 1"))),
                Self.count("top_n", from: 0, "the most results; by default all"),
            ]
            return switch self {
            case .texts:
                Schemas.tei(
                    common + [.optional("return_text", .nullable(.boolean("not the default")))]
                        + Schemas.teiTruncation)
            case .documents:
                common + [
                    Self.count("top_k", from: 0, "Voyage's name for top_n"),
                    .optional("return_documents", .nullable(.boolean("not the default"))),
                    Self.count("max_tokens_per_doc", from: 1, "of a longer document the beginning is read"),
                    Self.count("max_doc_length", from: 1, "Jina's name for max_tokens_per_doc"),
                ] + Schemas.truncation
            }
        }

        private static func count(_ name: String, from least: Int, _ text: String) -> Schema.Member {
            .optional(name, .nullable(.integer(least...Int(Int32.max), text)))
        }
    }

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

    init(_ fields: RequestFields, form: Form, call: Call) throws(ServiceError) {
        model = try fields.model()
        query = try fields.requiredString("query")
        guard let (key, value) = try fields.value(anyOf: form.names) else {
            let name = form.names[0]
            throw .invalid(name, "\(name): expected a list of strings, found nothing")
        }
        parameter = key
        documents = try TextInputs.strings(
            value, parameter: key, limit: call.server.configuration.maxClientBatch,
            takesObjects: key == "documents")
        guard !documents.isEmpty else {
            throw ServiceError(
                .empty, "\(key): expected at least one text, found an empty list", parameter: key)
        }
        isRaw = try fields.bool("raw_scores") ?? false
        switch form {
        case .texts:
            topN = try Self.number(["top_n"], from: 0, fields)
            returnsDocuments = try fields.bool("return_text") ?? false
            truncation = try fields.truncation()
        case .documents:
            topN = try Self.number(["top_n", "top_k"], from: 0, fields)
            maxDocumentTokens = try Self.number(["max_tokens_per_doc", "max_doc_length"], from: 1, fields)
            returnsDocuments = try fields.bool("return_documents") ?? false
            truncation = try fields.truncationPolicy()
        }
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
