#if Server

internal import MartletChunking
internal import MartletJSON

/// What the server knows of one of OpenAI's vector stores: the chunks of its files are in the collection of
/// the same name.
struct DocumentStore: Sendable {
    /// A file of the store.
    struct Entry: Sendable {
        enum Status: String, Sendable, CaseIterable {
            case inProgress = "in_progress"
            case completed, cancelled, failed
        }

        let id: String
        let created: Int
        /// Files in the order in which they came.
        let serial: Int
        var status = Status.inProgress
        var failure: (code: String, message: String)?
        var attributes: JSONObject
        let strategy: ChunkingStrategy
        var bytes = 0
        /// How many chunks it has in the collection: they are called ID#0 and so on.
        var chunks = 0
    }

    struct Batch: Sendable {
        let id: String
        let created: Int
        let files: [String]
    }

    let id: String
    let created: Int
    var name: String
    var description: String?
    var metadata: JSONObject
    var lastActive: Int
    var entries: [String: Entry] = [:]
    var batches: [String: Batch] = [:]
    var nextSerial = 0

    /// The file that is to be read next.
    var next: Entry? { entries.values.filter { $0.status == .inProgress }.min { $0.serial < $1.serial } }

    mutating func add(_ file: String, _ attributes: JSONObject, _ strategy: ChunkingStrategy, at time: Int) {
        var entry = Entry(
            id: file, created: entries[file]?.created ?? time, serial: nextSerial, attributes: attributes,
            strategy: strategy)
        // Chunks of an earlier reading are replaced when the file was read again.
        entry.chunks = entries[file]?.chunks ?? 0
        entries[file] = entry
        nextSerial += 1
    }

    // MARK: For clients

    static func counts(_ entries: some Sequence<Entry>) -> JSONValue {
        var counts: [Entry.Status: Int] = [:]
        for entry in entries { counts[entry.status, default: 0] += 1 }
        return .object([
            "in_progress": .integer(counts[.inProgress] ?? 0), "completed": .integer(counts[.completed] ?? 0),
            "failed": .integer(counts[.failed] ?? 0), "cancelled": .integer(counts[.cancelled] ?? 0),
            "total": .integer(counts.values.reduce(0, +)),
        ])
    }

    var json: JSONValue {
        .object(present: [
            "id": .string(id), "object": "vector_store", "created_at": .integer(created),
            "name": .string(name),
            "description": description.map { .string($0) },
            "usage_bytes": .integer(entries.values.reduce(0) { $0 + $1.bytes }),
            "file_counts": Self.counts(entries.values), "status": next == nil ? "completed" : "in_progress",
            "expires_after": .null,
            "expires_at": .null, "last_active_at": .integer(lastActive), "metadata": .object(metadata),
        ])
    }

    func json(_ entry: Entry) -> JSONValue {
        .object([
            "id": .string(entry.id), "object": "vector_store.file", "created_at": .integer(entry.created),
            "vector_store_id": .string(id), "status": .string(entry.status.rawValue),
            "usage_bytes": .integer(entry.bytes),
            "last_error": entry.failure.map {
                .object(["code": .string($0.code), "message": .string($0.message)])
            } ?? .null,
            "attributes": .object(entry.attributes), "chunking_strategy": entry.strategy.json,
        ])
    }

    func json(_ batch: Batch) -> JSONValue {
        let members = batch.files.compactMap { entries[$0] }
        let status =
            members.contains { $0.status == .inProgress }
            ? "in_progress"
            : !members.isEmpty && members.allSatisfy { $0.status == .cancelled } ? "cancelled" : "completed"
        return .object([
            "id": .string(batch.id), "object": "vector_store.files_batch",
            "created_at": .integer(batch.created),
            "vector_store_id": .string(id), "status": .string(status), "file_counts": Self.counts(members),
        ])
    }
}

// MARK: On disk

