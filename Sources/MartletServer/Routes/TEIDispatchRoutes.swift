#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Text Embeddings Inference: routes that do what the model is made for. Clients of hosted endpoints call
/// them.
enum TEIDispatchRoutes {
    static let all: [Route] = [root, root.alias("/invocations")] + VertexRoutes.all

    static let request = Schema.oneOf(
        [
            TEIRoutes.embedRequest, PredictRoutes.sparseRequest, PredictRoutes.predictRequest,
            RerankRoutes.teiRequest,
        ],
        "as for /embed, /embed_sparse, /predict or /rerank")
    static let response = Schema.oneOf(
        [TEIRoutes.vectors, PredictRoutes.sparseVectors, PredictRoutes.predictions, RerankRoutes.teiResult],
        "")

    private static let root = Route(
        .post, "/", .tei, "What the model gives: /embed, /embed_sparse, /predict or /rerank",
        operation: .embed, request: request,
        response: response
    ) { call in try await reply(try await call.fields(), call) }

    static func reply(_ fields: RequestFields, _ call: Call) async throws -> Reply {
        let (product, isReranker, name) = try await call.server.store.withModel(try fields.model()) { model in
            (model.product, model.isReranker, model.name)
        }
        func does(_ operation: Route.Operation) { call.record.update { $0.operation = operation } }
        switch product {
        case .vectors:
            try fields.check(read: TEIRoutes.embedRequest.members, by: "a model that gives vectors")
            return try await TEIRoutes.embed(fields, call)
        case .sparse:
            does(.embedSparse)
            try fields.check(
                read: PredictRoutes.sparseRequest.members, by: "a model that gives sparse vectors")
            return try await PredictRoutes.embedSparse(fields, call)
        case .scores where isReranker:
            does(.rerank)
            try fields.check(read: RerankRoutes.teiRequest.members, by: "reranking of texts")
            return try await RerankRoutes.tei(fields, call)
        case .scores:
            does(.predict)
            try fields.check(read: PredictRoutes.predictRequest.members, by: "a model that gives labels")
            return try await PredictRoutes.predict(fields, call)
        case .multiVectors:
            throw ServiceError(
                .wrongModel, "model \(name) gives \(product.rawValue): POST /v1/multi-vector",
                parameter: "model")
        }
    }
}

#endif
