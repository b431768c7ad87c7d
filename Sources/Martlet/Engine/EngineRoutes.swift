internal import MartletJSON
internal import MartletModels

/// The engines of a model whose queries and documents go through modules of their own.
struct EngineRoutes: Sendable {
    private let routing: ModuleRoutes
    private let engines: [String: Engine]
    /// That of texts without a role, or the first where these have none.
    let main: Engine
    let info: ModelInfo

    init(_ routing: ModuleRoutes, _ engines: [String: Engine], path: String) throws(MartletError) {
        self.routing = routing
        self.engines = engines
        let chosen = routing.route(ofTask: nil) ?? routing.ofTexts.first
        guard let name = chosen, let main = engines[name] else {
            throw MartletError(.invalidModel, "\(path): its Router has no route for texts", file: path)
        }
        self.main = main
        let names = routing.ofTexts
        var info = main.info
        let ordered = names.compactMap { name in engines[name].map { (name, $0) } }
        if let other = ordered.first(where: { $0.1.info.dimensions != info.dimensions }) {
            throw MartletError(
                .unsupportedModel,
                "\(path): the route \(name.quotedForMessage) gives vectors of \(info.dimensions) dimensions and \(other.0.quotedForMessage) of "
                    + "\(other.1.info.dimensions); both must have as many", file: path)
        }
        info.pipeline = ordered.map { "\($0.0): \($0.1.info.pipeline)" }.joined(separator: "; ")
        info.normalizes = ordered.allSatisfy { $0.1.info.normalizes }
        info.notes = ordered.reduce(into: [String]()) { notes, route in
            notes += route.1.info.notes.filter { !notes.contains($0) }
        }
        var (engines, encoders) = (Set<ObjectIdentifier>(), Set<String>())
        info.workingMemoryLimit = 0
        info.parameters = 0
        for (_, engine) in ordered {
            if engines.insert(ObjectIdentifier(engine)).inserted {
                info.workingMemoryLimit += engine.workingMemoryLimit
            }
            if encoders.insert(engine.pipeline.encoderFolder).inserted {
                info.parameters += engine.info.parameters
            }
        }
        self.info = info
    }

    /// The engine of a role, and the role that chooses its prompt.
    func choose(_ role: TextRole?) throws(MartletError) -> (engine: Engine, role: TextRole?) {
        let task: String? =
            switch role?.kind {
            case nil: nil
            case .query: "query"
            case .document: "document"
            // A prompt of the model, else a route that has no prompt.
            case .named(let name): main.pipeline.prompts[name] == nil && engines[name] != nil ? name : nil
            }
        guard let route = routing.route(ofTask: task), let engine = engines[route] else {
            let names = routing.ofTexts.map(\.quotedForMessage).joined(separator: ", ")
            let asked =
                task.map { "no route for \($0.quotedForMessage)" } ?? "no route for texts without a role"
            throw MartletError(
                .invalidOption, "\(info.name) has \(asked): it has \(names)")
        }
        if case .named(let name) = role?.kind, name == task { return (engine, nil) }
        return (engine, role)
    }
}
