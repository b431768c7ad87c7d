#if Server

internal import HTTPTypes
internal import MartletJSON

/// What the server says of itself, made from the list of routes.
enum DescriptionRoutes {
    static let all: [Route] = [openAPI, openAPI.alias("/api-doc/openapi.json"), docs]

    private static let openAPI = Route(
        .get, "/openapi.json", .own, "This description, as OpenAPI 3.1", response: .object([], ""),
        isOpen: true
    ) { call in Reply(json: OpenAPIDocument.json(of: call.server)) }

    private static let docs = Route(
        .get, "/docs", .own, "The routes, for people", response: .media("text/html", ""), isOpen: true
    ) { call in Reply(text: DocumentationPage.html(of: call.server), type: "text/html; charset=utf-8") }
}

#endif
