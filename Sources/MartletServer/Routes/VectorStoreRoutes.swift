#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletIndex
internal import MartletJSON
internal import MartletSystem

/// OpenAI's vector stores: collections that files are cut into, and searched.
enum VectorStoreRoutes {
    static let all: [Route] = [create, list, get, update, delete, search] + VectorStoreFileRoutes.all

    static let store = Schema.object(
        [
            .required("id", .string("")), .required("object", .word(["vector_store"], "")),
            .required("created_at", .integer(Schemas.anyInteger, "")), .required("name", .string("")),
            .required("usage_bytes", .integer(0...Int.max, "")),
            .required("file_counts", VectorStoreFileRoutes.counts),
            .required("status", .word(["in_progress", "completed"], "")),
            .required("last_active_at", .integer(Schemas.anyInteger, "")),
            .required("metadata", .object([], "")),
        ], "")
    private static let naming: [Schema.Member] = [
        .optional("name", .nullable(.string(""))),
        .optional("metadata", .nullable(.object([], "at most 16 strings"))),
    ]

    private static let create = Route(
        .post, "/v1/vector_stores", .openAI, "Makes a vector store",
        request: .object(
            naming + [
                .optional("description", .nullable(.string(""))),
                .optional("file_ids", .nullable(.array(.string(""), 0...2000))),
                .optional("chunking_strategy", .nullable(VectorStoreFileRoutes.strategy)), Schemas.model,
            ], ""), response: store, isGuarded: true
    ) { call in
        let documents = try call.documents()
        let fields = try await call.fields()
        if fields.value("expires_after") != nil { throw ServiceError.noExpiry }
        let strategy = try await VectorStoreFileRoutes.strategy(fields, call, settings: nil)
        let ids = try fields.strings("file_ids", limit: 2000) ?? []
        let now = WallClock.now().seconds
        let made = DocumentStore(
            id: Identifier.new("vs_"), created: now, name: try fields.string("name") ?? "",
            description: try fields.string("description"),
            metadata: try metadata(fields) ?? JSONObject(), lastActive: now)
        let settings = try await CollectionRoutes.settings(model: try fields.model(), call)
        let server = call.server
        let saved = try await call.blocking { () throws(ServiceError) in
            var store = made
            for id in ids {
                _ = try documents.files.file(id)
                store.add(id, JSONObject(), strategy, at: now)
            }
            try documents.create(store, settings)
            documents.read(store.id, server)
            return store
        }
        return Reply(json: saved.json)
    }

    private static let list = Route(
        .get, "/v1/vector_stores", .openAI, "The vector stores", response: Schemas.list(of: store),
        isGuarded: true
    ) { call in
        let documents = try call.documents()
        let stores = try await call.blocking { () throws(ServiceError) in try documents.all }
        return Reply(
            json: try call.page(stores.sorted { ($0.created, $0.id) < ($1.created, $1.id) }, id: \.id, \.json)
        )
    }

    private static let get = Route(
        .get, "/v1/vector_stores/{store}", .openAI, "One vector store", response: store, isGuarded: true
    ) { call in Reply(json: try await call.documentStore().json) }

    private static let update = Route(
        .post, "/v1/vector_stores/{store}", .openAI, "Changes the name and the metadata of a vector store",
        request: .object(naming, ""), response: store, isGuarded: true
    ) { call in
        let documents = try call.documents()
        let (fields, id) = (try await call.fields(), call.parameters["store"] ?? "")
        if fields.value("expires_after") != nil { throw ServiceError.noExpiry }
        let (name, metadata) = (try fields.string("name"), try metadata(fields))
        let changed = try await call.blocking { () throws(ServiceError) in
            try documents.update(id) { store in
                if let name { store.name = name }
                if let metadata { store.metadata = metadata }
                store.lastActive = WallClock.now().seconds
                return store
            }
        }
        return Reply(json: changed.json)
    }

    private static let delete = Route(
        .delete, "/v1/vector_stores/{store}", .openAI, "Deletes a vector store; its files stay",
        response: Schemas.deleted, isGuarded: true
    ) { call in
        let (documents, id) = (try call.documents(), call.parameters["store"] ?? "")
        try await call.blocking { () throws(ServiceError) in try documents.delete(id) }
        return Reply(json: .object(["id": .string(id), "object": "vector_store.deleted", "deleted": true]))
    }

    /// At most 16 strings of at most 512 characters, as OpenAI's.
    private static func metadata(_ fields: RequestFields) throws(ServiceError) -> JSONObject? {
        guard let object = try fields.object("metadata")?.object else { return nil }
        guard object.count <= 16 else {
            throw .invalid("metadata", "metadata has \(object.count) members, expected at most 16")
        }
        for member in object.members where member.key.count > 64 || (member.value.string?.count ?? 513) > 512
        {
            throw .invalid(
                "metadata",
                "metadata.\(member.key): expected a name of at most 64 characters and a string of at most 512"
            )
        }
        return object
    }

    // MARK: Search

