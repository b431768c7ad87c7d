#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletChunking
internal import MartletIndex
internal import MartletJSON
internal import MartletSystem

/// The files of OpenAI's vector stores, one by one and in batches.
enum VectorStoreFileRoutes {
    static let all: [Route] = [
        create, list, get, update, delete, content, createBatch, getBatch, cancelBatch, listBatch,
    ]

    static let counts = Schema.object(
        DocumentStore.Entry.Status.allCases.map { .required($0.rawValue, .integer(0...Int.max, "")) }
            + [.required("total", .integer(0...Int.max, ""))], "")
    static let strategy = Schema.object(
        [
            .required("type", .word(["auto", "static"], "")),
            .optional(
                "static",
                .object(
                    [
                        .required(
                            "max_chunk_size_tokens", .integer(1...Int.max, "at most what the model takes")),
                        .required("chunk_overlap_tokens", .integer(0...Int.max, "")),
                    ], "")),
        ], "")
    private static let attributes = Schema.Member.optional(
        "attributes", .nullable(.object([], "at most 16 strings, numbers, true or false, for filters")))
    private static let file = Schema.object(
        [
            .required("id", .string("")), .required("object", .word(["vector_store.file"], "")),
            .required("created_at", .integer(Schemas.anyInteger, "")),
            .required("vector_store_id", .string("")),
            .required("status", .word(DocumentStore.Entry.Status.allCases.map(\.rawValue), "")),
            .required("usage_bytes", .integer(0...Int.max, "")),
            .required(
                "last_error",
                .nullable(.object([.required("code", .string("")), .required("message", .string(""))], ""))),
            .required("attributes", .object([], "")), .required("chunking_strategy", strategy),
        ], "")
    private static let batch = Schema.object(
        [
            .required("id", .string("")), .required("object", .word(["vector_store.files_batch"], "")),
            .required("created_at", .integer(Schemas.anyInteger, "")),
            .required("vector_store_id", .string("")),
            .required("status", .word(DocumentStore.Entry.Status.allCases.map(\.rawValue), "")),
            .required("file_counts", counts),
        ], "")

    // MARK: Files

    private struct Addition: Sendable {
        let id: String
        let attributes: JSONObject
        let strategy: ChunkingStrategy
    }

    private static let create = Route(
        .post, "/v1/vector_stores/{store}/files", .openAI,
        "Adds a file to a vector store, which then reads it",
        request: .object(
            [
                .required("file_id", .string("")), attributes,
                .optional("chunking_strategy", .nullable(strategy)),
            ], ""),
        response: file, isGuarded: true
    ) { call in
        let fields = try await call.fields()
        let addition = try await addition(fields, try fields.requiredString("file_id"), call)
        let store = try await add([addition], call) { _ in }
        guard let entry = store.entries[addition.id] else {
            throw DocumentStores.noFile(addition.id, store.id)
        }
        return Reply(json: store.json(entry))
    }

    private static func addition(_ fields: RequestFields, _ id: String, _ call: Call) async throws -> Addition
    {
        let store = try await call.documentStore()
        let settings = try await call.openCollection(store.id).snapshot().settings
        return Addition(
            id: id, attributes: try attributes(fields) ?? JSONObject(),
            strategy: try await strategy(fields, call, settings: settings))
    }

    /// - Parameter settings: Of the collection, to compare sizes with what its model takes; nil: it is not
    ///   there yet.
    static func strategy(_ fields: RequestFields, _ call: Call, settings: CollectionSettings?) async throws
        -> ChunkingStrategy
    {
        let strategy = try ChunkingStrategy(fields.value("chunking_strategy"))
        guard case .fixed = strategy else { return strategy }
        let name = try fields.model()
        let counter =
            if let settings {
                try await call.server.service.tokenCounter(for: settings)
            } else {
                try await call.server.service.tokenCounter(
                    for: try await CollectionRoutes.settings(model: name, call))
            }
        do {
            _ = try await strategy.chunker.chunks(of: Document("a"), measuring: counter)
        } catch let error as ChunkingError {
            throw ServiceError.invalid("chunking_strategy", "chunking_strategy.static: \(error.message)")
        }
        return strategy
    }

