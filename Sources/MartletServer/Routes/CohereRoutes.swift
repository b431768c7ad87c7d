#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletJSON
internal import NIOCore

/// Cohere: vectors of texts, of several types in one answer.
enum CohereRoutes {
    static let all: [Route] = [embed(.first), embed(.second)]

    private enum Version: String {
        case first = "1"
        case second = "2"
    }

    /// A type of vectors by Cohere's name for it.
    private struct Kind: Sendable {
        let name: String
        let format: VectorFormat

        static let names = VectorType.allCases.map(\.rawValue) + ["base64"]

        init(_ name: String) {
            self.name = name
            format =
                name == "base64"
                ? VectorFormat(isBase64: true) : VectorFormat(type: VectorType(rawValue: name) ?? .float)
        }
    }

    private static let types = Schema.Member.optional(
        "embedding_types",
        .nullable(
            .array(
                .word(Kind.names, "int8 scales each vector to 127; base64 is of little-endian f32"), 1...6,
                "float by default")))
    private static let texts = Schema.Member.optional("texts", .nullable(.array(.string(""), 1...2048)))
    private static let inputs = Schema.Member.optional(
        "inputs",
        .nullable(
            .array(
                .object(
                    [
                        .required(
                            "content",
                            .array(
                                .object(
                                    [.required("type", .word(["text"], "")), .required("text", .string(""))],
                                    ""), 1...1))
                    ], ""), 1...2048, "in place of texts")))
    private static let response = Schema.object(
        [
            .required("id", .string("")),
            .required("response_type", .word(["embeddings_floats", "embeddings_by_type"], "")),
            .required(
                "embeddings",
                .oneOf(
                    [
                        .array(Schemas.vector),
                        .object([], "by type: a list for each text, or a string for base64"),
                    ], "")),
            .required("texts", .array(.string(""))),
            .required(
                "meta",
                .object([.required("api_version", .object([.required("version", .string(""))], ""))], "")),
        ], "")

    private static func embed(_ version: Version) -> Route {
        Route(
            .post, "/v\(version.rawValue)/embed", .cohere, "Vectors of texts: Cohere's form",
            operation: .embed,
            request: .object(
                (version == .first ? [texts] : [texts, inputs]) + [Schemas.model, types] + Schemas.truncation
                    + Schemas.dimensions() + Schemas.unitLength + Schemas.role,
                ""), response: response
        ) { call in
            let fields = try await call.fields()
            let (texts, parameter) = try texts(of: fields, call, version)
            let kinds = try kinds(of: fields)
            var request = EmbedRequest(
                model: try fields.model(), inputs: texts.map { .text($0) }, parameter: parameter)
            _ = try fields.asksForUnitLength()
            request.options = EmbedOptions(
                dimensions: try fields.dimensions(), normalize: true,
                truncation: try fields.truncationPolicy())
            try request.readRole(fields)
            let outcome = try await call.server.service.vectors(request, call)
            let numbers = outcome.rows.reduce(0) { $0 + $1.count }
            try call.server.service.add(numbers: numbers * ((kinds?.count ?? 1) - 1), parameter, call)
            let answer = Answer(
                id: call.server.nextRequestID(), version: version, kinds: kinds, texts: texts,
                outcome: outcome)
            return try await call.written(bytes: answer.size) { () throws(ServiceError) in answer.text }
        }
    }

    private static func texts(of fields: RequestFields, _ call: Call, _ version: Version) throws(ServiceError)
        -> ([String], String)
    {
        let limit = call.server.configuration.maxClientBatch
        let (parameter, texts): (String, [String])
        if version == .second, let inputs = fields.value("inputs") {
            guard fields.value("texts") == nil else {
                throw .invalid("inputs", "texts and inputs: expected one of them, found both")
            }
            (parameter, texts) = ("inputs", try contents(inputs, limit))
        } else {
            guard let value = fields.value("texts") else {
                throw .invalid("texts", "texts: expected a list of strings, found nothing")
            }
            (parameter, texts) = ("texts", try TextInputs.strings(value, parameter: "texts", limit: limit))
        }
        guard !texts.isEmpty else {
            throw ServiceError(
                .empty, "\(parameter): expected at least one text, found an empty list", parameter: parameter)
        }
        return (texts, parameter)
    }

