#if Server

internal import NIOCore
internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Jina: a vector for each token of a text, for late interaction.
enum MultiVectorRoutes {
    /// The second path is the older one of Jina's clients.
    static let all: [Route] = [multiVector, multiVector.alias("/v1/multi-embeddings")]

    private static let multiVector = Route(
        .post, "/v1/multi-vector", .cohere, "A vector for each token of texts, for late interaction",
        operation: .embedAll,
        request: .object(
            [
                .required(
                    "input",
                    .oneOf(
                        [
                            .string("one text"),
                            .array(
                                .oneOf([.string(""), .object([.required("text", .string(""))], "")], ""),
                                1...2048),
                        ],
                        "")),
                Schemas.model,
                .optional(
                    "input_type",
                    .nullable(
                        .word(
                            ["document", "query"], "which the model treats differently; by default a document"
                        ))),
                .optional("prompt", .nullable(.string("put before each text, literally"))),
            ] + Schemas.encoding + Schemas.dimensions() + Schemas.unitLength + Schemas.truncation, ""),
        response: .object(
            [
                .required("model", .string("")), .required("object", .word(["list"], "")),
                .required(
                    "data",
                    .array(
                        .object(
                            [
                                .required("object", .word(["embeddings"], "")),
                                .required("index", .integer(0...Int.max, "")),
                                .required(
                                    "embeddings", .array(.oneOf([Schemas.vector, .string("base64")], ""))),
                            ], ""))), .required("usage", Schemas.usage),
            ], "")
    ) { call in
        let fields = try await call.fields()
        let inputs = try await call.texts(anyOf: ["input"], of: fields).inputs
        let isBase64 = try fields.encoding() == .base64
        let isQuery = try fields.choice("input_type", ["document", "query"]) == "query"
        let dimensions = try fields.dimensions()
        var request = EmbedRequest(model: try fields.model(), inputs: inputs.texts, parameter: "input")
        request.options = EmbedOptions(truncation: try fields.truncationPolicy())
        request.options.prompt = try fields.string("prompt")
        request.options.normalize = try fields.asksForUnitLength() ? true : nil
        let outcome = try await call.server.service.multiVectors(
            request, isQuery: isQuery, dimensions: dimensions, call)
        let size = outcome.rows.reduce(0) { $0 + $1.count }
        return try await call.written(bytes: RowText.bytes(size)) { () throws(ServiceError) in
            text(outcome, isBase64: isBase64)
        }
    }

    private static func text(_ outcome: MultiVectorOutcome, isBase64: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(#"{"model":"#)
        JSONText.append(outcome.model.name, to: &bytes)
        bytes.append(#","object":"list","data":["#)
        for (index, row) in outcome.rows.enumerated() {
            bytes.append(
                index == 0 ? #"{"object":"embeddings","index":"# : #",{"object":"embeddings","index":"#)
            JSONText.append(index, to: &bytes)
            bytes.append(#","embeddings":"#)
            if isBase64 {
                bytes.append("[")
                for start in stride(from: 0, to: row.count, by: outcome.dimensions) {
                    bytes.append(start == 0 ? "\"" : ",\"")
                    Base64.append(Array(row[start..<start + outcome.dimensions]), to: &bytes)
                    bytes.append("\"")
                }
                bytes.append("]")
            } else {
                RowText.append(vectors: row, width: outcome.dimensions, to: &bytes)
            }
            bytes.append("}")
        }
        bytes.append(#"],"usage":{"prompt_tokens":"#)
        JSONText.append(outcome.tokens, to: &bytes)
        bytes.append(#","total_tokens":"#)
        JSONText.append(outcome.tokens, to: &bytes)
        bytes.append("}}")
        return bytes
    }
}

#endif