    private static func attributes(_ fields: RequestFields) throws(ServiceError) -> JSONObject? {
        guard let object = try fields.object("attributes")?.object else { return nil }
        guard object.count <= 16 else {
            throw .invalid("attributes", "attributes has \(object.count) members, expected at most 16")
        }
        for member in object.members {
            guard !member.key.isEmpty, member.key.count <= 64, !member.key.contains("`") else {
                throw .invalid("attributes", "attributes: expected names of 1 to 64 characters without \"`\"")
            }
            switch member.value {
            case .string(let text) where text.count <= 512: break
            case .integer, .number, .bool: break
            default:
                throw .invalid(
                    "attributes",
                    "attributes.\(member.key): expected a string of at most 512 characters, a number, true or false"
                )
            }
        }
        return object
    }

    private static func add(
        _ additions: [Addition], _ call: Call, _ change: @escaping @Sendable (inout DocumentStore) -> Void
    ) async throws -> DocumentStore {
        let (documents, id, server) = (try call.documents(), call.parameters["store"] ?? "", call.server)
        return try await call.blocking { () throws(ServiceError) in
            for addition in additions { _ = try documents.files.file(addition.id) }
            let store = try documents.update(id) { store in
                let now = WallClock.now().seconds
                store.lastActive = now
                for addition in additions {
                    store.add(addition.id, addition.attributes, addition.strategy, at: now)
                }
                change(&store)
                return store
            }
            documents.read(id, server)
            return store
        }
    }

    private static func entry(_ call: Call) async throws -> (store: DocumentStore, entry: DocumentStore.Entry)
    {
        let (store, id) = (try await call.documentStore(), call.parameters["file"] ?? "")
        guard let entry = store.entries[id] else { throw DocumentStores.noFile(id, store.id) }
        return (store, entry)
    }

    private static let list = Route(
        .get, "/v1/vector_stores/{store}/files", .openAI, "The files of a vector store",
        response: Schemas.list(of: file), isGuarded: true
    ) { call in
        let store = try await call.documentStore()
        return try page(Array(store.entries.values), of: store, call)
    }

    private static func page(_ entries: [DocumentStore.Entry], of store: DocumentStore, _ call: Call) throws
        -> Reply
    {
        var entries = entries
        if let filter = call.query("filter") {
            guard let status = DocumentStore.Entry.Status(rawValue: filter) else {
                let known = DocumentStore.Entry.Status.allCases.map(\.rawValue).joined(separator: " or ")
                throw ServiceError.invalid(
                    "filter", "filter is \(filter.quotedForMessage), expected \(known)")
            }
            entries.removeAll { $0.status != status }
        }
        return Reply(
            json: try call.page(entries.sorted { $0.serial < $1.serial }, id: \.id) { store.json($0) })
    }

    private static let get = Route(
        .get, "/v1/vector_stores/{store}/files/{file}", .openAI, "One file of a vector store", response: file,
        isGuarded: true
    ) { call in
        let (store, entry) = try await entry(call)
        return Reply(json: store.json(entry))
    }

    private static let update = Route(
        .post, "/v1/vector_stores/{store}/files/{file}", .openAI,
        "Changes the attributes of a file, which is read again",
        request: .object([attributes], ""), response: file, isGuarded: true
    ) { call in
        let fields = try await call.fields()
        let known = try await entry(call).entry
        guard let attributes = try attributes(fields) else {
            throw ServiceError.invalid("attributes", "attributes: expected an object, found nothing")
        }
        let store = try await add(
            [Addition(id: known.id, attributes: attributes, strategy: known.strategy)], call
        ) { _ in }
        guard let entry = store.entries[known.id] else { throw DocumentStores.noFile(known.id, store.id) }
        return Reply(json: store.json(entry))
    }

    private static let delete = Route(
        .delete, "/v1/vector_stores/{store}/files/{file}", .openAI,
        "Takes a file out of a vector store; the file stays",
        response: Schemas.deleted, isGuarded: true
    ) { call in
        let (documents, id, file) = (
            try call.documents(), call.parameters["store"] ?? "", call.parameters["file"] ?? ""
        )
        try await call.blocking { () throws(ServiceError) in try documents.remove(file, from: id) }
        return Reply(
            json: .object(["id": .string(file), "object": "vector_store.file.deleted", "deleted": true]))
    }

