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
        let files = try FolderConfiguration(folder)
        let manifest = try ModelManifest(files)
        try manifest.require(.sparse, at: folder.path)
        maxActiveDimensions = try files.model?.size("max_active_dims")
        if LexicalFiles.names.contains(where: folder.contains) {
            (query, document, unnamed) = (.lexical, .lexical, .lexical)
            return
        }
        guard let modules = files.modules else {
            let route = Route.maskedLM(folder: "", SpladePooling())
            (query, document, unnamed) = (route, route, route)
            return
        }
        if let router = files.routes {
            guard modules.count == 1 else {
                throw .unsupported(
                    folder.path(of: "modules.json"),
                    "modules after a Router are not supported in sparse models")
            }
            (query, document, unnamed) = try SparseModules.routes(folder, router)
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
