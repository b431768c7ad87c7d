internal import MartletJSON
internal import MartletModels

/// Reads the modules of sentence-transformers' `SparseEncoder`.
enum SparseModules {
    /// What modules in a row do.
    static func route(_ folder: ModelFolder, _ modules: [ModelModule]) throws(MartletError)
        -> SparseFolder.Route
    {
        let file = folder.path(of: "modules.json")
        switch modules.map(\.name) {
        case ["MLMTransformer", "SpladePooling"], ["Transformer", "SpladePooling"]:
            return .maskedLM(folder: modules[0].path, try pooling(folder, modules[1].path))
        case ["SparseStaticEmbedding"]: return .statics(folder: modules[0].path)
        default:
            throw .unsupported(
                file,
                "the modules \(modules.map(\.type.quotedForMessage).joined(separator: ", ")) make no sparse vectors that are supported; "
                    + "an MLMTransformer (or Transformer) and SpladePooling do, and SparseStaticEmbedding")
        }
    }

    /// What each route of a Router does.
    static func routes(_ folder: ModelFolder, _ router: ModuleRoutes) throws(MartletError)
        -> (query: SparseFolder.Route, document: SparseFolder.Route, unnamed: SparseFolder.Route)
    {
        if router.hasMappings {
            throw .unsupported(
                router.file,
                "\"route_mappings\" are not supported in sparse models; routes named \"query\" and \"document\" are"
            )
        }
        var routes: [String: SparseFolder.Route] = [:]
        for (name, modules) in router.routes { routes[name] = try route(folder, modules) }
        guard let query = routes["query"], let document = routes["document"],
            let unnamed = router.defaultRoute.flatMap({ routes[$0] })
        else {
            throw .unsupported(
                folder.path,
                "expected a Router with the routes \"query\" and \"document\", found \(routes.keys.sorted())")
        }
        return (query, document, unnamed)
    }

    private static func pooling(_ folder: ModelFolder, _ path: String) throws(MartletError) -> SpladePooling {
        let config = try folder.requireConfig(
            ModelFolder.join(path, "config.json"), for: "how logits are pooled")
        var pooling = SpladePooling()
        if let name = try config.string("pooling_strategy") {
            guard let strategy = SpladePooling.Strategy(rawValue: name) else {
                throw .unsupported(
                    config.path,
                    "\"pooling_strategy\" is \(name.quotedForMessage), expected \"max\" or \"sum\"")
            }
            pooling.strategy = strategy
        }
        if let name = try config.string("activation_function") {
            guard let activation = SpladePooling.Activation(rawValue: name) else {
                throw .unsupported(
                    config.path,
                    "\"activation_function\" is \(name.quotedForMessage), expected \"relu\" or \"log1p_relu\""
                )
            }
            pooling.activation = activation
        }
        return pooling
    }
}
