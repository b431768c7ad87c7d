#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Text Embeddings Inference: what the server is.
enum TEIInfoRoutes {
    static let all: [Route] = [info]

    private static let info = Route(
        .get, "/info", .tei, "What the server and its first model are",
        response: .object(
            [
                .required("model_id", .string("")), .required("model_sha", .nullable(.string(""))),
                .required("model_dtype", .string("")),
                .required("served_model_name", .string("")), .required("model_type", .object([], "")),
                .required("max_concurrent_requests", .integer(1...Int.max, "")),
                .required("max_input_length", .integer(1...Int.max, "")),
                .required("max_batch_tokens", .integer(1...Int.max, "")),
                .required("max_batch_requests", .nullable(.integer(1...Int.max, ""))),
                .required("max_client_batch_size", .integer(1...Int.max, "")),
                .required("auto_truncate", .boolean("")),
                .required("tokenization_workers", .integer(1...Int.max, "")),
                .required("version", .string("")),
                .required("sha", .nullable(.string(""))), .required("docker_label", .nullable(.string(""))),
            ], "")
    ) { call in
        try await call.server.store.withModel(nil) { model in
            let configuration = call.server.configuration
            return Reply(
                json: .object([
                    "model_id": .string(model.info.path.isEmpty ? model.name : model.info.path),
                    "model_sha": .null,
                    "model_dtype": .string(dtype(model.info.precision)),
                    "served_model_name": .string(model.name),
                    "model_type": modelType(model),
                    "max_concurrent_requests": .integer(configuration.maxConcurrentRequests),
                    "max_input_length": .integer(model.info.maxTokens),
                    "max_batch_tokens": .integer(model.tokenBudget),
                    "max_batch_requests": .null,
                    "max_client_batch_size": .integer(configuration.maxClientBatch), "auto_truncate": true,
                    "tokenization_workers": .integer(call.server.queue.threads),
                    "version": .string(configuration.version), "sha": .null,
                    "docker_label": .null,
                ]))
        }
    }

    private static func modelType(_ model: ServedModel) -> JSONValue {
        if case .scores(let scorer) = model.part {
            let names = scorer.labelNames.enumerated()
            let labels: JSONValue = .object([
                "id2label": .object(pairs: names.map { ("\($0)", .string($1)) }),
                "label2id": .object(pairs: names.map { ($1, .integer($0)) }),
            ])
            return .object([scorer.labelNames.count == 1 ? "reranker" : "classifier": labels])
        }
        // TEI's word for sparse vectors.
        if case .sparse = model.part { return .object(["embedding": .object(["pooling": "splade"])]) }
        let pooling = model.info.pooling.first.map(\.rawValue) ?? "mean"
        // TEI's word for the last token.
        return .object([
            "embedding": .object(["pooling": .string(pooling == "last" ? "last_token" : pooling)])
        ])
    }

    private static func dtype(_ precision: String) -> String {
        switch precision {
        case "f32": "float32"
        case "bf16": "bfloat16"
        default: precision
        }
    }
}

#endif
