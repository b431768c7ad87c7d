internal import MartletJSON
internal import MartletModels

/// Reads the modules of sentence-transformers' `SparseEncoder`.
enum SparseModules {
    struct Module {
        /// The last part of the class's name; empty for a class outside sentence-transformers, which is code that the model brings along.
        let name: String
        let type: String
        let path: String
    }

    /// The modules of modules.json; nil: there is no such file.
    static func list(_ folder: ModelFolder) throws(MartletError) -> [Module]? {
        let file = folder.path(of: "modules.json")
        guard let json = try folder.json("modules.json") else { return nil }
        guard let list = json.array else { throw .malformed(file, "expected a list of modules, found \(json.kind)") }
        var modules: [Module] = []
        for (index, module) in list.enumerated() {
            guard let type = module["type"]?.string, let path = module["path"]?.string else {
                throw .malformed(file, "module \(index): expected an object with \"type\" and \"path\" as strings")
            }
            modules.append(try self.module(type: type, path: path, file))
        }
        return modules
    }

    static func module(type: String, path: String, _ file: String) throws(MartletError) -> Module {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.hasPrefix("/"), !parts.contains(".."), !path.contains("\\") else {
            throw .malformed(file, "the module path \(path.quotedForMessage) leads out of the model folder")
        }
        let isKnown = type.hasPrefix("sentence_transformers.")
        return Module(name: isKnown ? type.split(separator: ".").last.map(String.init) ?? "" : "", type: type, path: path)
    }

    /// What modules in a row do.
    static func route(_ folder: ModelFolder, _ modules: [Module]) throws(MartletError) -> SparseFolder.Route {
        let file = folder.path(of: "modules.json")
        let names = modules.map(\.name)
        switch names {
        case ["MLMTransformer", "SpladePooling"], ["Transformer", "SpladePooling"]:
            return .maskedLM(folder: modules[0].path, try pooling(folder, modules[1].path))
        case ["SparseStaticEmbedding"]: return .statics(folder: modules[0].path)
        case let names where names.contains("MultiVectorMask") || modules.contains { $0.type.hasPrefix("pylate.") }:
            throw .unsupported(file, "describes a model of late interaction; use LateInteractionEmbedder, or --kind multi")
        case let names where names.contains("Pooling") && !names.contains("SparseAutoEncoder"):
            throw .unsupported(file, "describes a model that makes dense vectors; use Embedder, or --kind dense")
        default:
            throw .unsupported(
                file,
                "the modules \(modules.map(\.type.quotedForMessage).joined(separator: ", ")) make no sparse vectors that are supported; "
                    + "an MLMTransformer (or Transformer) and SpladePooling do, and SparseStaticEmbedding")
        }
    }

    /// The routes of a Router: its configuration lists modules by route.
    static func routes(_ folder: ModelFolder, _ path: String) throws(MartletError)
        -> (query: SparseFolder.Route, document: SparseFolder.Route, unnamed: SparseFolder.Route)
    {
        let names = ["router_config.json", "config.json"].map { join(path, $0) }
        guard let name = names.first(where: folder.contains), let config = try folder.config(name) else {
            throw MartletError(
                .missingFile, "\(folder.path(of: names[0])) is missing: it says which modules texts of a role go through",
                file: folder.path(of: names[0]))
        }
        guard let types = config["types"]?.object, let structure = config["structure"]?.object else {
            throw .malformed(config.path, "expected the objects \"types\" and \"structure\"")
        }
        if let mappings = config["parameters"]?["route_mappings"]?.object, !mappings.members.isEmpty {
            throw .unsupported(config.path, "\"route_mappings\" are not supported; routes named \"query\" and \"document\" are")
        }
        var routes: [String: SparseFolder.Route] = [:]
        for member in structure.members {
            var modules: [Module] = []
            for id in member.value.array ?? [] {
                guard let id = id.string, let type = types[id]?.string else {
                    throw .malformed(config.path, "route \(member.key.quotedForMessage) lists a module that \"types\" does not have")
                }
                modules.append(try module(type: type, path: join(path, id), config.path))
            }
            routes[member.key] = try route(folder, modules)
        }
        guard let query = routes["query"], let document = routes["document"] else {
            throw .unsupported(config.path, "expected the routes \"query\" and \"document\", found \(routes.keys.sorted())")
        }
        let chosen = config["parameters"]?["default_route"]?.string ?? structure.members.first?.key ?? ""
        guard let unnamed = routes[chosen] else {
            throw .malformed(config.path, "\"default_route\" is \(chosen.quotedForMessage), which is no route")
        }
        return (query, document, unnamed)
    }

    private static func pooling(_ folder: ModelFolder, _ path: String) throws(MartletError) -> SpladePooling {
        let config = try folder.requireConfig(join(path, "config.json"), for: "how logits are pooled")
        var pooling = SpladePooling()
        if let name = try config.string("pooling_strategy") {
            guard let strategy = SpladePooling.Strategy(rawValue: name) else {
                throw .unsupported(config.path, "\"pooling_strategy\" is \(name.quotedForMessage), expected \"max\" or \"sum\"")
            }
            pooling.strategy = strategy
        }
        if let name = try config.string("activation_function") {
            guard let activation = SpladePooling.Activation(rawValue: name) else {
                throw .unsupported(config.path, "\"activation_function\" is \(name.quotedForMessage), expected \"relu\" or \"log1p_relu\"")
            }
            pooling.activation = activation
        }
        return pooling
    }

    static func join(_ folder: String, _ file: String) -> String { folder.isEmpty ? file : folder + "/" + file }
}
