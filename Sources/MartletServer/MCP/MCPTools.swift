#if Server

internal import Martlet
internal import MartletIndex
internal import MartletJSON
internal import MartletSystem

/// The tools that an agent gets: `search` finds passages, `read` gives one whole, or the document that it is
/// from.
struct MCPTools: Sendable {
    let library: any SearchLibrary

    static let instructions =
        "Search answers questions from the user's own documents: ask in whole sentences, then read a hit by its id for its full text."

    private static let mostHits = 50
    /// Bytes of a hit's text, of a document that is read, and chunks of one.
    private static let longestHit = 2000
    private static let longestDocument = 256 << 10
    private static let mostChunks = 10_000

    // MARK: Descriptions

    func descriptions() async throws -> [JSONValue] {
        let names = try await library.names()
        let which = names.count > 1 ? "which collection; by default \(names[0])" : "which collection"
        let collection = Schema.Member.optional(
            "collection", names.isEmpty ? .string(which) : .word(names, which))
        return [
            tool(
                "search", "Search documents",
                "Find the passages that answer a question, by meaning and by words. Returns ids, scores, fields and text.",
                [
                    .required("query", .string("the question, in a whole sentence")), collection,
                    .optional("top", .integer(1...Self.mostHits, "hits wanted; 10 by default")),
                    .optional(
                        "filter",
                        .string(
                            "a condition on fields, such as: year >= 2024 and tag = \"food\"; see the fields of other hits"
                        )),
                ]),
            tool(
                "read", "Read a document",
                "The full text of a hit by its id, or of a document that was cut into parts by its name: the id without #NUMBER, where its parts are NAME#0, NAME#1 and so on.",
                [.required("id", .string("of a hit, or a document's name")), collection]),
        ]
    }

    private func tool(_ name: String, _ title: String, _ text: String, _ members: [Schema.Member])
        -> JSONValue
    {
        .object([
            "name": .string(name), "title": .string(title), "description": .string(text),
            "inputSchema": Schema.object(members, "").json,
            "annotations": .object(["readOnlyHint": true, "openWorldHint": false]),
        ])
    }

    // MARK: Calls

    /// The result of a call. What a tool says against its arguments is a result, too, so that the agent reads
    /// it and tries again.
    func call(_ name: String, _ arguments: RequestFields) async throws -> JSONValue {
        do {
            switch name {
            case "search": return try await search(arguments)
            case "read": return try await read(arguments)
            default:
                throw MCPService.Failure(
                    code: -32602,
                    message: "there is no tool \(name.quotedForMessage); there are search and read")
            }
        } catch let error as MCPService.Failure {
            throw error
        } catch {
            return Self.result(Self.words(error), isError: true)
        }
    }

    private func search(_ arguments: RequestFields) async throws -> JSONValue {
        try arguments.allow(["query", "collection", "top", "filter"])
        let text = try arguments.requiredString("query")
        let count = try arguments.integer("top", in: 1...Self.mostHits) ?? 10
        let filter = try arguments.string("filter").map { (text) throws(IndexError) in try Filter(text) }
        let collection = try await collection(arguments)
        let hits = try await library.search(
            LibraryQuestion(text: text, collection: collection, count: count, filter: filter))
        let lines = hits.enumerated().map { index, hit in
            let fields = hit.fields.sorted { $0.key < $1.key }.map { "\($0.key): \(Self.words($0.value))" }
                .joined(separator: ", ")
            return
                "\(index + 1). id: \(hit.id)\(fields.isEmpty ? "" : " (\(fields))")\n\(Self.cut(hit.text, to: Self.longestHit, id: hit.id))"
        }
        let values = hits.map { hit in
            JSONValue.object([
                "id": .string(hit.id), "collection": .string(collection),
                "score": .float(hit.score),
                "fields": hit.fields.json,
                "text": .string(Self.cut(hit.text, to: Self.longestHit, id: hit.id)),
            ])
        }
        return Self.result(
            lines.isEmpty ? "Nothing was found." : lines.joined(separator: "\n\n"), ["hits": .array(values)])
    }

    private func read(_ arguments: RequestFields) async throws -> JSONValue {
        try arguments.allow(["id", "collection"])
        let id = try arguments.requiredString("id")
        let collection = try await collection(arguments)
        var text: String
        if let record = try await library.record(id, in: collection) {
            text = record.text
        } else {
            // The chunks of a document are called NAME#0, NAME#1 and so on.
            var parts: [Record] = []
            var bytes = 0
            while parts.count < Self.mostChunks, bytes <= Self.longestDocument,
                let part = try await library.record("\(id)#\(parts.count)", in: collection)
            {
                parts.append(part)
                bytes += part.text.utf8.count
            }
            guard !parts.isEmpty else {
                throw ServiceError(
                    .notFound,
                    "there is no record \(id.quotedForMessage) in \(collection), and no document with that name whose parts are numbered from #0; read the id of a hit"
                )
            }
            text = Self.joined(parts)
        }
        text = Self.cut(text, to: Self.longestDocument, id: nil)
        return Self.result(
            text, ["id": .string(id), "collection": .string(collection), "text": .string(text)])
    }

    /// The text of a document's parts, which join without a gap where a part begins on the line on which the
    /// one before it ends.
    private static func joined(_ parts: [Record]) -> String {
        var text = ""
        var end: Int?
        for part in parts {
            var line: Int?
            if case .integer(let number)? = part.fields["line"] { line = number }
            if !text.isEmpty, end == nil || line != end { text += "\n" }
            text += part.text
            end = line.map { $0 + part.text.utf8.count { $0 == UInt8(ascii: "\n") } }
        }
        return text
    }

    private func collection(_ arguments: RequestFields) async throws -> String {
        let names = try await library.names()
        guard let first = names.first else {
            throw ServiceError(.notFound, "there is no collection to search")
        }
        guard let name = try arguments.string("collection") else { return first }
        guard names.contains(name) else {
            throw ServiceError.invalid(
                "collection",
                "there is no collection \(name.quotedForMessage); there are \(names.map(\.quotedForMessage).joined(separator: ", "))"
            )
        }
        return name
    }

    // MARK: Words

    private static func result(
        _ text: String, _ values: KeyValuePairs<String, JSONValue>? = nil, isError: Bool = false
    ) -> JSONValue {
        .object(present: [
            "content": [.object(["type": "text", "text": .string(text)])],
            "structuredContent": values.map { .object($0) },
            "isError": .bool(isError),
        ])
    }

    /// The beginning of a text that is too long for an agent, which is told.
    private static func cut(_ text: String, to limit: Int, id: String?) -> String {
        guard text.utf8.count > limit else { return text }
        let rest = id.map { "read \($0) for the rest" } ?? "the rest is left out"
        return
            "\(text.prefix(bytes: limit)) … [\(text.utf8.count) bytes; \(rest)]"
    }

    private static func words(_ value: FieldValue) -> String {
        switch value.json {
        case .string(let text): text
        case let other: String(decoding: other.bytes, as: UTF8.self)
        }
    }

    static func words(_ error: any Error) -> String {
        switch error {
        case let error as ServiceError: error.message
        case let error as IndexError: error.message
        case let error as MartletError: error.message
        default: "the search failed"
        }
    }
}

extension RequestFields {
    /// - Throws: If there is a member that means nothing.
    func allow(_ known: Set<String>) throws(ServiceError) {
        guard let other = object.members.first(where: { !known.contains($0.key) && !$0.value.isNull }) else {
            return
        }
        throw .invalid(
            other.key,
            "there is no argument \(other.key.quotedForMessage); there are \(known.sorted().joined(separator: ", "))"
        )
    }
}

#endif