extension DocumentStore {
    var saved: JSONValue {
        .object(present: [
            "id": .string(id), "created_at": .integer(created), "name": .string(name),
            "description": description.map { .string($0) },
            "metadata": .object(metadata), "last_active_at": .integer(lastActive),
            "next_serial": .integer(nextSerial),
            "files": .array(
                entries.values.sorted { $0.serial < $1.serial }.map { entry in
                    .object(present: [
                        "id": .string(entry.id), "created_at": .integer(entry.created),
                        "serial": .integer(entry.serial),
                        "status": .string(entry.status.rawValue), "attributes": .object(entry.attributes),
                        "chunking_strategy": entry.strategy.json, "bytes": .integer(entry.bytes),
                        "chunks": .integer(entry.chunks),
                        "error_code": entry.failure.map { .string($0.code) },
                        "error": entry.failure.map { .string($0.message) },
                    ])
                }),
            "batches": .array(
                batches.values.map {
                    .object([
                        "id": .string($0.id), "created_at": .integer($0.created), "files": .strings($0.files),
                    ])
                }),
        ])
    }

    init?(saved: JSONValue) {
        guard let id = saved["id"]?.string, let created = saved["created_at"]?.int,
            let name = saved["name"]?.string,
            let metadata = saved["metadata"]?.object, let active = saved["last_active_at"]?.int,
            let next = saved["next_serial"]?.int
        else { return nil }
        self.init(
            id: id, created: created, name: name, description: saved["description"]?.string,
            metadata: metadata, lastActive: active,
            nextSerial: next)
        for value in saved["files"]?.array ?? [] {
            guard let id = value["id"]?.string, let created = value["created_at"]?.int,
                let serial = value["serial"]?.int,
                let status = value["status"]?.string.flatMap({ Entry.Status(rawValue: $0) }),
                let attributes = value["attributes"]?.object,
                let strategy = value["chunking_strategy"].flatMap({ try? ChunkingStrategy($0) })
            else { return nil }
            var entry = Entry(
                id: id, created: created, serial: serial, status: status, attributes: attributes,
                strategy: strategy)
            entry.bytes = value["bytes"]?.int ?? 0
            entry.chunks = value["chunks"]?.int ?? 0
            if let code = value["error_code"]?.string, let message = value["error"]?.string {
                entry.failure = (code, message)
            }
            entries[id] = entry
        }
        for value in saved["batches"]?.array ?? [] {
            guard let id = value["id"]?.string, let created = value["created_at"]?.int else { return nil }
            batches[id] = Batch(
                id: id, created: created, files: value["files"]?.array?.compactMap(\.string) ?? [])
        }
    }
}

/// How the files of a store are cut.
enum ChunkingStrategy: Sendable, Equatable {
    /// By the type of the file, to the size that the model takes.
    case auto
    /// Between words.
    case fixed(tokens: Int, overlap: Int)

    init(_ value: JSONValue?) throws(ServiceError) {
        guard let value, !value.isNull else { self = .auto; return }
        let name = "chunking_strategy"
        switch value["type"]?.string {
        case "auto"?: self = .auto
        case "static"?:
            guard let tokens = value["static"]?["max_chunk_size_tokens"]?.int,
                let overlap = value["static"]?["chunk_overlap_tokens"]?.int,
                tokens > 0, overlap >= 0
            else {
                throw .invalid(
                    name, "\(name).static: expected max_chunk_size_tokens and chunk_overlap_tokens")
            }
            self = .fixed(tokens: tokens, overlap: overlap)
        default: throw .invalid(name, "\(name).type: expected auto or static")
        }
    }

    var json: JSONValue {
        switch self {
        case .auto: .object(["type": "auto"])
        case .fixed(let tokens, let overlap):
            .object([
                "type": "static",
                "static": .object([
                    "max_chunk_size_tokens": .integer(tokens), "chunk_overlap_tokens": .integer(overlap),
                ]),
            ])
        }
    }

    var chunker: any Chunker {
        switch self {
        case .auto: AutomaticChunker()
        case .fixed(let tokens, let overlap):
            TokenChunker(size: ChunkSize(maxTokens: tokens, overlap: overlap))
        }
    }
}

#endif
