#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletHub
internal import MartletJSON
internal import MartletSystem

/// Ollama: which models there are.
enum OllamaModelRoutes {
    static let all: [Route] = [tags, running, show, version]

    private static let details = Schema.object(
        [
            .required("parent_model", .string("")), .required("format", .string("")),
            .required("family", .string("")),
            .required("families", .nullable(.array(.string("")))), .required("parameter_size", .string("")),
            .required("quantization_level", .string("")),
        ], "")

    private static let tags = Route(
        .get, "/api/tags", .ollama, "The models that the server knows",
        response: .object(
            [
                .required(
                    "models",
                    .array(
                        .object(
                            [
                                .required("name", .string("")), .required("model", .string("")),
                                .required("modified_at", .string("")),
                                .required("size", .integer(0...Int.max, "")),
                                .required("digest", .string("")),
                                .required("details", details),
                                .optional("capabilities", Schemas.capabilities),
                            ], "")))
            ], "")
    ) { call in
        var models = call.server.store.known.map { slot in
            tag(
                slot.entry.name, modified: slot.model?.loadedAt ?? call.server.startedAt,
                size: slot.model?.bytes ?? 0,
                digest: slot.entry.digest,
                details(of: slot), slot.capabilities)
        }
        if call.server.configuration.servesHub {
            let shown = Set(call.server.store.known.compactMap(\.entry.path))
            // It reads many files: not on the loop that all connections share.
            let cached = await withTaskExecutorPreference(globalConcurrentExecutor) {
                [hub = call.server.hub] in hub.list()
            }
            for model in cached where model.problem == nil && !shown.contains(model.path) {
                let details = JSONValue.object([
                    "parent_model": "", "format": model.path.hasSuffix(".gguf") ? "gguf" : "safetensors",
                    "family": .string(model.family ?? ""), "families": .null, "parameter_size": "",
                    "quantization_level": "",
                ])
                let name = model.known?.name ?? model.repository
                models.append(
                    tag(
                        name, modified: model.modified, size: model.size, digest: model.commit, details,
                        model.kind.map(capabilities)))
            }
        }
        return Reply(json: .object(["models": .array(models)]))
    }

    /// What a model gives that was never loaded, as far as its files say.
    private static func capabilities(_ kind: MartletHub.ModelKind) -> [String] {
        switch kind {
        case .dense, .static: ["embedding"]
        case .sparse: ["sparse"]
        case .multiVector: ["multi-vector"]
        case .reranker: ["rerank"]
        }
    }

    private static func tag(
        _ name: String, modified: Int, size: Int, digest: String, _ details: JSONValue,
        _ capabilities: [String]?
    )
        -> JSONValue
    {
        let name = tagged(name)
        return .object(present: [
            "name": .string(name), "model": .string(name),
            "modified_at": .string(WallClock.text(seconds: modified)),
            "size": .integer(size), "digest": .string(digest), "details": details,
            "capabilities": capabilities.map { .strings($0) },
        ])
    }

    /// As Ollama writes names: with the tag `latest` where they have none.
    private static func tagged(_ name: String) -> String {
        name.split(separator: "/").last?.contains(":") == true ? name : name + ":latest"
    }

    private static let running = Route(
        .get, "/api/ps", .ollama, "The models in memory",
        response: .object(
            [
                .required(
                    "models",
                    .array(
                        .object(
                            [
                                .required("name", .string("")), .required("model", .string("")),
                                .required("size", .integer(0...Int.max, "")),
                                .required("digest", .string("")), .required("details", details),
                                .required("expires_at", .string("")),
                                .required("size_vram", .integer(0...Int.max, "")),
                                .required("context_length", .integer(1...Int.max, "")),
                            ], "")))
            ], "")
    ) { call in
        let now = call.server.clock.now()
        let models = call.server.store.known.compactMap { slot -> JSONValue? in
            guard let model = slot.model else { return nil }
            // What stays for good expires in a hundred years, as in Ollama.
            let left =
                slot.expires.map { $0 > now ? Int(($0 - now) / 1_000_000_000) : 0 } ?? 100 * 365 * 86_400
            let name = tagged(slot.entry.name)
            return .object([
                "name": .string(name), "model": .string(name), "size": .integer(model.bytes),
                "digest": .string(slot.entry.digest),
                "details": details(of: slot),
                "expires_at": .string(WallClock.text(seconds: WallClock.now().seconds + left)),
                "size_vram": 0, "context_length": .integer(model.info.maxTokens),
            ])
        }
        return Reply(json: .object(["models": .array(models)]))
    }

