internal import MartletJSON

/// What the configuration of a `Router` says: the modules that texts of each route go through.
package struct ModuleRoutes: Sendable {
    package let routes: [(name: String, modules: [ModelModule])]
    /// The route of a text that nothing else routes; nil: there is none.
    package let defaultRoute: String?
    /// Routes by Python's form of a pair of task and modality, such as `('query', None)`.
    private let mappings: [String: String]
    /// The configuration, for messages.
    package let file: String

    /// Every module of every route.
    package var modules: [ModelModule] { routes.flatMap(\.modules) }
    package var hasMappings: Bool { !mappings.isEmpty }

    /// The names of the file in the module's folder, the newer first.
    package static let fileNames = ["router_config.json", "config.json"]

    /// The Router among a model's modules, or the `Asym` of older versions; nil: there is none.
    package static func place(in modules: [ModelModule]) -> Int? {
        modules.firstIndex { ["Router", "Asym"].contains($0.name) }
    }

    /// - Parameter path: The folder of the Router inside the model folder.
    package init(_ folder: ModelFolder, path: String) throws(MartletError) {
        let names = Self.fileNames.map { ModelFolder.join(path, $0) }
        guard let name = names.first(where: folder.contains), let config = try folder.config(name) else {
            throw MartletError(
                .missingFile,
                "\(folder.path(of: names[0])) is missing: it says which modules texts of a role go through",
                file: folder.path(of: names[0]))
        }
        try self.init(config, path: path)
    }

    /// - Parameter path: The folder of the Router inside the model folder.
    package init(_ config: ConfigFile, path: String) throws(MartletError) {
        file = config.path
        guard let types = config["types"]?.object, let structure = config["structure"]?.object else {
            throw .malformed(config.path, "expected the objects \"types\" and \"structure\"")
        }
        var routes: [(String, [ModelModule])] = []
        for member in structure.members {
            var modules: [ModelModule] = []
            for id in member.value.array ?? [] {
                guard let id = id.string, let type = types[id]?.string else {
                    throw .malformed(
                        config.path,
                        "route \(member.key.quotedForMessage) lists a module that \"types\" does not have")
                }
                modules.append(
                    try ModelModule(type: type, path: ModelFolder.join(path, id), file: config.path))
            }
            routes.append((member.key, modules))
        }
        self.routes = routes
        let parameters = config["parameters"]
        let known = ["default_route", "allow_empty_key", "route_mappings"]
        if let other = parameters?.object?.members.first(where: { !known.contains($0.key) }) {
            throw .unsupported(
                config.path, "\"parameters\" has the member \(other.key.quotedForMessage), which is not known"
            )
        }
        let first = parameters?["allow_empty_key"]?.bool == false ? nil : structure.members.first?.key
        defaultRoute = parameters?["default_route"]?.string ?? first
        var mappings: [String: String] = [:]
        for member in parameters?["route_mappings"]?.object?.members ?? [] {
            mappings[member.key] = member.value.string ?? ""
        }
        self.mappings = mappings
        let named = mappings.values.sorted() + [defaultRoute].compactMap { $0 }
        if let route = named.first(where: { name in !routes.contains { $0.0 == name } }) {
            throw .malformed(
                config.path,
                "\"default_route\" or \"route_mappings\" names \(route.quotedForMessage), which is not a route"
            )
        }
    }

    package subscript(name: String) -> [ModelModule]? { routes.first { $0.name == name }?.modules }

    /// The route of a text with a task, as sentence-transformers resolves it; nil: there is none.
    package func route(ofTask task: String?) -> String? {
        let own = task.map { ["('\($0)', 'text')", "('\($0)', None)"] } ?? []
        for key in own + ["(None, 'text')", "(None, None)"] {
            if let route = mappings[key] { return route }
        }
        for name in [task, "text"] { if let name, self[name] != nil { return name } }
        return task == nil ? defaultRoute : nil
    }

    /// The routes that texts can take: of images there are others.
    package var ofTexts: [String] {
        let tasks = hasMappings ? ["query", "document"] : routes.map(\.name)
        let found = ([nil] + tasks).compactMap { route(ofTask: $0) }
        return routes.map(\.name).filter(found.contains)
    }
}