    /// The second version's inputs: each has a list of contents, of which the models here take one text.
    private static func contents(_ value: JSONValue, _ limit: Int) throws(ServiceError) -> [String] {
        guard let inputs = value.array else {
            throw .invalid("inputs", "inputs: expected a list, found \(value.kind)")
        }
        guard inputs.count <= limit else {
            throw ServiceError(
                .batchTooLarge,
                "inputs has \(inputs.count) texts, the server takes at most \(limit) in a request",
                parameter: "inputs")
        }
        var texts: [String] = []
        for (index, input) in inputs.enumerated() {
            guard let contents = input["content"]?.array, contents.count == 1, let content = contents.first,
                content["type"]?.string == "text", let text = content["text"]?.string
            else {
                throw .invalid(
                    "inputs",
                    "inputs[\(index)]: expected {\"content\": [{\"type\": \"text\", \"text\": …}]}, one text and no image",
                    index: index)
            }
            texts.append(text)
        }
        return texts
    }

    /// nil: the request names none.
    private static func kinds(of fields: RequestFields) throws(ServiceError) -> [Kind]? {
        guard let value = fields.value("embedding_types") else { return nil }
        guard let elements = value.array, !elements.isEmpty else {
            throw .invalid(
                "embedding_types",
                "embedding_types: expected a list of types, found \(value.array == nil ? value.kind : "none")"
            )
        }
        var names: [String] = []
        for (index, element) in elements.enumerated() {
            guard let name = element.string?.lowercased(), Kind.names.contains(name) else {
                let found = element.string?.quotedForMessage ?? element.kind
                throw .invalid(
                    "embedding_types",
                    "embedding_types[\(index)] is \(found), expected \(Kind.names.joined(separator: " or "))",
                    index: index)
            }
            if !names.contains(name) { names.append(name) }
        }
        return names.map { Kind($0) }
    }

    private struct Answer: Sendable {
        let id: String
        let version: Version
        let kinds: [Kind]?
        let texts: [String]
        let outcome: EmbedOutcome

        /// About the bytes of the answer.
        var size: Int {
            let numbers = outcome.rows.reduce(0) { $0 + $1.count } * (kinds?.count ?? 1)
            return RowText.bytes(numbers) + texts.reduce(512) { $0 + $1.utf8.count + 8 }
        }

        var text: [UInt8] {
            var bytes: [UInt8] = []
            bytes.append(#"{"id":"#)
            JSONText.append(id, to: &bytes)
            if kinds == nil, version == .first {
                bytes.append(#","response_type":"embeddings_floats","embeddings":"#)
                RowText.append(rows: outcome.rows, to: &bytes)
            } else {
                bytes.append(#","response_type":"embeddings_by_type","embeddings":{"#)
                for (index, kind) in (kinds ?? [Kind("float")]).enumerated() {
                    if index > 0 { bytes.append(",") }
                    JSONText.append(kind.name, to: &bytes)
                    bytes.append(":[")
                    for (index, row) in outcome.rows.enumerated() {
                        if index > 0 { bytes.append(",") }
                        kind.format.append(row, to: &bytes)
                    }
                    bytes.append("]")
                }
                bytes.append("}")
            }
            bytes.append(#","texts":"#)
            JSONText.append(.strings(texts), to: &bytes)
            bytes.append(#","meta":{"api_version":{"version":"#)
            JSONText.append(version.rawValue, to: &bytes)
            bytes.append(#"},"billed_units":{"input_tokens":"#)
            JSONText.append(outcome.tokens, to: &bytes)
            bytes.append("}}")
            if !outcome.truncated.isEmpty {
                bytes.append(#","truncated":"#)
                JSONText.append(.array(outcome.truncated.map { .integer($0.index) }), to: &bytes)
            }
            bytes.append("}")
            return bytes
        }
    }
}

#endif
