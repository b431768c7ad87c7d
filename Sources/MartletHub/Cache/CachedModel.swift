public import Martlet
internal import MartletJSON
internal import MartletModels
internal import MartletWeights

/// A model in the cache.
public struct CachedModel: Sendable, Hashable {
    /// `org/repo`
    public let repository: String
    /// The commit, 40 hexadecimal digits.
    public let commit: String
    /// The branches and tags that stand for the commit here.
    public let revisions: [String]
    /// What an embedder opens: the folder of the commit, or a GGUF file in it.
    public let path: String
    /// Bytes of all of its files, links followed.
    public let size: Int
    /// When it was fetched last, in seconds since 1970.
    public let modified: Int
    /// What the model gives; nil where its files do not tell.
    public let kind: ModelKind?
    /// `model_type` of config.json, or `general.architecture` of a GGUF file; nil where there is none.
    public let family: String?
    /// Why the model cannot be used, and what to do; nil if it can.
    public let problem: String?

    /// The row of the model in the list of known ones.
    public var known: KnownModel? { KnownModels.ofRepository(repository) }

    /// What to open an embedder with. Where the files have no prompts, those of the list of known models apply.
    public var source: ModelSource {
        var source = ModelSource.path(path)
        source.published = PublishedFacts(
            name: repository, queryPrompt: known?.queryPrompt, documentPrompt: known?.documentPrompt)
        return source
    }
}

extension CachedModel {
    init(_ cache: HubCache, _ repository: String, commit: String, variant: String?) {
        let folder = cache.snapshot(repository, commit)
        let files = Files.tree(folder)
        var seen: Set<[UInt64]> = []
        var size = 0
        var modified = Files.status(folder)?.modified ?? 0
        for file in files {
            guard let status = Files.status("\(folder)/\(file)"), seen.insert(status.identity).inserted else { continue }
            size += status.size
            modified = max(modified, status.modified)
        }
        let found = SnapshotFiles(repository: repository, folder: folder, files: files, variant: variant)
        self.repository = repository
        self.commit = commit
        revisions = cache.revisions(repository).filter { $0.commit == commit }.map(\.name)
        path = found.path
        self.size = size
        self.modified = modified
        kind = KnownModels.ofRepository(repository)?.kind ?? found.kind
        family = found.family
        problem = found.problem
    }
}

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
        if variant != nil || !present.contains(where: { $0.hasSuffix(".safetensors") }) {
            readGGUF(repository, folder, present, variant)
        } else {
            readFolder(repository, folder, Set(present))
        }
    }

    private mutating func readGGUF(_ repository: String, _ folder: String, _ files: [String], _ variant: String?) {
        let all = files.filter { $0.hasSuffix(".gguf") }
        let order = variant.map { [$0] } ?? FileSelection.quantisations
        let chosen = order.lazy.compactMap { name in all.first { FileSelection.isVariant($0, name) } }.first
        guard let file = chosen ?? (variant == nil ? all.first : nil) else {
            let what = variant.map { "the GGUF file \($0.quotedForMessage)" } ?? "weights in safetensors or GGUF form"
            let name = repository + (variant.map { ":\($0)" } ?? "")
            problem = "the cache lacks \(what); run: martlet pull \(name)"
            readConfig("\(folder)/config.json")
            return
        }
        path = "\(folder)/\(file)"
        do throws(WeightError) {
            family = try GGUFFile(path: path).metadata.string("general.architecture")
            checkFamily(isGGUF: true)
        } catch {
            problem = error.message
        }
    }

    private mutating func readFolder(_ repository: String, _ folder: String, _ files: Set<String>) {
        var inner = ""
        if files.contains("modules.json") {
            let modules = (try? JSONValue.parse(Files.read("\(folder)/modules.json", limit: Self.configLimit)))?.array ?? []
            inner = modules.first?["path"]?.string ?? ""
            for module in modules { note(module: module["type"]?.string ?? "") }
        }
        let prefix = inner.isEmpty ? "" : inner + "/"
        readConfig("\(folder)/\(prefix)config.json")
        var missing: [String] = []
        if !files.contains(prefix + "config.json"), kind != .static { missing.append(prefix + "config.json") }
        if !files.contains(prefix + "tokenizer.json"), !files.contains(prefix + "vocab.txt") { missing.append(prefix + "tokenizer.json") }
        missing += missingWeights(folder, prefix, files)
        if missing.isEmpty {
            if kind != .static { checkFamily(isGGUF: false) }
        } else {
            problem = "the cache lacks \(missing.joined(separator: ", ")); run: martlet pull \(repository)"
        }
    }

    private func missingWeights(_ folder: String, _ prefix: String, _ files: Set<String>) -> [String] {
        if files.contains(prefix + FileSelection.singleWeights) { return [] }
        let index = prefix + FileSelection.weightIndex
        guard files.contains(index), let bytes = try? Files.read("\(folder)/\(index)", limit: 64 << 20),
            let map = (try? JSONValue.parse(bytes))?["weight_map"]?.object
        else { return [prefix + FileSelection.singleWeights] }
        return Set(map.members.compactMap(\.value.string)).filter { !files.contains(prefix + $0) }.map { prefix + $0 }.sorted()
    }

    private mutating func readConfig(_ path: String) {
        guard let bytes = try? Files.read(path, limit: Self.configLimit), let config = try? JSONValue.parse(bytes) else { return }
        family = config["model_type"]?.string
        let classes = config["architectures"]?.array?.compactMap(\.string) ?? []
        if family == "model2vec" || classes.contains("StaticModel") {
            kind = .static
        } else if classes.contains(where: { $0.hasSuffix("ForSequenceClassification") }) {
            kind = .reranker
        } else if classes.contains(where: { $0 == "HF_ColBERT" || $0.hasSuffix("ColBERT") }) {
            kind = .multiVector
        } else if kind == nil, Files.status(path.dropLast("config.json".count) + "modules.json") != nil {
            kind = .dense
        }
    }

    private mutating func note(module: String) {
        switch module.split(separator: ".").last ?? "" {
        case "SpladePooling", "SparseStaticEmbedding", "MLMTransformer": kind = .sparse
        case "StaticEmbedding": kind = .static
        default: break
        }
    }

    private mutating func checkFamily(isGGUF: Bool) {
        guard let family else {
            problem = "\(path): nothing says which architecture it is"
            return
        }
        let isSupported =
            isGGUF ? ArchitectureRegistry.reads(ggufArchitecture: family) : ArchitectureRegistry.reads(modelType: family)
        if kind != .static, !isSupported { problem = "the architecture \(family.quotedForMessage) is not supported" }
    }
}
