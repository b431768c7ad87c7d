internal import MartletJSON
internal import MartletSystem
internal import MartletWeights

/// The digests of a model's files, each computed when it is first asked for. Batches of one loaded model
/// share them.
final class ModelDigests: Sendable {
    let weights: LazyDigest
    let tokenizer: LazyDigest
    let configuration: LazyDigest

    init(weights: LazyDigest, tokenizer: LazyDigest, configuration: LazyDigest) {
        self.weights = weights
        self.tokenizer = tokenizer
        self.configuration = configuration
    }

    /// - Parameters:
    ///   - source: Where the model was read from.
    ///   - tokenizer: The model whose tokenizer is used in place of its own; nil: its own.
    convenience init(of source: ModelSource, tokenizer other: ModelSource? = nil) {
        switch source.place {
        case .memory(let region, _):
            let whole = LazyDigest { region.withUnsafeBytes { "sha256:" + SHA256.digest(of: $0) } }
            self.init(weights: whole, tokenizer: whole, configuration: whole)
        case .path(let path):
            let folder = ModelFolder(path: path)
            guard folder.isFolder else {
                let file = FileDigest(path: path)
                let whole = LazyDigest { "sha256:" + file.value }
                self.init(weights: whole, tokenizer: whole, configuration: whole)
                return
            }
            let (modules, routing) = Self.modules(of: folder)
            let (first, later) = (modules.first ?? "", modules.dropFirst())
            let inner = first.isEmpty ? folder : ModelFolder(path: folder.path(of: first))
            // An adapter's base may be in a folder of its own.
            let base = (try? FolderConfiguration(folder))?.base
            let hasTokenizer = ModelFileNames.tokenizers.contains(where: inner.contains)
            let own = Self.digest(
                hasTokenizer ? inner : base ?? inner,
                ModelFileNames.tokenizers.filter((hasTokenizer ? inner : base ?? inner).contains).prefix(1)
                    + ["tokenizer_config.json"])
            self.init(
                weights: Self.weights(
                    inner, base: base, others: later.map { ModelFolder(path: folder.path(of: $0)) }),
                tokenizer: other.map { ModelDigests(of: $0).tokenizer } ?? own,
                configuration: routing.isEmpty
                    ? Self.digest(base ?? inner, ["config.json"])
                    : Self.digest(folder, routing + modules.map { ModelFolder.join($0, "config.json") }))
        }
    }

    /// The folders of the modules, those of a Router's routes in its place, and the file that names these;
    /// as far as they can be read: what is wrong with them is an error of loading.
    private static func modules(of folder: ModelFolder) -> (folders: [String], routing: [String]) {
        guard let list = try? folder.json("modules.json") else { return ([], []) }
        guard let modules = try? ModelModule.list(list, file: "") else { return ([], []) }
        guard let place = ModuleRoutes.place(in: modules),
            let routes = try? ModuleRoutes(folder, path: modules[place].path)
        else { return (modules.map(\.path), []) }
        var folders = modules.map(\.path)
        folders.replaceSubrange(place...place, with: routes.modules.map(\.path))
        var seen = Set<String>()
        let name = ModuleRoutes.fileNames.map { ModelFolder.join(modules[place].path, $0) }
            .first(where: folder.contains)
        return (folders.filter { seen.insert($0).inserted }, name.map { [$0] } ?? [])
    }

    /// The weight files of the encoder and of the modules after it.
    private static func weights(_ encoder: ModelFolder, base: ModelFolder?, others: [ModelFolder])
        -> LazyDigest
    {
        let place = base ?? encoder
        var files = weightFiles(place).map { ($0, FileDigest(path: place.path(of: $0))) }
        // An adapter changes the weights.
        let adapter = AdapterConfiguration.weights + [AdapterConfiguration.fileName]
        files += adapter.filter(encoder.contains).map { ($0, FileDigest(path: encoder.path(of: $0))) }
        for folder in others {
            let place = folder.path.split(separator: "/").last.map(String.init) ?? ""
            files += weightFiles(folder).map { ("\(place)/\($0)", FileDigest(path: folder.path(of: $0))) }
        }
        return LazyDigest { [files] in combined(files) }
    }

    private static func weightFiles(_ folder: ModelFolder) -> [String] {
        let name = ModelFileNames.weights(folder.contains) {
            (try? folder.map(ModelFileNames.torch)?.region.withUnsafeBytes { ModelFileNames.isZip($0) })
                ?? false
        }
        guard let name else { return [] }
        if name.hasSuffix(".xml") { return [name, OpenVINOFile.numbers(of: name)] }
        guard name == ModelFileNames.safetensorsIndex, let map = try? folder.json(name)?["weight_map"]?.object
        else { return [name] }
        return Set(map.members.compactMap(\.value.string)).sorted()
    }

    private static func digest(_ folder: ModelFolder, _ names: some Sequence<String>) -> LazyDigest {
        let files = names.filter(folder.contains).map { ($0, FileDigest(path: folder.path(of: $0))) }
        return LazyDigest { combined(files) }
    }

    /// The digest of one file is its own, as the hub names it; of several, that of their list.
    private static func combined(_ files: [(name: String, digest: FileDigest)]) -> String {
        guard let first = files.first else { return "none" }
        if files.count == 1 { return "sha256:" + first.digest.value }
        return "sha256:" + SHA256.digest(of: files.map { "\($0.name) \($0.digest.value)\n" }.joined())
    }
}
