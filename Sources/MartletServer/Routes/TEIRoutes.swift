#if Server

internal import NIOCore
internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Text Embeddings Inference: vectors.
enum TEIRoutes {
    static let all: [Route] = [embed, embedAll, similarity] + TEITokenRoutes.all + TEIInfoRoutes.all

    static let embedRequest = Schema.object(
        [.required("inputs", Schemas.input)]
            + Schemas.tei(
                [Schemas.model] + Schemas.normalization + Schemas.dimensions() + Schemas.teiTruncation
                    + Schemas.role), "")
    static let vectors = Schema.array(Schemas.vector)

    private static let embed = Route(
        .post, "/embed", .tei, "Vectors of texts", operation: .embed, request: embedRequest, response: vectors
    ) { call in try await embed(try await call.fields(), call) }

    static func embed(_ fields: RequestFields, _ call: Call) async throws -> Reply {
        var request = try await request(fields, call)
        request.options.normalize = try fields.normalizes()
        request.options.dimensions = try fields.dimensions()
        let outcome = try await call.server.service.vectors(request, call)
        let size = outcome.rows.reduce(0) { $0 + $1.count }
        return try await call.written(bytes: RowText.bytes(size)) { () throws(ServiceError) in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(size * 11 + 64)
            RowText.append(rows: outcome.rows, to: &bytes)
            return bytes
        }
    }

    private static let embedAll = Route(
        .post, "/embed_all", .tei,
        "Vectors of each text's tokens, special tokens included, as the encoder gives them",
        operation: .embedAll,
        request: .object(
            [.required("inputs", Schemas.input)]
                + Schemas.tei([Schemas.model] + Schemas.teiTruncation + Schemas.role), ""),
        response: .array(.array(Schemas.vector))
    ) { call in
        let fields = try await call.fields()
        let request = try await request(fields, call)
        let outcome = try await call.server.service.tokenVectors(request, call)
        let size = outcome.rows.reduce(0) { $0 + $1.count }
        let width = outcome.model.info.hiddenSize
        return try await call.written(bytes: RowText.bytes(size)) { () throws(ServiceError) in
            var bytes: [UInt8] = []
            RowText.append(tokenRows: outcome.rows, width: width, to: &bytes)
            return bytes
        }
    }

    private static let similarity = Route(
        .post, "/similarity", .tei, "The cosine of a sentence to each of others", operation: .embed,
        request: .object(
            [
                .required(
                    "inputs",
                    .object(
                        [
                            .required("source_sentence", .string("")),
                            .required("sentences", .array(.string(""), 1...2047, "what it is compared with")),
                        ], ""))
            ] + Schemas.tei([Schemas.model] + Schemas.unitLength + Schemas.teiTruncation + Schemas.role), ""),
        response: .array(.number(""))
    ) { call in
        let fields = try await call.fields()
        guard let inputs = try fields.object("inputs") else {
            throw ServiceError.invalid(
                "inputs", "inputs: expected an object with source_sentence and sentences, found nothing")
        }
        let source = try inputs.requiredString("source_sentence")
        guard let list = inputs.value("sentences") else {
            throw ServiceError.invalid(
                "sentences", "inputs.sentences: expected a list of strings, found nothing")
        }
        let sentences = try TextInputs.strings(
            list, parameter: "sentences", limit: call.server.configuration.maxClientBatch - 1)
        guard !sentences.isEmpty else {
            throw ServiceError(.empty, "inputs.sentences is empty", parameter: "sentences")
        }
        var request = EmbedRequest(
            model: try fields.model(), inputs: ([source] + sentences).map { .text($0) },
            parameter: "sentences")
        _ = try fields.asksForUnitLength()
        request.options = EmbedOptions(normalize: true, truncation: try fields.truncation())
        try request.readRole(fields)
        let vectors = try await call.server.service.vectors(request, call).rows.map { Embedding($0) }
        let scores = try vectors.dropFirst().map { try vectors[0].cosineSimilarity(to: $0) }
        var bytes: [UInt8] = []
        RowText.append(scores, to: &bytes)
        return Reply(json: bytes)
    }

    /// The members that its routes share.
    static func request(_ fields: RequestFields, _ call: Call) async throws -> EmbedRequest {
        guard let input = fields.value("inputs") else {
            throw ServiceError.invalid(
                "inputs", "inputs: expected a string, a list of strings or token ids, found nothing")
        }
        let limit = call.server.configuration.maxClientBatch
        let inputs = try await call.offloaded(bytes: call.body.readableBytes / call.instances) {
            () throws(ServiceError) in
            try TextInputs(input, parameter: "inputs", limit: limit)
        }
        guard !inputs.texts.isEmpty else {
            throw ServiceError(.empty, "inputs cannot be empty", parameter: "inputs")
        }
        var request = EmbedRequest(model: try fields.model(), inputs: inputs.texts, parameter: "inputs")
        request.options.truncation = try fields.truncation()
        try request.readRole(fields)
        return request
    }
}

#endif
