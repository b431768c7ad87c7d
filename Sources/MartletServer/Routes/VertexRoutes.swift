#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletJSON

/// Text Embeddings Inference: several requests in one. The server's limits hold for all of them together.
enum VertexRoutes {
    static let all: [Route] = [vertex]

    private static let vertex = Route(
        .post, "/vertex", .tei, "Vertex AI's form of several requests in one", operation: .embed,
        request: .object(
            [.required("instances", .array(TEIDispatchRoutes.request, 1...2048))]
                + Schemas.tei([Schemas.model]), ""),
        response: .object([.required("predictions", .array(TEIDispatchRoutes.response))], "")
    ) { call in
        let requests = try requests(try await call.fields(), call)
        var instance = call
        instance.instances = requests.count
        let texts = try await texts(of: requests, call)
        if requests.count > 1 { try call.server.service.reserve(texts, call) }
        defer { call.server.queue.release(call.admission) }
        let parts = try await parts(requests, instance)
        let size = parts.reduce(32) { $0 + $1.count + 1 }
        return try await call.written(bytes: size) { () throws(ServiceError) in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(size)
            bytes.append(#"{"predictions":["#)
            for (index, part) in parts.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += part
            }
            bytes.append("]}")
            return bytes
        }
    }

    /// The members of each request, with those of its `parameters`; the model beside them is that of all
    /// that name none.
    private static func requests(_ fields: RequestFields, _ call: Call) throws(ServiceError)
        -> [RequestFields]
    {
        guard let instances = fields.value("instances")?.array else {
            throw .invalid(
                "instances",
                "instances: expected a list of requests, found \(fields.value("instances")?.kind ?? "nothing")"
            )
        }
        guard !instances.isEmpty else {
            throw ServiceError(.empty, "instances cannot be empty", parameter: "instances")
        }
        let limit = call.server.configuration.maxClientBatch
        guard instances.count <= limit else {
            throw ServiceError(
                .batchTooLarge,
                "instances has \(instances.count) requests, the server takes at most \(limit)",
                parameter: "instances")
        }
        let model = fields.value("model")
        var requests: [RequestFields] = []
        for (index, instance) in instances.enumerated() {
            guard let object = instance.object else {
                throw .invalid(
                    "instances", "instances[\(index)]: expected an object, found \(instance.kind)",
                    index: index)
            }
            let request: RequestFields
            do throws(ServiceError) { request = try RequestFields(object).withParameters() } catch {
                throw named(error, index)
            }
            guard let model, request.value("model") == nil else {
                requests.append(request)
                continue
            }
            let members = request.object.members.filter { $0.key != "model" }
            requests.append(
                RequestFields(JSONObject(members + [.init(key: "model", value: model)])))
        }
        return requests
    }

    /// How many texts all requests have together. What is none is found when its request is read.
    /// - Throws: If they are more than one request may have.
    private static func texts(of requests: [RequestFields], _ call: Call) async throws -> Int {
        var kinds: [String?: Kind] = [:]
        var texts = 0
        for (index, request) in requests.enumerated() {
            texts += try await named(index) {
                let name = try request.model()
                if let kind = kinds[name] { return kind.texts(of: request) }
                let kind = try await call.server.store.withModel(name) { Kind($0) }
                kinds[name] = kind
                return kind.texts(of: request)
            }
        }
        let limit = call.server.configuration.maxClientBatch
        guard texts <= limit else {
            throw ServiceError(
                .batchTooLarge,
                "instances have \(texts) texts together, the server takes at most \(limit) in a request",
                parameter: "instances")
        }
        return texts
    }

    /// Where a request has its texts.
    private enum Kind {
        case inputs, predict, rerank

        init(_ model: ServedModel) {
            self = model.product != .scores ? .inputs : model.isReranker ? .rerank : .predict
        }

        func texts(of request: RequestFields) -> Int {
            switch self {
            case .rerank:
                return (request.value("texts") ?? request.value("documents"))?.array?.count ?? 0
            case .inputs, .predict:
                guard let inputs = request.value("inputs")?.array, let first = inputs.first else { return 1 }
                // One list of token ids, or one pair of texts.
                let isOne = self == .inputs ? first.double != nil : first.string != nil
                return isOne ? 1 : inputs.count
            }
        }
    }

    /// The answers as JSON text, computed at the same time.
    private static func parts(_ requests: [RequestFields], _ call: Call) async throws -> [[UInt8]] {
        try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await named(index) { try await part(request, call) }) }
            }
            var parts = [[UInt8]](repeating: [], count: requests.count)
            for try await (index, bytes) in group { parts[index] = bytes }
            return parts
        }
    }

    private static func part(_ request: RequestFields, _ call: Call) async throws -> [UInt8] {
        var own = call
        own.record = CallRecord()
        let record = own.record
        defer { call.record.update { [values = record.snapshot] in $0.merge(values) } }
        let reply = try await TEIDispatchRoutes.reply(request, own)
        guard case .bytes(let bytes) = reply.body else { return [] }
        return bytes
    }

    /// Errors say which request they are about.
    private static func named<Result>(_ index: Int, _ body: () async throws -> Result) async throws -> Result
    {
        do {
            return try await body()
        } catch let error as ServiceError {
            throw named(error, index)
        }
    }

    private static func named(_ error: ServiceError, _ index: Int) -> ServiceError {
        ServiceError(
            error.kind, "instances[\(index)]: \(error.message)", parameter: error.parameter,
            inputIndex: index)
    }
}

#endif
