internal import HTTPTypes
internal import MartletJSON

/// Martlet's own: models in and out of memory.
enum ModelRoutes {
    static let all: [Route] = [
        change("load", "Loads a model, and answers when it is ready") { name, call in try await call.server.store.load(name) },
        change("unload", "Unloads a model; requests that use it finish") { name, call in try call.server.store.unload(name) },
    ]

    private static func change(_ verb: String, _ summary: String, _ act: @escaping @Sendable (String, Call) async throws -> Void) -> Route {
        Route(.post, "/v1/models/{id}/\(verb)", .own, summary, response: Schemas.openAIModel) { call in
            let name = call.parameters["id"] ?? ""
            try await act(name, call)
            let index = try call.server.store.index(of: name)
            return Reply(json: OpenAIRoutes.object(call.server.store.snapshot[index], call.server))
        }
    }
}