    private static let content = Route(
        .get, "/v1/vector_stores/{store}/files/{file}/content", .openAI, "The text of a file, chunk by chunk",
        response: .object([.required("data", .array(.object([.required("text", .string(""))], "")))], ""),
        isGuarded: true
    ) { call in
        let (store, entry) = try await entry(call)
        let snapshot = try await call.openCollection(store.id).snapshot()
        let texts = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            var texts: [String] = []
            for index in 0..<entry.chunks {
                do throws(IndexError) {
                    if let record = try snapshot.record(id: "\(entry.id)#\(index)") {
                        texts.append(record.text)
                    }
                } catch {
                    throw ServiceError(error)
                }
            }
            return texts
        }
        return Reply(
            json: .object([
                "object": "vector_store.file_content.page", "has_more": false, "next_page": .null,
                "data": .array(texts.map { .object(["type": "text", "text": .string($0)]) }),
            ]))
    }

    // MARK: Batches

    private static let mostFiles = 2000

    private static let createBatch = Route(
        .post, "/v1/vector_stores/{store}/file_batches", .openAI, "Adds files to a vector store",
        request: .object(
            [
                .optional("file_ids", .nullable(.array(.string(""), 1...mostFiles))),
                .optional(
                    "files",
                    .nullable(
                        .array(
                            .object(
                                [
                                    .required("file_id", .string("")), attributes,
                                    .optional("chunking_strategy", .nullable(strategy)),
                                ], ""),
                            1...mostFiles))), attributes, .optional("chunking_strategy", .nullable(strategy)),
            ], ""), response: batch, isGuarded: true
    ) { call in
        let fields = try await call.fields()
        var additions: [Addition] = []
        if let ids = try fields.strings("file_ids", limit: mostFiles) {
            guard fields.value("files") == nil else {
                throw ServiceError.invalid("files", "file_ids and files: expected one of them, found both")
            }
            let shared = try await addition(fields, "", call)
            additions = ids.map { Addition(id: $0, attributes: shared.attributes, strategy: shared.strategy) }
        } else if let list = fields.value("files")?.array {
            for name in ["attributes", "chunking_strategy"] where fields.value(name) != nil {
                throw ServiceError.invalid(
                    name, "\(name) and files: give each file its own, or send file_ids")
            }
            guard list.count <= mostFiles else {
                throw ServiceError.invalid(
                    "files", "files has \(list.count) elements, the server takes at most \(mostFiles)")
            }
            for (index, element) in list.enumerated() {
                guard let object = element.object, let id = object["file_id"]?.string else {
                    throw ServiceError.invalid("files", "files[\(index)]: expected an object with file_id")
                }
                additions.append(try await addition(RequestFields(object), id, call))
            }
        }
        guard !additions.isEmpty else {
            throw ServiceError.invalid("file_ids", "file_ids, or files: expected at least one file")
        }
        let made = DocumentStore.Batch(
            id: Identifier.new("vsfb_"), created: WallClock.now().seconds, files: additions.map(\.id))
        let store = try await add(additions, call) { $0.batches[made.id] = made }
        return Reply(json: store.json(made))
    }

    private static func batch(_ call: Call) async throws -> (store: DocumentStore, batch: DocumentStore.Batch)
    {
        let (store, id) = (try await call.documentStore(), call.parameters["batch"] ?? "")
        guard let batch = store.batches[id] else {
            throw ServiceError(.notFound, "the vector store \(store.id) has no batch \(id.quotedForMessage)")
        }
        return (store, batch)
    }

    private static let getBatch = Route(
        .get, "/v1/vector_stores/{store}/file_batches/{batch}", .openAI, "One batch of files",
        response: batch, isGuarded: true
    ) { call in
        let (store, batch) = try await batch(call)
        return Reply(json: store.json(batch))
    }

    private static let cancelBatch = Route(
        .post, "/v1/vector_stores/{store}/file_batches/{batch}/cancel", .openAI,
        "Cancels the files of a batch that were not read yet",
        response: batch, isGuarded: true
    ) { call in
        let (known, batch) = try await batch(call)
        let documents = try call.documents()
        let store = try await call.blocking { () throws(ServiceError) in
            try documents.update(known.id) { store in
                for file in batch.files where store.entries[file]?.status == .inProgress {
                    store.entries[file]?.status = .cancelled
                }
                return store
            }
        }
        return Reply(json: store.json(batch))
    }

    private static let listBatch = Route(
        .get, "/v1/vector_stores/{store}/file_batches/{batch}/files", .openAI, "The files of a batch",
        response: Schemas.list(of: file),
        isGuarded: true
    ) { call in
        let (store, batch) = try await batch(call)
        return try page(batch.files.compactMap { store.entries[$0] }, of: store, call)
    }
}

#endif