    private static let search = Route(
        .post, "/v1/vector_stores/{store}/search", .openAI,
        "The chunks of a vector store that answer a question", operation: .embed,
        request: .object(
            [
                .required(
                    "query",
                    .oneOf([.string(""), .array(.string(""), 1...64)], "the question, or several wordings")),
                .optional("max_num_results", .nullable(.integer(1...50, "10 by default"))),
                .optional(
                    "filters",
                    .nullable(.object([], "and, or, eq, ne, gt, gte, lt, lte, in, nin over attributes"))),
                .optional(
                    "ranking_options",
                    .nullable(
                        .object(
                            [
                                .optional(
                                    "ranker",
                                    .word(
                                        ["auto", "default-2024-11-15", "none"],
                                        "vectors and words, or vectors alone")),
                                .optional("score_threshold", .number("from 0 to 1")),
                            ], ""))),
                .optional(
                    "rewrite_query",
                    .nullable(.boolean("whether the server's chat model writes the question in other words"))),
            ], ""),
        response: .object(
            [
                .required("object", .word(["vector_store.search_results.page"], "")),
                .required("search_query", .array(.string(""))),
                .required(
                    "data",
                    .array(
                        .object(
                            [
                                .required("file_id", .string("")), .required("filename", .string("")),
                                .required("score", .number("")),
                                .required("attributes", .object([], "")),
                                .required(
                                    "content",
                                    .array(
                                        .object(
                                            [
                                                .required("type", .word(["text"], "")),
                                                .required("text", .string("")),
                                            ], ""))),
                            ], ""))), .required("has_more", .boolean("")),
                .required("next_page", .nullable(.string(""))),
            ], ""), isGuarded: true
    ) { call in
        let fields = try await call.fields()
        let store = try await call.documentStore()
        let texts = try questions(fields)
        let ranking = try fields.object("ranking_options")
        let unread = ranking?.object.members.first {
            !["ranker", "score_threshold"].contains($0.key) && !$0.value.isNull
        }
        if let unread {
            throw ServiceError.invalid(
                "ranking_options",
                "ranking_options has no member \(unread.key.quotedForMessage); it has ranker and score_threshold"
            )
        }
        let ranker = try ranking?.choice("ranker", ["auto", "default-2024-11-15", "none"]) ?? "auto"
        let threshold = try ranking?.float("score_threshold") ?? -.infinity
        let collection = try await call.openCollection(store.id)
        var request = SearchRequest(
            questions: texts.map { .init(text: $0) },
            count: try fields.integer("max_num_results", in: 1...50) ?? 10,
            mode: ranker == "none" ? .vectors : .hybrid)
        let snapshot = try await collection.snapshot()
        if let filters = fields.value("filters") {
            request.filter = try DocumentFilter.filter(filters, types: snapshot.fields.types)
        }
        // A store without chunks has no fields that a filter could be about.
        let isEmpty = snapshot.count == 0
        var search = CollectionSearch(request)
        search.rewrite = try fields.bool("rewrite_query") == true ? "rewrite_query" : nil
        let found = isEmpty ? CollectionSearch.Found(hits: []) : try await search.run(in: collection, call)
        let hits = found.hits.filter { $0.score >= threshold }
        let searched = texts + found.wordings
        return try await call.written(bytes: hits.reduce(512) { $0 + $1.text.utf8.count + 256 }) {
            () throws(ServiceError) in
            JSONValue.object([
                "object": "vector_store.search_results.page", "search_query": .strings(searched),
                "data": .array(hits.map { item($0, of: store) }), "has_more": false, "next_page": .null,
            ]).bytes
        }
    }

    private static func questions(_ fields: RequestFields) throws(ServiceError) -> [String] {
        if let value = fields.value("query"), value.array != nil {
            let texts = try TextInputs.strings(value, parameter: "query", limit: 64)
            if !texts.isEmpty { return texts }
        }
        return [try fields.requiredString("query")]
    }

    private static func item(_ hit: Hit, of store: DocumentStore) -> JSONValue {
        func text(_ field: String) -> JSONValue { hit.fields[field].map(\.json) ?? "" }
        let file = text("file_id").string ?? ""
        return .object([
            "file_id": .string(file), "filename": text("source"),
            "score": .float(max(0, hit.score)),
            "attributes": .object(store.entries[file]?.attributes ?? JSONObject()),
            "content": [.object(["type": "text", "text": .string(hit.text)])],
        ])
    }
}

extension Call {
    /// The vector store that the path names. One whose files wait goes on reading them.
    func documentStore() async throws -> DocumentStore {
        let (documents, id, server) = (try documents(), parameters["store"] ?? "", server)
        return try await blocking { () throws(ServiceError) in
            let store = try documents.store(id)
            if store.next != nil { documents.read(id, server) }
            return store
        }
    }

    func openCollection(_ name: String) async throws -> OpenCollection {
        let collections = try collections()
        return try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try collections.collection(name)
        }
    }
}

extension RequestFields {
    /// A list of strings; nil if it is not there.
    func strings(_ key: String, limit: Int) throws(ServiceError) -> [String]? {
        guard let value = value(key) else { return nil }
        return try TextInputs.strings(value, parameter: key, limit: limit)
    }
}

#endif
