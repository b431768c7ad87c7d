package import MartletJSON

/// One module of a model, as `modules.json` of sentence-transformers lists it.
public struct ModelModule: Codable, Hashable, Sendable {
    /// The class, with its package: `sentence_transformers.models.Pooling`.
    public let type: String
    /// The folder of the module's files inside the model folder; empty for the model folder itself.
    public let path: String

    /// The class without its package; empty for a class outside sentence-transformers, which is code that the
    /// model brings along.
    public var name: String {
        type.hasPrefix("sentence_transformers.") ? type.split(separator: ".").last.map(String.init) ?? "" : ""
    }

    /// - Parameter file: The file that lists the module, for messages.
    package init(type: String, path: String, file: String) throws(MartletError) {
        let path = path == "." ? "" : path
        guard path.isEmpty || SafePath.isRelative(path) else {
            throw .malformed(file, "the module path \(path.quotedForMessage) leads out of the model folder")
        }
        self.type = type
        self.path = path
    }

    /// The modules that a modules.json lists, in order.
    package static func list(_ json: JSONValue, file: String) throws(MartletError) -> [ModelModule] {
        guard let list = json.array else {
            throw .malformed(file, "expected a list of modules, found \(json.kind)")
        }
        var modules: [ModelModule] = []
        for (index, module) in list.enumerated() {
            guard let type = module["type"]?.string, let path = module["path"]?.string else {
                throw .malformed(
                    file, "module \(index): expected an object with \"type\" and \"path\" as strings")
            }
            for member in module.object?.members ?? []
            where !["idx", "name", "path", "type", "kwargs"].contains(member.key) {
                throw .unsupported(
                    file, "module \(index) has the member \(member.key.quotedForMessage), which is not known")
            }
            if let names = module["kwargs"]?.array, !names.isEmpty {
                // Names of arguments that encode() passes on to the module, such as jina-embeddings-v3's
                // task; without them it has defaults.
                guard names.allSatisfy({ $0.string != nil }) else {
                    throw .malformed(file, "module \(index): \"kwargs\" is not a list of names")
                }
            }
            modules.append(try ModelModule(type: type, path: path, file: file))
        }
        return modules
    }
}

/// What the configuration of a `Router` says: the modules that texts of each route go through.
package struct ModuleRoutes: Sendable {
    package let routes: [(name: String, modules: [ModelModule])]
    /// The route of a text without a role.
    package let defaultRoute: String

    /// Every module of every route.
    package var modules: [ModelModule] { routes.flatMap(\.modules) }

    /// The names of the file in the module's folder, the newer first.
    package static let fileNames = ["router_config.json", "config.json"]

    /// - Parameter path: The folder of the Router inside the model folder.
    package init(_ config: ConfigFile, path: String) throws(MartletError) {
        guard let types = config["types"]?.object, let structure = config["structure"]?.object else {
            throw .malformed(config.path, "expected the objects \"types\" and \"structure\"")
        }
        if let mappings = config["parameters"]?["route_mappings"]?.object, !mappings.members.isEmpty {
            throw .unsupported(
                config.path,
                "\"route_mappings\" are not supported; routes named \"query\" and \"document\" are")
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
        let chosen = config["parameters"]?["default_route"]?.string ?? structure.members.first?.key ?? ""
        guard routes.contains(where: { $0.0 == chosen }) else {
            throw .malformed(
                config.path, "\"default_route\" is \(chosen.quotedForMessage), which is not a route")
        }
        defaultRoute = chosen
    }

    package subscript(name: String) -> [ModelModule]? { routes.first { $0.name == name }?.modules }
}
