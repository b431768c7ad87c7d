internal import Martlet
internal import MartletJSON
internal import MartletModels
internal import MartletWeights

/// What the files of a snapshot say of the model, without reading its weights.
struct SnapshotFiles {
    var path: String
    var kind: ModelKind?
    var family: String?
    var problem: String?

    private static let configLimit = 16 << 20

    init(repository: String, folder: String, files: [String], variant: String?) {
        path = folder
        let present = files.filter { Files.status("\(folder)/\($0)")?.isRegular == true }
        // In the order in which a pull takes them.
        let weights = [".safetensors", ".gguf", ModelFileNames.torch, ".onnx", ".xml"]
        let form = weights.first { ending in present.contains { $0.hasSuffix(ending) } }
        if variant != nil || form == nil || form == ".gguf" {
            readGGUF(repository, folder, present, variant)
        } else {
            readFolder(repository, folder, Set(present))
        }
    }

    private mutating func readGGUF(
        _ repository: String, _ folder: String, _ files: [String], _ variant: String?
    ) {
        let all = files.filter { $0.hasSuffix(".gguf") }
        let order = variant.map { [$0] } ?? FileSelection.quantisations
        let chosen = order.lazy.compactMap { FileSelection.matches($0, in: all).first }.first
        guard let file = chosen ?? (variant == nil ? all.first : nil) else {
            let what =
                variant.map { "the GGUF file \($0.quotedForMessage)" } ?? "weights in a form that is read"
            let name = repository + (variant.map { ":\($0)" } ?? "")
            problem = "the cache lacks \(what); run: martlet pull \(name)"
            readConfig("\(folder)/config.json")
            return
        }
        path = "\(folder)/\(file)"
        do throws(WeightError) {
            let weights = try GGUFFile(path: path)
            family = weights.metadata.string("general.architecture")
            checkFamily(isGGUF: true)
            if problem == nil { check(weights) }
        } catch {
            problem = error.message
        }
    }

    private mutating func readFolder(_ repository: String, _ folder: String, _ files: Set<String>) {
        let (configuration, manifest): (FolderConfiguration, ModelManifest)
        do throws(MartletError) {
            configuration = try FolderConfiguration(ModelFolder(path: folder))
            manifest = try ModelManifest(configuration)
        } catch {
            problem = error.message
            return
        }
        family = manifest.family.isEmpty ? nil : manifest.family
        kind = Self.kind(configuration, manifest)
        let prefix = manifest.encoderFolder.isEmpty ? "" : manifest.encoderFolder + "/"
        let isContextual = manifest.kind == .contextual
        var missing: [String] = []
        if !files.contains(prefix + "config.json"), kind != .static { missing.append(prefix + "config.json") }
        // cde-small-v1 is published without a tokenizer: the command lends it one, and the library's caller
        // names one.
        if !isContextual, !ModelFileNames.tokenizers.contains(where: { files.contains(prefix + $0) }) {
            missing.append(prefix + ModelFileNames.tokenizer)
        }
        let found = weights(folder, prefix, files)
        missing += found.missing
        if missing.isEmpty, isContextual {
            checkContextual(folder)
        } else if missing.isEmpty {
            if kind != .static { checkFamily(isGGUF: false) }
            if problem == nil { check(repository, "\(folder)/\(prefix)", "\(folder)/\(prefix)\(found.name)") }
        } else {
            problem = "the cache lacks \(missing.joined(separator: ", ")); run: martlet pull \(repository)"
        }
    }

    /// The file that the weights are opened by, inside the folder `prefix`, and what is not there of them.
    private func weights(_ folder: String, _ prefix: String, _ files: Set<String>) -> (
        name: String, missing: [String]
    ) {
        let name = ModelFileNames.weights {
            files.contains(prefix + $0)
        } isZip: {
            ModelFileNames.isZip(Files.beginning("\(folder)/\(prefix)\(ModelFileNames.torch)", count: 2))
        }
        guard let name else { return (ModelFileNames.safetensors, [prefix + ModelFileNames.safetensors]) }
        guard name == ModelFileNames.safetensorsIndex else { return (name, []) }
        let bytes = (try? Files.read("\(folder)/\(prefix)\(name)", limit: 64 << 20)) ?? []
        guard let map = (try? JSONValue.parse(bytes))?["weight_map"]?.object else {
            return (name, [prefix + ModelFileNames.safetensors])
        }
        let shards = Set(map.members.compactMap(\.value.string)).map { prefix + $0 }
        return (name, shards.filter { !files.contains($0) }.sorted())
    }

    /// Opens the weights and reads the configuration, as the beginning of a load does.
    private mutating func check(_ repository: String, _ folder: String, _ weights: String) {
        do throws(WeightError) {
            let stored = try WeightSources.open(path: weights)
            guard kind != .static else { return }
            let config = folder + "config.json"
            guard let bytes = try? Files.read(config, limit: Self.configLimit),
                let json = try? JSONValue.parse(bytes)
            else {
                problem = "\(config) is no JSON"
                return
            }
            let source = try QuantisedSource.reading(stored, Quantisation(json, file: config))
            do throws(ModelError) {
                let blueprint = try ArchitectureRegistry.blueprint(configuration: json, file: config)
                try ArchitectureRegistry.check(blueprint, weights: source, weightFile: weights)
            } catch {
                problem = error.message
            }
        } catch {
            let origin =
                KnownExports.origins[repository].map { "; the model itself: martlet pull \($0)" } ?? ""
            problem = error.message + origin
        }
    }

    private mutating func checkContextual(_ folder: String) {
        do throws(MartletError) {
            try ModelSource.path(folder).checkContextual()
        } catch {
            problem = error.message
        }
    }

    private mutating func check(_ weights: GGUFFile) {
        do throws(ModelError) {
            let blueprint = try ArchitectureRegistry.blueprint(gguf: weights, file: path)
            try ArchitectureRegistry.check(blueprint, weights: weights, weightFile: path)
        } catch {
            problem = error.message
        }
    }

    /// `model_type`, of a folder without weights.
    private mutating func readConfig(_ path: String) {
        guard let bytes = try? Files.read(path, limit: Self.configLimit),
            let config = try? JSONValue.parse(bytes)
        else { return }
        family = config["model_type"]?.string
    }

    /// The manifest's kind in the hub's terms; nil where no file says that a model embeds.
    private static func kind(_ files: FolderConfiguration, _ manifest: ModelManifest) -> ModelKind? {
        let isStatic = manifest.family == "model2vec" || files.architectures.contains("StaticModel")
        if isStatic || manifest.modules.contains(where: { $0.name == "StaticEmbedding" }) { return .static }
        switch manifest.kind {
        case .sparse: return .sparse
        case .lateInteraction: return .multiVector
        case .reranker, .classifier: return .reranker
        case .contextual: return .dense
        case .embedder: return manifest.modules.isEmpty ? nil : .dense
        }
    }

    private mutating func checkFamily(isGGUF: Bool) {
        guard let family else {
            problem = "\(path): nothing says which architecture it is"
            return
        }
        let isSupported =
            isGGUF
            ? ArchitectureRegistry.reads(ggufArchitecture: family)
            : ArchitectureRegistry.reads(modelType: family)
        if kind != .static, !isSupported {
            problem = "the architecture \(family.quotedForMessage) is not supported"
        }
    }
}
