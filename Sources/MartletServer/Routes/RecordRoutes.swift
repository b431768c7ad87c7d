#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletIndex
internal import MartletJSON
internal import NIOCore

/// The records of a collection: added, read and deleted.
enum RecordRoutes {
    static let all: [Route] = [add, get, delete, deleteOne]

    /// More records than this are embedded in the lane of bulk work, so that queries go first.
    private static let fewRecords = 8

    private static let record: [Schema.Member] = [
        .required("id", .string("1 to 1000 bytes")), .required("text", .string("")),
        .optional("vector", .nullable(.array(.number(""), 1...4096, "in place of the model's"))),
        .optional("fields", .nullable(.object([], "strings, numbers, true or false, lists of strings"))),
    ]

    private static let add = Route(
        .post, "/v1/collections/{name}/records", .own,
        "Adds records, all or none; one with a known id replaces it", operation: .embed,
        request: .object([.required("records", .array(.object(record, ""), 1...2048)), Schemas.model], ""),
        response: .object(
            [
                .required("records", .integer(0...Int.max, "how many were added or replaced")),
                .required("total", .integer(0...Int.max, "how many the collection has")),
                .required("tokens", .integer(0...Int.max, "")),
                .optional(
                    "truncated", .array(.integer(0...Int.max, "records whose text was cut for its vector"))),
            ], ""), isGuarded: true
    ) { call in
        let collection = try await call.collection()
        let fields = try await call.fields()
        let snapshot = try await collection.snapshot()
        let limit = call.server.configuration.maxClientBatch
        let requests = try await call.offloaded(bytes: call.body.readableBytes) { () throws(ServiceError) in
            try RecordRequest.all(fields, limit: limit, schema: snapshot.fields)
        }
        let added = try await add(
            requests, to: collection, snapshot.settings, model: try fields.model(), call)
        return Reply(
            json: .object(present: [
                "records": .integer(requests.count), "total": .integer(added.total),
                "tokens": .integer(added.tokens),
                "truncated": added.truncated.isEmpty ? nil : .array(added.truncated.map { .integer($0) }),
            ]))
    }

    struct Added: Sendable {
        let total: Int
        let tokens: Int
        let truncated: [Int]
    }

    /// Embeds the texts that came without a vector, and commits all records at once.
    static func add(
        _ requests: [RecordRequest], to collection: OpenCollection, _ settings: CollectionSettings,
        model: String?, _ call: Call
    ) async throws -> Added {
        let places = requests.indices.filter { requests[$0].vector == nil }
        var vectors = requests.map { $0.vector ?? [] }
        var tokens = 0
        var truncated: [Int] = []
        if !places.isEmpty {
            var call = call
            call.isInParts = places.count > fewRecords
            let outcome = try await call.server.service.vectors(
                of: places.map { requests[$0].text }, as: .document, for: settings, parameter: "records",
                model: model, call)
            for (place, row) in zip(places, outcome.rows) { vectors[place] = row }
            tokens = outcome.tokens
            truncated = outcome.truncated.map { places[$0.index] }
        }
        var own = call
        own.isInParts = requests.count > fewRecords
        let weights = try await own.server.service.weights(
            of: requests.map(\.text), as: .document, for: settings, parameter: "records", own)
        let records = requests.indices.map { index in
            Record(
                id: requests[index].id, text: requests[index].text, vector: vectors[index],
                fields: requests[index].fields, sparse: weights?[index])
        }
        let total = try await call.write(collection) { (writer) throws(IndexError) in
            try writer.add(records, identity: settings.identity)
            return writer.snapshot.count
        }
        return Added(total: total, tokens: tokens, truncated: truncated)
    }

    private static let get = Route(
        .get, "/v1/collections/{name}/records/{id}", .own, "One record with its vector",
        response: .object(record, ""), isGuarded: true
    ) { call in
        let snapshot = try await call.collection().snapshot()
        let id = call.parameters["id"] ?? ""
        let found = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            do throws(IndexError) { return try snapshot.record(id: id) } catch { throw ServiceError(error) }
        }
        guard let record = found else {
            throw ServiceError(.notFound, "there is no record \(id.quotedForMessage) in this collection")
        }
        return Reply(
            json: .object([
                "id": .string(record.id), "text": .string(record.text),
                "fields": record.fields.json,
                "vector": .array(record.vector.map { .float($0) }),
            ]))
    }

    private static let deleted = Schema.object(
        [.required("deleted", .integer(0...Int.max, "how many there were"))], "")

    private static let delete = Route(
        .delete, "/v1/collections/{name}/records", .own, "Deletes records by their ids, all or none",
        request: .object([.required("ids", .array(.string(""), 1...1_000_000))], ""), response: deleted,
        isGuarded: true
    ) { call in
        let collection = try await call.collection()
        let fields = try await call.fields()
        guard let value = fields.value("ids") else {
            throw ServiceError.invalid("ids", "ids: expected a list of strings, found nothing")
        }
        return try await remove(
            try TextInputs.strings(value, parameter: "ids", limit: 1_000_000), from: collection, call)
    }

    private static let deleteOne = Route(
        .delete, "/v1/collections/{name}/records/{id}", .own, "Deletes a record", response: deleted,
        isGuarded: true
    ) { call in try await remove([call.parameters["id"] ?? ""], from: try await call.collection(), call) }

    private static func remove(_ ids: [String], from collection: OpenCollection, _ call: Call) async throws
        -> Reply
    {
        let count = try await call.write(collection) { (writer) throws(IndexError) in
            try writer.remove(ids: ids)
        }
        return Reply(json: .object(["deleted": .integer(count)]))
    }
}

extension Call {
    /// Calls `body` with the writer of a collection that holds no vector store, on the thread that writes.
    func write<Value: Sendable>(
        _ collection: OpenCollection,
        _ body: @escaping @Sendable (CollectionWriter) throws(IndexError) -> Value
    ) async throws -> Value {
        try await blocking { () throws(ServiceError) in try checkIsNoStore(collection.name) }
        return try await collections().write(collection, body)
    }
}

#endif
