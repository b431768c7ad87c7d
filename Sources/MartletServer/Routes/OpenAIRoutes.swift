#if Server

internal import NIOCore
internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// OpenAI's embeddings and models, with Martlet's `prompt`, `input_type` and `truncate` beside its own
/// members.
enum OpenAIRoutes {
    static let all: [Route] =
        [embeddings, models, infinityModels, model]
        + [embeddings.alias("/embeddings", for: .infinity)]
        + [
            "/openai/v1/embeddings", "/openai/deployments/{id}/embeddings",
            "/v1/engines/{id}/embeddings",
        ].map { embeddings.alias($0) }

    private static let embeddings = Route(
        .post, "/v1/embeddings", .openAI,
        "Vectors of texts, in OpenAI's form, Voyage's, Mistral's and Jina's", operation: .embed,
        request: Schemas.openAIEmbeddings,
        response: Schemas.openAIList, otherDialect: .voyage
    ) { call in
        let fields = try await call.fields()
        return try await respond(fields, call)
    }

    /// The members of OpenAI's request.
    static func respond(_ fields: RequestFields, _ call: Call) async throws -> Reply {
        if fields.isVoyages { call.record.update { $0.dialect = .voyage } }
        _ = try fields.choice("modality", ["text"])
        let inputs = try await call.texts(anyOf: ["input"], of: fields).inputs
        let format = try fields.vectorFormat()
        _ = try fields.string("user")
        // Azure's clients send the deployment's name in the path, and any in the body.
        var request = EmbedRequest(
            model: try call.parameters["id"] ?? fields.model(), inputs: inputs.texts, parameter: "input")
        request.options = EmbedOptions(
            dimensions: try fields.dimensions(zeroIsAll: call.route?.dialect == .infinity),
            normalize: try fields.normalizes(),
            truncation: try fields.truncationPolicy())
        try request.readRole(fields)
        let isLate = try fields.bool("late_chunking") ?? false
        let service = call.server.service
        let outcome =
            isLate ? try await service.lateVectors(request, call) : try await service.vectors(request, call)
        let size = outcome.rows.reduce(0) { $0 + $1.count }
        let id = call.server.nextRequestID()
        return try await call.written(bytes: RowText.bytes(size)) { () throws(ServiceError) in
            text(outcome, format, id: id)
        }
    }

    private static func text(_ outcome: EmbedOutcome, _ format: VectorFormat, id: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(outcome.rows.reduce(256) { $0 + $1.count * 11 + 64 })
        bytes.append(#"{"object":"list","data":["#)
        var truncated = outcome.truncated[...]
        for (index, row) in outcome.rows.enumerated() {
            bytes.append(
                index == 0 ? #"{"object":"embedding","index":"# : #",{"object":"embedding","index":"#)
            JSONText.append(index, to: &bytes)
            bytes.append(#","embedding":"#)
            format.append(row, to: &bytes)
            if let cut = truncated.first, cut.index == index {
                truncated.removeFirst()
                bytes.append(#","truncated":{"tokens":"#)
                JSONText.append(cut.total, to: &bytes)
                bytes.append(#","kept":"#)
                JSONText.append(outcome.lengths[index], to: &bytes)
                bytes.append("}")
            }
            bytes.append("}")
        }
        bytes.append(#"],"model":"#)
        JSONText.append(outcome.model.name, to: &bytes)
        bytes.append(#","usage":{"prompt_tokens":"#)
        JSONText.append(outcome.tokens, to: &bytes)
        bytes.append(#","total_tokens":"#)
        JSONText.append(outcome.tokens, to: &bytes)
        // Mistral's clients refuse an answer without it.
        bytes.append(#"},"id":"#)
        JSONText.append(id, to: &bytes)
        bytes.append("}")
        return bytes
    }

    private static let models = Route(
        .get, "/v1/models", .openAI, "The models that the server knows", response: Schemas.openAIModels
    ) {
        call in
        let list = call.server.store.known.map { object($0, call.server) }
        return Reply(json: .object(["object": "list", "data": .array(list)]))
    }

    /// infinity's clients refuse models of another owner.
    private static let infinityModels = Route(
        .get, "/models", .openAI, "The models, as infinity lists them", response: Schemas.openAIModels
    ) { call in
        let list = call.server.store.known.map { object($0, call.server, owner: "infinity") }
        return Reply(json: .object(["object": "list", "data": .array(list)]))
    }

    private static let model = Route(
        .get, "/v1/models/{id}", .openAI, "One model", response: Schemas.openAIModel
    ) { call in
        let index = try await call.server.store.index(of: call.parameters["id"], for: nil)
        return Reply(json: object(call.server.store.snapshot[index], call.server))
    }

    static func object(_ slot: ModelStore.Slot, _ server: ServerCore, owner: String = "martlet") -> JSONValue
    {
        var members: [JSONObject.Member] = [
            .init(key: "id", value: .string(slot.entry.name)), .init(key: "object", value: "model"),
            .init(key: "created", value: .integer(slot.model?.loadedAt ?? server.startedAt)),
            .init(key: "owned_by", value: .string(owner)),
        ]
        let state =
            switch slot.state {
            case .loaded: "loaded"
            case .loading: "loading"
            case .unloaded: slot.failure == nil ? "unloaded" : "failed"
            }
        members.append(.init(key: "state", value: .string(state)))
        if let failure = slot.failure { members.append(.init(key: "error", value: .string(failure.message))) }
        if let capabilities = slot.capabilities {
            members.append(.init(key: "capabilities", value: .strings(capabilities)))
        }
        let depth = server.queue.depth
        members.append(
            .init(
                key: "stats",
                value: .object([
                    "queue_fraction": .number(
                        Double(depth.waitingTexts) / Double(server.configuration.maxQueue)),
                    "queue_absolute": .integer(depth.waitingTexts),
                    "results_pending": .integer(depth.runningTexts),
                    "batch_size": .integer(server.configuration.maxClientBatch),
                ])))
        if let info = slot.model?.info {
            // Scores have none.
            if info.dimensions > 0 {
                members.append(.init(key: "dimensions", value: .integer(info.dimensions)))
            }
            members += [
                .init(key: "max_tokens", value: .integer(info.maxTokens)),
                .init(key: "pipeline", value: .string(info.pipeline)),
            ]
        }
        return .object(JSONObject(members))
    }
}

extension RequestFields {
    /// The model that the request names; nil for the default one.
    func model() throws(ServiceError) -> String? {
        let name = try string("model")
        return name?.isEmpty == true ? nil : name
    }

    /// Whether it has a member that Voyage's clients always send, and others do not.
    var isVoyages: Bool { object["truncation"] != nil || object["top_k"] != nil }
}

#endif
