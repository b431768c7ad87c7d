#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletIndex
internal import MartletJSON

/// Martlet's own: collections of records that are searched. `--data` says where they are kept.
enum CollectionRoutes {
    static let all: [Route] = ([create, list, info, delete] + RecordRoutes.all + SearchRoutes.all).map {
        $0.refusingUnknown()
    }

    static let item = Schema.object(
        [
            .required("object", .word(["collection"], "")), .required("name", .string("")),
            .required("records", .integer(0...Int.max, "")), .required("model", .string("")),
            .required("identity", .string("")),
            .required("dimensions", .integer(1...4096, "")),
            .required("similarity", .word(VectorSimilarity.allCases.map(\.rawValue), "")),
            .required("store", .word(VectorStore.allCases.map(\.rawValue), "")),
            .required("language", .word(WordLanguage.allCases.map(\.rawValue), "")),
            .optional("words", .string("the sparse model that weighs words, in place of BM25")),
            .required("fields", .object([], "the type of each field")),
            .required("bytes", .integer(0...Int.max, "")),
            .required("segments", .integer(0...Int.max, "")),
        ], "")

    private static let create = Route(
        .post, "/v1/collections", .own, "Makes a collection",
        request: .object(
            [
                .required("name", .string("letters, digits, _, - and .")), Schemas.model,
                .optional(
                    "similarity",
                    .nullable(.word(VectorSimilarity.allCases.map(\.rawValue), "the model's own by default"))),
                .optional(
                    "store",
                    .nullable(
                        .word(VectorStore.allCases.map(\.rawValue), "how vectors are kept; f16 by default"))),
                .optional(
                    "language",
                    .nullable(.word(WordLanguage.allCases.map(\.rawValue), "how words are cut to stems"))),
                .optional(
                    "words",
                    .nullable(.string("the name of a sparse model that weighs words, in place of BM25"))),
                .optional(
                    "fields",
                    .nullable(
                        .object(
                            [],
                            "types of fields by name: \(FieldType.allCases.map(\.rawValue).joined(separator: ", "))"
                        ))),
            ] + Schemas.dimensions(), ""), response: item, isGuarded: true
    ) { call in
        let store = try call.collections()
        let fields = try await call.fields()
        let name = try fields.requiredString("name")
        let settings = try await settings(fields, call)
        let collection = try await store.commits.run(bytes: .max) { () throws(ServiceError) in
            try store.create(name, settings)
        }
        return Reply(json: json(name, try await collection.snapshot()))
    }

    private static func settings(_ fields: RequestFields, _ call: Call) async throws -> CollectionSettings {
        let dimensions = try fields.dimensions()
        let similarity = try fields.choice("similarity", VectorSimilarity.allCases.map(\.rawValue)).flatMap {
            VectorSimilarity(rawValue: $0)
        }
        let store = try fields.choice("store", VectorStore.allCases.map(\.rawValue)).flatMap {
            VectorStore(rawValue: $0)
        }
        let language = try language(fields)
        let schema = try schema(fields)
        var words: CollectionIdentity?
        if let name = try fields.string("words") {
            words = try await call.server.service.wordsIdentity(of: name)
        }
        let sparse = words
        return try await settings(
            dimensions: dimensions, model: try fields.model(), similarity: similarity, call
        ) {
            $0.store = store ?? .f16
            $0.language = language ?? .english
            $0.fields = schema
            $0.sparse = sparse
        }
    }