    private static let show = Route(
        .post, "/api/show", .ollama, "What a model is; it is loaded if need be",
        request: .object(
            [.required("model", .string("")), .optional("verbose", .nullable(.boolean("ignored")))], ""),
        response: .object(
            [
                .required("details", details), .required("model_info", .object([], "")),
                .required("capabilities", Schemas.capabilities),
                .required("modified_at", .string("")),
            ], "")
    ) { call in
        let fields = try await call.fields()
        let name = try fields.string("model") ?? fields.requiredString("name")
        try await call.server.store.load(name)
        let place = try await call.server.store.index(of: name, for: nil)
        let slot = call.server.store.snapshot[place]
        guard let model = slot.model else {
            throw ServiceError(
                .unavailable, "model \(slot.entry.name.quotedForMessage) was unloaded; try again")
        }
        let info = model.info
        let prefix = info.architecture
        let facts: KeyValuePairs<String, JSONValue?> = [
            "general.architecture": .string(info.architecture), "general.name": .string(info.name),
            "general.parameter_count": .integer(info.parameters),
            "\(prefix).block_count": .integer(info.layers),
            "\(prefix).context_length": .integer(info.maxTokens),
            "\(prefix).embedding_length": info.dimensions > 0 ? .integer(info.dimensions) : nil,
            "\(prefix).attention.head_count": .integer(info.heads),
            "\(prefix).feed_forward_length": .integer(info.intermediateSize),
            "martlet.pipeline": .string(info.pipeline), "martlet.precision": .string(info.precision),
        ]
        return Reply(
            json: .object([
                "modelfile": "", "parameters": "", "template": "", "details": details(of: slot),
                "model_info": .object(present: facts),
                "capabilities": .strings(model.capabilities),
                "modified_at": .string(WallClock.text(seconds: model.loadedAt)),
            ]))
    }

    private static let version = Route(
        .get, "/api/version", .ollama, "The server's version",
        response: .object([.required("version", .string(""))], "")
    ) { call in Reply(json: .object(["version": .string(call.server.configuration.version)])) }

    private static func details(of slot: ModelStore.Slot) -> JSONValue {
        let info = slot.model?.info
        let path = slot.entry.path ?? ""
        let members: KeyValuePairs<String, JSONValue?> = [
            "parent_model": "", "format": .string(format(path, slot.entry)),
            "family": .string(info?.architecture ?? ""),
            "families": info.map { [.string($0.architecture)] } ?? .null,
            "parameter_size": .string(info.map { size($0.parameters) } ?? ""),
            "quantization_level": .string(info?.weightType.uppercased() ?? ""),
            "context_length": info.map { .integer($0.maxTokens) },
            "embedding_length": info.flatMap { $0.dimensions > 0 ? .integer($0.dimensions) : nil },
        ]
        return .object(present: members)
    }

    /// BM25 has no file.
    private static func format(_ path: String, _ entry: ModelEntry) -> String {
        entry.isBM25 ? "" : path.isEmpty || path.hasSuffix(".gguf") ? "gguf" : "safetensors"
    }

    /// "22.7M"
    private static func size(_ parameters: Int) -> String {
        let (unit, letter) =
            parameters >= 1_000_000_000
            ? (1_000_000_000, "B") : parameters >= 1_000_000 ? (1_000_000, "M") : (1_000, "K")
        return "\(Double((parameters * 10 + unit / 2) / unit) / 10)\(letter)"
    }
}

#endif
