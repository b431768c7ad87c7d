#if Server

internal import HTTPTypes
internal import MartletJSON

/// Martlet's own: models in and out of memory.
enum ModelRoutes {
    static let all: [Route] = [
        change("load", "Loads a model, and answers when it is ready") { call in
            let name = call.parameters["id"]
            try await call.server.store.load(name)
            return try await call.server.store.index(of: name, for: nil)
        },
        // Any name means the default model to who wants to use one, not to who wants to be rid of one.
        change("unload", "Unloads a model; requests that use it finish") { call in
            let name = call.parameters["id"] ?? ""
            try await call.server.store.unload(name)
            return try await call.server.store.index(of: name)
        },
    ]

    private static func change(
        _ verb: String, _ summary: String, _ act: @escaping @Sendable (Call) async throws -> Int
    ) -> Route {
        Route(.post, "/v1/models/{id}/\(verb)", .own, summary, response: Schemas.openAIModel) { call in
            let index = try await act(call)
            return Reply(json: OpenAIRoutes.object(call.server.store.snapshot[index], call.server))
        }
    }
}

#endif
