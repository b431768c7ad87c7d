internal import MartletJSON
internal import MartletModels

/// What a model folder says of how texts become sparse vectors.
struct SparseFolder {
    /// How texts of one role become vectors.
    enum Route: Equatable {
        /// A masked language model and SPLADE's pooling.
        case maskedLM(folder: String, SpladePooling)
        /// bge-m3's linear layer: one weight for each of the text's own tokens.
        case lexical
        /// A weight for each token that is there, without an encoder.
        case statics(folder: String)
    }

    let folder: ModelFolder
    var query: Route
    var document: Route
    /// For texts without a role.
    var unnamed: Route
    /// The most dimensions of a vector, where the model says.
    var maxActiveDimensions: Int?

    init(_ folder: ModelFolder) throws(MartletError) {
        self.folder = folder
        try ContextualDescription.refuse(folder)
        let config = try folder.config("config_sentence_transformers.json")
        maxActiveDimensions = try config?.size("max_active_dims")
        if LexicalFiles.names.contains(where: folder.contains) {
            (query, document, unnamed) = (.lexical, .lexical, .lexical)
            return
        }
        guard let modules = try SparseModules.list(folder) else {
            let config = try folder.requireConfig("config.json", for: "the encoder's sizes")
            let architectures = config["architectures"]?.array?.compactMap(\.string) ?? []
            guard architectures.contains(where: { $0.hasSuffix("ForMaskedLM") }) else {
                throw MartletError(
                    .unsupportedModel,
                    "\(folder.path) makes no sparse vectors: it has neither modules.json nor sparse_linear.safetensors, and config.json "
                        + "names no masked language model; use Embedder, or --kind dense",
                    file: config.path)
            }
            let route = Route.maskedLM(folder: "", SpladePooling())
            (query, document, unnamed) = (route, route, route)
            return
        }
        if let router = modules.first, ["Router", "Asym"].contains(router.name) {
            guard modules.count == 1 else {
                throw .unsupported(folder.path(of: "modules.json"), "modules after a Router are not supported in sparse models")
            }
            (query, document, unnamed) = try SparseModules.routes(folder, router.path)
        } else {
            let route = try SparseModules.route(folder, modules)
            (query, document, unnamed) = (route, route, route)
        }
    }

    var routes: [Route] { [query, document, unnamed] }

    func route(for role: TextRole?) -> Route {
        switch role?.kind {
        case .query: query
        case .document: document
        case .named, nil: unnamed
        }
    }
}
