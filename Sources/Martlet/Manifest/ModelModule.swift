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
