#if Server

internal import HTTPTypes
internal import Martlet
internal import MartletIndex
internal import MartletJSON
internal import NIOCore

/// Agents: the Model Context Protocol over HTTP. Each message is answered by itself, as JSON: there are no
/// sessions and no streams.
enum MCPRoutes {
    static let all: [Route] = [message]

    private static let message = Route(
        .post, "/mcp", .own, "Messages of the Model Context Protocol: agents search the collections",
        operation: .embed,
        request: .object(
            [
                .required("jsonrpc", .word(["2.0"], "")), .required("method", .string("")),
                .optional("params", .object([], "")),
                .optional(
                    "id",
                    .oneOf([.string(""), .integer(Schemas.anyInteger, "")], "without it no answer is wanted")),
            ], ""), response: .object([], "of JSON-RPC"), isGuarded: true
    ) { call in
        let store = try call.collections()
        let service = MCPService(
            FolderLibrary(store: store, call: call), version: call.server.configuration.version)
        if let answer = await service.answer(Array(buffer: call.body)) { return Reply(json: answer) }
        var reply = Reply.empty
        reply.status = 202
        return reply
    }
}

/// The collections of the server's folder, for one request.
private struct FolderLibrary: SearchLibrary {
    let store: CollectionStore
    let call: Call

    func names() async throws -> [String] {
        // It reads the folder: not on the loop that all connections share.
        try await withTaskExecutorPreference(globalConcurrentExecutor) { try store.names }
    }

    private func open(_ name: String) async throws -> OpenCollection {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { try store.collection(name) }
    }

    func search(_ question: LibraryQuestion) async throws -> [Hit] {
        let search = CollectionSearch(
            SearchRequest(text: question.text, count: question.count, filter: question.filter))
        return try await search.run(in: try await open(question.collection), call).hits
    }

    func record(_ id: String, in collection: String) async throws -> Record? {
        let snapshot = try await open(collection).snapshot()
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try snapshot.record(id: id) }
    }
}

#endif
