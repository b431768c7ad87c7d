#if Server

internal import NIOCore
internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// llama.cpp: vectors in its own form. Its other routes are told from those of other servers by their
/// members.
enum LlamaRoutes {
    static let all: [Route] = [embedding]

    private static let embedding = Route(
        .post, "/embedding", .llama, "Vectors of texts in llama.cpp's own form", operation: .embed,
        request: Schemas.object(
            withOneOf: ["content", "input"], Schemas.input, [Schemas.model] + Schemas.normalization),
        response: .array(
            .object(
                [
                    .required("index", .integer(0...Int.max, "")),
                    .required("embedding", .array(Schemas.vector)),
                ], ""))
    ) { call in
        let fields = try await call.fields()
        let (inputs, key) = try await call.texts(anyOf: ["content", "input"], of: fields)
        let isNormalized = try fields.normalizes()
        var request = EmbedRequest(model: try fields.model(), inputs: inputs.texts, parameter: key)
        request.options = EmbedOptions(normalize: isNormalized)
        let outcome = try await call.server.service.vectors(request, call)
        let size = outcome.rows.reduce(0) { $0 + $1.count }
        return try await call.written(bytes: RowText.bytes(size)) { () throws(ServiceError) in
            var bytes: [UInt8] = Array("[".utf8)
            for (index, row) in outcome.rows.enumerated() {
                bytes.append(index == 0 ? #"{"index":"# : #",{"index":"#)
                JSONText.append(index, to: &bytes)
                // A row for each pooled vector: one.
                bytes.append(#","embedding":["#)
                RowText.append(row, to: &bytes)
                bytes.append("]}")
            }
            bytes.append("]")
            return bytes
        }
    }
}

#endif
