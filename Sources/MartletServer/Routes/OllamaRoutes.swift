#if Server

internal import NIOCore
internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Ollama: vectors.
enum OllamaRoutes {
    static let all: [Route] = [embed, embeddings] + OllamaModelRoutes.all + OllamaHubRoutes.all

    private static let options = Schema.Member.optional(
        "options",
        .nullable(
            .object(
                [
                    .optional(
                        "num_ctx",
                        .integer(8...Int(Int32.max), "the most tokens of a text; others have no effect"))
                ], "")))

    /// The most tokens of a text.
    private static func limit(_ fields: RequestFields) throws(ServiceError) -> Int? {
        try fields.object("options")?.integer("num_ctx", in: 8...Int(Int32.max))
    }

    private static let embed = Route(
        .post, "/api/embed", .ollama, "Vectors of texts, of length 1", operation: .embed,
        request: .object(
            [
                .required("model", .string("")),
                .optional("input", .nullable(.oneOf([.string(""), .array(.string(""), 0...2048)], ""))),
                .optional(
                    "truncate",
                    .nullable(.boolean("whether texts that are too long are cut; the default, or an error"))),
                Schemas.keepAlive, options,
            ] + Schemas.dimensions(zeroIsAll: true) + Schemas.unitLength + Schemas.role, ""),
        response: .object(
            [
                .required("model", .string("")), .required("embeddings", .array(Schemas.vector)),
                .required("total_duration", .integer(0...Int.max, "nanoseconds")),
                .required("load_duration", .integer(0...Int.max, "nanoseconds")),
                .required("prompt_eval_count", .integer(0...Int.max, "tokens")),
                .optional("truncated", .array(.integer(0...Int.max, "texts that were cut"))),
            ], "")
    ) { call in
        let fields = try await call.fields()
        let asked = try fields.requiredString("model")
        let model = try fields.model()
        let keepAlive = try fields.keepAlive()
        _ = try fields.asksForUnitLength()
        var request = EmbedRequest(
            model: model, inputs: [], parameter: "input", maxTokens: try limit(fields), keepAlive: keepAlive)
        request.options = EmbedOptions(
            dimensions: try fields.dimensions(zeroIsAll: true), normalize: true,
            truncation: try fields.bool("truncate") ?? true ? .native : .error)
        try request.readRole(fields)
        // The place first: finding a model of the cache makes one.
        let place = try await call.server.store.index(of: model, for: nil)
        let loaded = call.server.store.snapshot[place].model != nil
        request.inputs = try await inputs(fields, call)
        guard !request.inputs.isEmpty else {
            // An empty request loads the model.
            try await call.server.store.withModel(model, keepAlive: keepAlive) { _ in }
            return Reply(json: body(asked, [], call, load: 0, tokens: 0, truncated: []))
        }
        let outcome = try await call.server.service.vectors(request, call)
        let size = outcome.rows.reduce(0) { $0 + $1.count }
        return try await call.written(bytes: RowText.bytes(size)) { () throws(ServiceError) in
            body(
                asked, outcome.rows, call, load: loaded ? 0 : outcome.model.loadDuration,
                tokens: outcome.tokens,
                truncated: outcome.truncated.map(\.index))
        }
    }

    private static func inputs(_ fields: RequestFields, _ call: Call) async throws -> [TextInput] {
        guard let input = fields.value("input") else { return [] }
        guard input.string != nil || input.array != nil else {
            throw ServiceError.invalid("input", "invalid input type: input is \(input.kind)")
        }
        let limit = call.server.configuration.maxClientBatch
        return try await call.offloaded(bytes: call.body.readableBytes) { () throws(ServiceError) in
            do throws(ServiceError) {
                return try TextInputs(input, parameter: "input", limit: limit, takesIDs: false).texts
            } catch {
                guard error.kind == .invalid else { throw error }
                throw ServiceError(
                    .invalid, "invalid input type: \(error.message)", parameter: "input",
                    inputIndex: error.inputIndex)
            }
        }
    }

    private static func body(
        _ model: String, _ rows: [[Float]], _ call: Call, load: UInt64, tokens: Int, truncated: [Int]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.reduce(256) { $0 + $1.count * 11 })
        bytes.append(#"{"model":"#)
        JSONText.append(model, to: &bytes)
        bytes.append(#","embeddings":"#)
        RowText.append(rows: rows, to: &bytes)
        bytes.append(#","total_duration":"#)
        JSONText.append(Int(call.elapsed), to: &bytes)
        bytes.append(#","load_duration":"#)
        JSONText.append(Int(load), to: &bytes)
        bytes.append(#","prompt_eval_count":"#)
        JSONText.append(tokens, to: &bytes)
        if !truncated.isEmpty {
            bytes.append(#","truncated":"#)
            JSONText.append(.array(truncated.map { .integer($0) }), to: &bytes)
        }
        bytes.append("}")
        return bytes
    }

    private static let embeddings = Route(
        .post, "/api/embeddings", .ollama, "The vector of one text, of any length", operation: .embed,
        request: .object(
            [
                .required("model", .string("")),
                .optional("prompt", .nullable(.string("without it the model is loaded"))),
                Schemas.keepAlive, options,
            ], ""),
        response: .object([.required("embedding", Schemas.vector)], "")
    ) { call in
        let fields = try await call.fields()
        _ = try fields.requiredString("model")
        let keepAlive = try fields.keepAlive()
        let prompt = try fields.string("prompt") ?? ""
        guard !prompt.isEmpty else {
            try await call.server.store.withModel(try fields.model(), keepAlive: keepAlive) { _ in }
            return Reply(json: .object(["embedding": .array([])]))
        }
        var request = EmbedRequest(
            model: try fields.model(), inputs: [.text(prompt)], parameter: "prompt",
            maxTokens: try limit(fields), keepAlive: keepAlive)
        request.options = EmbedOptions(normalize: false)
        let outcome = try await call.server.service.vectors(request, call)
        var bytes: [UInt8] = []
        bytes.append(#"{"embedding":"#)
        RowText.append(outcome.rows.first ?? [], to: &bytes)
        bytes.append("}")
        return Reply(json: bytes)
    }
}

#endif
