#if Server

/// Every route of the server: one row each, in files of one family each.
enum RouteList {
    static let all: [Route] =
        OpenAIRoutes.all + TEIRoutes.all + TEIDispatchRoutes.all + PredictRoutes.all + RerankRoutes.all
        + CohereRoutes.all
        + MultiVectorRoutes.all + LlamaRoutes.all + OllamaRoutes.all + ModelRoutes.all + CollectionRoutes.all
        + MCPRoutes.all
        + FileRoutes.all + VectorStoreRoutes.all
        + HealthRoutes.all + DescriptionRoutes.all
}

#endif
