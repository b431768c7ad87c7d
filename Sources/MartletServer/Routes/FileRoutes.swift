#if Server

internal import HTTPTypes
internal import MartletJSON
internal import NIOCore

/// OpenAI's files: what vector stores are made from.
enum FileRoutes {
    static let all: [Route] = [create, list, get, content, delete]

    private static let file = Schema.object(
        [
            .required("id", .string("")), .required("object", .word(["file"], "")),
            .required("bytes", .integer(0...Int.max, "")),
            .required("created_at", .integer(Schemas.anyInteger, "")), .required("filename", .string("")),
            .required("purpose", .string("")), .required("status", .word(["processed"], "")),
        ], "")

    private static let create = Route(
        .post, "/v1/files", .openAI, "Uploads a file, as a form with file and purpose",
        request: .media("multipart/form-data", "file and purpose"), response: file, isGuarded: true
    ) { call in
        let documents = try call.documents()
        let type = call.head.headerFields[.contentType]
        let body = Array(buffer: call.body)
        let file = try await call.blocking { () throws(ServiceError) in
            let form = try Multipart(body, type: type)
            guard let part = form.parts.first(where: { $0.name == "file" }), let name = part.fileName,
                !name.isEmpty
            else {
                throw ServiceError.invalid("file", "file: expected a file with a name in the form")
            }
            if form.parts.contains(where: { $0.name.hasPrefix("expires_after") }) {
                throw ServiceError.noExpiry
            }
            return try documents.files.add(
                name: name, purpose: form.value("purpose") ?? "assistants", content: Array(part.content))
        }
        return Reply(json: file.json)
    }

    private static let list = Route(
        .get, "/v1/files", .openAI, "The files", response: Schemas.list(of: file), isGuarded: true
    ) { call in
        let documents = try call.documents()
        let purpose = call.query("purpose")
        let files = try await call.blocking { () throws(ServiceError) in try documents.files.all }
        let shown = files.filter { purpose == nil || $0.purpose == purpose }.sorted {
            ($0.created, $0.id) < ($1.created, $1.id)
        }
        return Reply(json: try call.page(shown, id: \.id, \.json))
    }

    private static let get = Route(
        .get, "/v1/files/{file}", .openAI, "One file", response: file, isGuarded: true
    ) { call in
        let (documents, id) = (try call.documents(), call.parameters["file"] ?? "")
        return Reply(
            json: try await call.blocking { () throws(ServiceError) in try documents.files.file(id) }.json)
    }

    private static let content = Route(
        .get, "/v1/files/{file}/content", .openAI, "The bytes of a file",
        response: .media("application/octet-stream", ""), isGuarded: true
    ) { call in
        let (documents, id) = (try call.documents(), call.parameters["file"] ?? "")
        var reply = Reply(
            json: try await call.blocking { () throws(ServiceError) in try documents.files.content(of: id) })
        reply.contentType = "application/octet-stream"
        return reply
    }

    private static let delete = Route(
        .delete, "/v1/files/{file}", .openAI, "Deletes a file, and its chunks in every vector store",
        response: Schemas.deleted,
        isGuarded: true
    ) { call in
        let (documents, id) = (try call.documents(), call.parameters["file"] ?? "")
        try await call.blocking { () throws(ServiceError) in
            _ = try documents.files.file(id)
            for store in try documents.all where store.entries[id] != nil {
                try documents.remove(id, from: store.id)
            }
            try documents.files.delete(id)
        }
        return Reply(json: .object(["id": .string(id), "object": "file", "deleted": true]))
    }
}

extension Call {
    func documents() throws(ServiceError) -> DocumentStores {
        _ = try collections()
        guard let documents = server.documents else {
            throw ServiceError(.forbidden, "this server keeps no files")
        }
        return documents
    }

    /// - Throws: If the collection has the files of a vector store, which knows what they are. Blocks.
    func checkIsNoStore(_ name: String) throws(ServiceError) {
        guard let documents = server.documents, try documents.holds(name) else { return }
        throw ServiceError(
            .conflict,
            "the collection \(name.quotedForMessage) has the files of a vector store; change it by /v1/vector_stores/\(name)"
        )
    }

    /// Calls what reads and writes files, on the thread that does.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws(ServiceError) -> Value) async throws
        -> Value
    {
        try await collections().commits.run(bytes: .max, body)
    }
}

extension ServiceError {
    static let noExpiry = ServiceError.invalid(
        "expires_after",
        "expires_after is not supported: the server keeps what it is given until it is deleted; leave it out")
}

extension Schemas {
    static let deleted = Schema.object(
        [.required("id", .string("")), .required("object", .string("")), .required("deleted", .boolean(""))],
        "")

    static func list(of item: Schema) -> Schema {
        .object(
            [
                .required("object", .word(["list"], "")), .required("data", .array(item)),
                .required("first_id", .nullable(.string(""))),
                .required("last_id", .nullable(.string(""))), .required("has_more", .boolean("")),
            ], "")
    }
}

#endif
