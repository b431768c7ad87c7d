internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Text Embeddings Inference: routes that do what the model is made for. Clients of hosted endpoints call them.
enum TEIDispatchRoutes {
    static let all: [Route] = [root, root.alias("/invocations"), vertex]

    private static let request = Schema.oneOf(
        [TEIRoutes.embedRequest, PredictRoutes.sparseRequest, PredictRoutes.predictRequest, RerankRoutes.teiRequest],
        "as for /embed, /embed_sparse, /predict or /rerank")
    private static let response = Schema.oneOf(
        [TEIRoutes.vectors, PredictRoutes.sparseVectors, PredictRoutes.predictions, RerankRoutes.teiResult], "")

    private static let root = Route(
        .post, "/", .tei, "What the model gives: /embed, /embed_sparse, /predict or /rerank", operation: .embed, request: request,
        response: response
    ) { call in try await reply(try await call.fields(), call) }

    private static let vertex = Route(
        .post, "/vertex", .tei, "Vertex AI's form of several requests in one", operation: .embed,
        request: .object([.required("instances", .array(request, 1...2048)), Schemas.model], ""),
        response: .object([.required("predictions", .array(response))], "")
    ) { call in
        let fields = try await call.fields()
        guard let instances = fields.value("instances")?.array else {
            throw ServiceError.invalid(
                "instances", "instances: expected a list of requests, found \(fields.value("instances")?.kind ?? "nothing")")
        }
        guard !instances.isEmpty else { throw ServiceError(.empty, "instances cannot be empty", parameter: "instances") }
        let limit = call.server.configuration.maxClientBatch
        guard instances.count <= limit else {
            throw ServiceError(
                .batchTooLarge, "instances has \(instances.count) requests, the server takes at most \(limit)", parameter: "instances")
        }
        // The model of all that name none.
        let model = fields.value("model")
        let parts = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, instance) in instances.enumerated() {
                group.addTask { (index, try await part(instance, index, model, call)) }
            }
            var parts = [[UInt8]](repeating: [], count: instances.count)
            for try await (index, bytes) in group { parts[index] = bytes }
            return parts
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(32) { $0 + $1.count + 1 })
        bytes.append(#"{"predictions":["#)
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += part
        }
        bytes.append("]}")
        return Reply(json: bytes)
    }

    /// The answer to one instance, as JSON text.
    private static func part(_ instance: JSONValue, _ index: Int, _ model: JSONValue?, _ call: Call) async throws -> [UInt8] {
        guard let object = instance.object else {
            throw ServiceError.invalid("instances", "instances[\(index)]: expected an object, found \(instance.kind)", index: index)
        }
        var members = object.members
        if let model, object["model"] == nil { members.append(.init(key: "model", value: model)) }
        do {
            let reply = try await reply(RequestFields(JSONObject(members)), call)
            guard case .bytes(let bytes) = reply.body else { return [] }
            return bytes
        } catch let error as ServiceError {
            throw ServiceError(error.kind, "instances[\(index)]: \(error.message)", parameter: error.parameter, inputIndex: index)
        }
    }

    private static func reply(_ fields: RequestFields, _ call: Call) async throws -> Reply {
        let (product, isReranker, name) = try await call.server.store.withModel(try fields.model(call)) { model in
            (model.product, model.isReranker, model.name)
        }
        func does(_ operation: Route.Operation) { call.record.update { $0.operation = operation } }
        switch product {
        case .vectors:
            return try await TEIRoutes.embed(fields, call)
        case .sparse:
            does(.embedSparse)
            return try await PredictRoutes.embedSparse(fields, call)
        case .scores where isReranker:
            does(.rerank)
            return try await RerankRoutes.tei(fields, call)
        case .scores:
            does(.predict)
            return try await PredictRoutes.predict(fields, call)
        case .multiVectors:
            throw ServiceError(
                .wrongModel, "model \(name) gives \(product.rawValue): POST /v1/multi-vector", parameter: "model")
        }
    }
}
