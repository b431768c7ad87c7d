#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Text Embeddings Inference: labels of texts, and sparse vectors.
enum PredictRoutes {
    static let all: [Route] = [predict, embedSparse]

    private static let texts = Schema.array(.string(""), 1...2, "a text, or a pair of texts")
    private static let label = Schema.object(
        [.required("score", .number("")), .required("label", .string(""))], "")

    static let predictRequest = Schema.object(
        [
            .required("inputs", .oneOf([.string("one text"), texts, .array(texts, 1...2048)], ""))
        ]
            + Schemas.tei(
                [
                    Schemas.model, LabelFunction.member,
                    .optional(
                        "raw_scores", .nullable(.boolean("the model's numbers, before softmax or sigmoid"))),
                    .optional(
                        "top_k", .nullable(.integer(1...Int(Int32.max), "the most labels; by default all"))),
                ] + Schemas.teiTruncation), "")
    static let predictions = Schema.oneOf(
        [.array(label), .array(.array(label))], "the labels that fit best first")

    private static let predict = Route(
        .post, "/predict", .tei, "How much each label fits a text or a pair of texts", operation: .predict,
        request: predictRequest,
        response: predictions
    ) { call in try await predict(try await call.fields(), call) }

    static func predict(_ fields: RequestFields, _ call: Call) async throws -> Reply {
        let (inputs, isSingle) = try inputs(fields, limit: call.server.configuration.maxClientBatch)
        let function = try LabelFunction(fields)
        let most = try fields.integer("top_k", in: 1...Int(Int32.max))
        let isRaw = try fields.bool("raw_scores") ?? false
        if function != nil, isRaw { throw ServiceError.both("raw_scores", "function_to_apply") }
        let outcome = try await call.server.service.scores(
            inputs, try fields.model(), parameter: "inputs", truncation: try fields.truncation(),
            isRaw: isRaw || function != nil, needsOne: false, call)
        let size = outcome.rows.count * outcome.labels.reduce(2) { $0 + $1.utf8.count + 40 }
        return try await call.written(bytes: size) { () throws(ServiceError) in
            var bytes: [UInt8] = []
            if !isSingle { bytes.append("[") }
            for (index, scores) in outcome.rows.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(function?.values(of: scores) ?? scores, outcome.labels, most: most, to: &bytes)
            }
            if !isSingle { bytes.append("]") }
            return bytes
        }
    }

    private static func append(
        _ scores: [Float], _ labels: [String], most: Int?, to bytes: inout [UInt8]
    ) {
        bytes.append("[")
        let order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        for (place, index) in order.prefix(most ?? order.count).enumerated() {
            bytes.append(place == 0 ? #"{"score":"# : #",{"score":"#)
            JSONText.append(scores[index], to: &bytes)
            bytes.append(#","label":"#)
            JSONText.append(labels[index], to: &bytes)
            bytes.append("}")
        }
        bytes.append("]")
    }

    /// "a", ["a"], ["a", "b"] (one pair), or a list of such lists.
    static func inputs(_ fields: RequestFields, limit: Int) throws(ServiceError) -> (
        inputs: [ScorerInput], isSingle: Bool
    ) {
        guard let value = fields.value("inputs") else {
            throw .invalid(
                "inputs", "inputs: expected a string, a pair of strings, or a list of such, found nothing")
        }
        if let text = value.string { return ([.text(text)], true) }
        guard let elements = value.array else {
            throw .invalid("inputs", "inputs: expected a string or a list, found \(value.kind)")
        }
        guard !elements.isEmpty else {
            throw ServiceError(.empty, "inputs cannot be empty", parameter: "inputs")
        }
        if elements[0].string != nil { return ([try input(elements, place: "")], true) }
        guard elements.count <= limit else {
            throw ServiceError(
                .batchTooLarge,
                "inputs has \(elements.count) texts, the server takes at most \(limit) in a request",
                parameter: "inputs")
        }
        var inputs: [ScorerInput] = []
        for (index, element) in elements.enumerated() {
            guard let texts = element.array else {
                throw .invalid(
                    "inputs",
                    "inputs[\(index)]: expected a list of one or two strings, found \(element.kind)",
                    index: index)
            }
            inputs.append(try input(texts, place: "[\(index)]", index: index))
        }
        return (inputs, false)
    }

    private static func input(_ texts: [JSONValue], place: String, index: Int? = nil) throws(ServiceError)
        -> ScorerInput
    {
        let strings = texts.compactMap(\.string)
        guard strings.count == texts.count, (1...2).contains(strings.count) else {
            throw .invalid(
                "inputs", "inputs\(place): expected one or two strings, found \(texts.count) values",
                index: index)
        }
        return strings.count == 1 ? .text(strings[0]) : .pair(strings[0], strings[1])
    }

    static let sparseRequest = Schema.object(
        [.required("inputs", Schemas.input)]
            + Schemas.tei([Schemas.model] + Schemas.teiTruncation + Schemas.role), "")
    static let sparseVectors = Schema.array(
        .array(
            .object(
                [.required("index", .integer(0...Int.max, "the token")), .required("value", .number(""))], "")
        ))

    private static let embedSparse = Route(
        .post, "/embed_sparse", .tei, "A weight for few of many tokens, for each text",
        operation: .embedSparse, request: sparseRequest,
        response: sparseVectors
    ) { call in try await embedSparse(try await call.fields(), call) }

    static func embedSparse(_ fields: RequestFields, _ call: Call) async throws -> Reply {
        let request = try await TEIRoutes.request(fields, call)
        let rows = try await call.server.service.sparseRows(request, call)
        let size = rows.reduce(0) { $0 + $1.count }
        return try await call.written(bytes: size * 36) { () throws(ServiceError) in
            var bytes: [UInt8] = Array("[".utf8)
            for (number, row) in rows.enumerated() {
                bytes.append(number == 0 ? "[" : ",[")
                for (place, entry) in zip(row.indices, row.values).enumerated() {
                    bytes.append(place == 0 ? #"{"index":"# : #",{"index":"#)
                    JSONText.append(entry.0, to: &bytes)
                    bytes.append(#","value":"#)
                    JSONText.append(entry.1, to: &bytes)
                    bytes.append("}")
                }
                bytes.append("]")
            }
            bytes.append("]")
            return bytes
        }
    }
}

#endif
