#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletHub
internal import MartletJSON

/// Ollama: models into the cache and out of it.
enum OllamaHubRoutes {
    static let all: [Route] = [pull, delete]

    private static let pull = Route(
        .post, "/api/pull", .ollama,
        "Fetches a model from the hub into the cache; a line of JSON for each step",
        request: .object(
            [
                .required("model", .string("a known name, or org/repo")),
                .optional("stream", .nullable(.boolean("the default"))),
            ], ""),
        response: .object([.optional("status", .string("")), .optional("error", .string(""))], ""),
        isGuarded: true
    ) { call in
        let fields = try await call.fields()
        let name = try fields.string("model") ?? fields.requiredString("name")
        let isStream = try fields.bool("stream") ?? true
        let server = call.server
        if server.store.known.contains(where: { $0.entry.path == nil && $0.entry.matches(name) }) {
            // The model inside the program is always there.
            return isStream ? Reply(lines: lines([done])) : Reply(json: done)
        }
        try allow(server)
        guard isStream else {
            do {
                // It writes files: not on the loop that all connections share.
                let model = try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    try await server.hub.pull(name)
                }
                server.store.add(ModelEntry(name: name, model))
            } catch let error as HubError {
                throw ServiceError(error)
            }
            return Reply(json: done)
        }
        return Reply(lines: progress(of: name, server))
    }

    private static let done: JSONValue = .object(["status": "success"])

    private static func allow(_ server: ServerCore) throws(ServiceError) {
        guard server.configuration.servesHub else {
            throw ServiceError(
                .forbidden, "this server neither pulls models nor deletes them; start it with --hub")
        }
    }

    private static func lines(_ values: [JSONValue]) -> AsyncStream<[UInt8]> {
        AsyncStream { stream in
            for value in values { stream.yield(value.bytes + [UInt8(ascii: "\n")]) }
            stream.finish()
        }
    }

    /// Ends the pull when the client goes away: what was fetched stays, and the next pull goes on from there.
    private static func progress(of name: String, _ server: ServerCore) -> AsyncStream<[UInt8]> {
        // A client that reads slowly misses steps, never the last ones.
        AsyncStream(bufferingPolicy: .bufferingNewest(64)) { stream in
            let send = { @Sendable (value: JSONValue) in _ = stream.yield(value.bytes + [UInt8(ascii: "\n")])
            }
            let task = Task {
                do {
                    send(.object(["status": "pulling manifest"]))
                    let model = try await server.hub.pull(name) { event in
                        if let value = line(of: event) { send(value) }
                    }
                    server.store.add(ModelEntry(name: name, model))
                    send(done)
                } catch {
                    send(.object(["error": .string((error as? HubError)?.message ?? "the pull was stopped")]))
                }
                stream.finish()
            }
            stream.onTermination = { _ in task.cancel() }
        }
    }

    private static func line(of event: PullEvent) -> JSONValue? {
        switch event {
        case .resolved, .planned: return nil
        case .received(let file, let bytes): return line(file, "pulling \(file.path)", bytes)
        case .waiting(let file): return line(file, "waiting for another pull of \(file.path)", 0)
        case .retrying(_, let reason, _): return .object(["status": .string("trying again: \(reason)")])
        case .finished(let file): return line(file, "verified \(file.path)", file.size)
        }
    }

    private static func line(_ file: PulledFile, _ status: String, _ bytes: Int) -> JSONValue {
        let digest = (file.digest.utf8.count == 64 ? "sha256:" : "sha1:") + file.digest
        return .object([
            "status": .string(status), "digest": .string(digest), "total": .integer(file.size),
            "completed": .integer(bytes),
        ])
    }

    private static let delete = Route(
        .delete, "/api/delete", .ollama, "Removes a model from the cache",
        request: .object([.required("model", .string(""))], ""),
        response: .object([.required("status", .string(""))], ""), isGuarded: true
    ) { call in
        let fields = try await call.fields()
        let name = try fields.string("model") ?? fields.requiredString("name")
        try allow(call.server)
        let store = call.server.store
        if let slot = store.known.first(where: { $0.isConfigured && $0.entry.matches(name) }) {
            let reason =
                slot.entry.path == nil ? "is inside the program" : "was given to the server by --model"
            throw ServiceError(
                .forbidden, "model \(name.quotedForMessage) \(reason), and cannot be deleted by a request",
                parameter: "model")
        }
        do throws(HubError) {
            // As for a pull.
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                [hub = call.server.hub] () throws(HubError) in
                try hub.remove(try hub.removal(of: name))
                // Under whichever names it was asked for.
                store.removeAll { slot in !slot.isConfigured && (try? hub.find(slot.entry.name)) == nil }
            }
        } catch {
            throw ServiceError(error)
        }
        return Reply(json: done)
    }
}

extension ServiceError {
    init(_ error: HubError) {
        let kind: Kind =
            switch error.code {
            case .invalidName: .invalid
            case .notFound, .noWeights: .modelNotFound
            case .busy: .overloaded(retryAfter: 5)
            default: .unavailable
            }
        self.init(kind, error.message, parameter: "model")
    }
}

#endif
