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
    /// Whether the documents came as `texts`: TEI's form, with TEI's answer.
    let isTEI: Bool

    /// - Parameter returnsDocuments: Where the request does not say.
    init(_ fields: RequestFields, _ call: Call, returnsDocuments: Bool = false) throws(ServiceError) {
        model = try fields.model(call)
        query = try fields.requiredString("query")
        guard let (key, value) = fields.value(anyOf: ["texts", "documents"]) else {
            throw .invalid("documents", "documents: expected a list of strings, found nothing")
        }
        isTEI = key == "texts"
        parameter = key
        documents = try TextInputs.strings(value, parameter: key, limit: call.server.configuration.maxClientBatch, takesObjects: !isTEI)
        guard !documents.isEmpty else {
            throw ServiceError(.empty, "\(key): expected at least one text, found an empty list", parameter: key)
        }
        let count = try fields.integer("top_n", in: 0...Int.max)
        topN = if let count { count } else { try fields.integer("top_k", in: 0...Int.max) }
        let text = try fields.bool("return_text")
        let document = try fields.bool("return_documents")
        self.returnsDocuments = text ?? document ?? returnsDocuments
        isRaw = try fields.bool("raw_scores") ?? false
        truncation = isTEI ? try fields.truncation() : try fields.truncationPolicy()
    }

    /// The places of the documents, best first, the earlier first among equals.
    func ranked(_ scores: [Float]) -> [Int] {
        let order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        return topN.map { Array(order.prefix($0)) } ?? order
    }
}
