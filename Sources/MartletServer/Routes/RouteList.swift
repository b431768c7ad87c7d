/// Every route of the server: one row each, in files of one family each.
enum RouteList {
    static let all: [Route] = OpenAIRoutes.all + TEIRoutes.all + OllamaRoutes.all + HealthRoutes.all
}