    /// The settings of a collection for a served model.
    static func settings(
        dimensions: Int? = nil, model name: String?, similarity: VectorSimilarity? = nil, _ call: Call,
        _ change: @Sendable (inout CollectionSettings) -> Void = { _ in }
    ) async throws -> CollectionSettings {
        var settings = try await call.server.store.withModel(name, for: .vectors) { model in
            // It may read the model's files: not on the loop that all connections share.
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                let cut = dimensions == model.info.dimensions ? nil : dimensions
                let identity = try model.collectionIdentity(dimensions: cut)
                return CollectionSettings(
                    identity: identity, dimensions: dimensions ?? model.info.dimensions,
                    similarity: similarity ?? (model.info.similarity == .dot ? .dot : .cosine))
            }
        }
        change(&settings)
        return settings
    }

    private static func language(_ fields: RequestFields) throws(ServiceError) -> WordLanguage? {
        guard let name = try fields.string("language") else { return nil }
        do throws(IndexError) { return try WordLanguage.named(name.lowercased()) } catch {
            throw .invalid("language", "language: \(error.message)")
        }
    }

    private static func schema(_ fields: RequestFields) throws(ServiceError) -> FieldSchema {
        guard let object = try fields.object("fields")?.object else { return FieldSchema() }
        var types: [String: FieldType] = [:]
        for member in object.members {
            guard let type = member.value.string.flatMap({ FieldType(rawValue: $0) }) else {
                let found = member.value.string?.quotedForMessage ?? member.value.kind
                throw .invalid(
                    "fields",
                    "fields.\(member.key) is \(found), expected \(FieldType.allCases.map(\.rawValue).joined(separator: " or "))"
                )
            }
            types[member.key] = type
        }
        return FieldSchema(types)
    }

    private static let list = Route(
        .get, "/v1/collections", .own, "The collections",
        response: .object([.required("object", .word(["list"], "")), .required("data", .array(item))], ""),
        isGuarded: true
    ) { call in
        // The page asks every server: one without a folder has none.
        guard let store = call.server.collections else {
            return Reply(json: .object(["object": "list", "data": []]))
        }
        // It opens files: not on the loop that all connections share.
        let items = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try store.names.compactMap { name -> JSONValue? in
                // One that is damaged has its error when it is asked for.
                guard let snapshot = try? store.collection(name).newest() else { return nil }
                return json(name, snapshot)
            }
        }
        return Reply(json: .object(["object": "list", "data": .array(items)]))
    }

    private static let info = Route(
        .get, "/v1/collections/{name}", .own, "One collection", response: item, isGuarded: true
    ) { call in
        let collection = try await call.collection()
        return Reply(json: json(collection.name, try await collection.snapshot()))
    }

    private static let delete = Route(
        .delete, "/v1/collections/{name}", .own, "Deletes a collection with all its records",
        response: .object([.required("name", .string("")), .required("deleted", .boolean(""))], ""),
        isGuarded: true
    ) { call in
        let store = try call.collections()
        let name = call.parameters["name"] ?? ""
        try await store.commits.run(bytes: .max) { () throws(ServiceError) in
            try call.checkIsNoStore(name)
            try store.delete(name)
        }
        return Reply(json: .object(["name": .string(name), "deleted": true]))
    }

    private static func json(_ name: String, _ snapshot: Snapshot) -> JSONValue {
        let settings = snapshot.settings
        let types = snapshot.fields.types.sorted { $0.key < $1.key }
        return .object(present: [
            "object": "collection", "name": .string(name), "records": .integer(snapshot.count),
            "model": .string(settings.identity.model),
            "identity": .string(settings.identity.fingerprint), "dimensions": .integer(settings.dimensions),
            "similarity": .string(settings.similarity.rawValue), "store": .string(settings.store.rawValue),
            "language": .string(settings.language.rawValue),
            "words": settings.sparse.map { .string($0.model) },
            "fields": .object(pairs: types.map { ($0.key, .string($0.value.rawValue)) }),
            "bytes": .integer(snapshot.bytesOnDisk), "segments": .integer(snapshot.segmentCount),
        ])
    }
}

extension Call {
    /// - Throws: If the server keeps no collections.
    func collections() throws(ServiceError) -> CollectionStore {
        if let collections = server.collections { return collections }
        throw ServiceError(.forbidden, "this server keeps no collections; start it with --data FOLDER")
    }

    /// The collection that the path names.
    func collection() async throws -> OpenCollection {
        let store = try collections()
        let name = parameters["name"] ?? ""
        // It may open files: not on the loop that all connections share.
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try store.collection(name) }
    }
}

#endif
