internal import MartletJSON
internal import MartletModels

extension ModelLoader {
    /// The routes of a dense model with a `Router`; nil: it has none.
    func routes(_ source: ModelSource) throws(MartletError) -> EngineRoutes? {
        guard case .path(let path) = source.place, ModelFolder(path: path).isFolder else { return nil }
        let place = ModelFolder(path: path)
        guard let list = try place.json("modules.json"),
            let index = try ModuleRoutes.place(
                in: ModelModule.list(list, file: place.path(of: "modules.json")))
        else { return nil }
        let files = try FolderConfiguration(place)
        guard let routing = files.routes else { return nil }
        // A model of another kind is refused by its kind.
        try ModelManifest(files).require(.embedder, at: path)
        if let task = configuration.task {
            throw MartletError(
                .invalidOption,
                "task \(task.quotedForMessage): this model has no adapters for tasks; drop the task",
                file: path)
        }
        let others = (files.modules ?? []).enumerated().filter { $0.offset != index }
        if others.contains(where: { ["Router", "Asym"].contains($0.element.name) }) {
            throw .unsupported(place.path(of: "modules.json"), "has more than one Router")
        }
        let hardware = try hardware()
        var parts: [(modules: [ModelModule], parts: ModelParts, engine: Engine)] = []
        var engines: [String: Engine] = [:]
        for name in routing.ofTexts {
            let modules = routing[name] ?? []
            if let same = parts.first(where: { $0.modules == modules }) {
                engines[name] = same.engine
                continue
            }
            let found = try folder(
                place, .vectors, hardware, nil, route: name, sharing: parts.map { $0.parts })
            let made = try engine(found, hardware)
            parts.append((modules, found, made))
            engines[name] = made
        }
        return try EngineRoutes(routing, engines, path: path)
    }
}
