internal import Martlet
internal import MartletJSON
internal import MartletWeights

/// Which of a repository's files the engine reads: the configuration, the tokenizer and one form of the
/// weights; never a second copy of the weights for another engine, and never code.
struct FileSelection: Sendable {
    let repository: String
    let all: Set<String>
    /// A GGUF file's name or quantisation, if one was asked for.
    let variant: String?

    /// Small files that say how to read a model or a module of it.
    private static let descriptions = [
        "config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt",
        "vocab.json",
        "merges.txt", "chat_template.jinja", "artifact.metadata", "idf.json", "stopwords.txt",
        // The small heads of bge-m3, beside the encoder.
        "sparse_linear.safetensors", "sparse_linear.pt", "colbert_linear.safetensors", "colbert_linear.pt",
        // LoRA adapters are small, too.
        "adapter_config.json", "adapter_model.safetensors",
    ]
    static let router = "router_config.json"

    init(repository: String, all: [String], variant: String?) {
        self.repository = repository
        self.all = Set(all)
        self.variant = variant
    }

    private var isGGUF: Bool {
        if variant != nil { return true }
        let hasFolder = [ModelFileNames.safetensors, ModelFileNames.safetensorsIndex].contains { name in
            all.contains { $0 == name || $0.hasSuffix("/\(name)") }
        }
        return !hasFolder && all.contains(where: Self.isGGUF)
    }

    /// Files to read before it is known which others are needed.
    var indices: [String] {
        if isGGUF { return [] }
        let index = ModelFileNames.safetensorsIndex
        return all.filter {
            ["modules.json", index].contains($0) || $0.hasSuffix("/\(index)") || Self.isRouter($0)
        }.sorted()
    }

    /// Whether a file lists the routes of a Router, or of the `Asym` of older versions.
    private static func isRouter(_ file: String) -> Bool {
        file == router || file.hasSuffix("/\(router)") || file.hasSuffix("_Asym/config.json")
    }

    /// The encoder's file of torch.save, where an export is fetched in its place if it is none of the form
    /// that is read.
    func torchBesideExport(_ texts: [String: [UInt8]]) throws(HubError) -> String? {
        if isGGUF || texts[Self.router] != nil { return nil }
        let folder =
            try texts["modules.json"].map { (bytes) throws(HubError) in try modules(bytes) }?.first ?? ""
        let prefix = Self.prefix(folder)
        var hasChoice = false
        let name = ModelFileNames.weights({ all.contains(prefix + $0) }) {
            hasChoice = true
            return true
        }
        return hasChoice ? name.map { prefix + $0 } : nil
    }

    /// All files to fetch; weights come last.
    /// - Parameters:
    ///   - texts: The contents of `indices`.
    ///   - pickles: Files of torch.save that are not of the form that is read.
    func files(_ texts: [String: [UInt8]], pickles: Set<String> = []) throws(HubError) -> [String] {
        if isGGUF { return [try gguf()] }
        var folders = [""]
        let paths = try texts["modules.json"].map { (bytes) throws(HubError) in try modules(bytes) } ?? []
        folders += paths
        for (file, bytes) in texts where Self.isRouter(file) { folders += try routes(bytes, file) }
        var wanted: Set<String> = []
        var weighted = false
        let encoder = paths.first ?? ""
        for folder in folders {
            let prefix = Self.prefix(folder)
            for name in Self.descriptions + FolderConfiguration.textNames { wanted.insert(prefix + name) }
            // One of them is read, and each has megabytes.
            let tokenizers =
                [ModelFileNames.tokenizer] + ModelFileNames.sentencePiece + [ModelFileNames.pieces]
            if let name = tokenizers.first(where: { all.contains(prefix + $0) }) {
                wanted.insert(prefix + name)
            }
            // Adapters for tasks, each in a folder of its own.
            wanted.formUnion(
                all.filter { $0.hasPrefix(prefix + "adapters/") && $0.contains("/adapter_") })
            if all.contains(prefix + "adapter_model.safetensors") { weighted = true }
            let mayBeExport = folder == encoder && texts[Self.router] == nil
            let name = ModelFileNames.weights {
                let isExport = (ModelFileNames.exports + ModelFileNames.openVINO).contains($0)
                return all.contains(prefix + $0) && (mayBeExport || !isExport)
            } isZip: {
                !pickles.contains(prefix + ModelFileNames.torch)
            }
            guard let file = name.map({ prefix + $0 }) else { continue }
            weighted = true
            wanted.insert(file)
            if file.hasSuffix(".xml") { wanted.insert(OpenVINOFile.numbers(of: file)) }
            wanted.formUnion(
                all.filter {
                    file.hasSuffix(".onnx") && ($0.hasPrefix(file + "_data") || $0.hasPrefix(file + ".data"))
                })
            for shard in try texts[file].map({ (bytes) throws(HubError) in try shards(bytes, file) }) ?? [] {
                guard all.contains(prefix + shard) else {
                    throw wrong(file, "names \(shard.quotedForMessage), which is not there")
                }
                wanted.insert(prefix + shard)
            }
        }
        wanted.formUnion(["modules.json", "config_sentence_transformers.json"] + all.filter(Self.isRouter))
        guard weighted else { throw noWeights() }
        return wanted.intersection(all).sorted { (Self.rank($0), $0) < (Self.rank($1), $1) }
    }

    private static func prefix(_ folder: String) -> String { folder.isEmpty ? "" : folder + "/" }

    /// Weights are linked last: where they are, the rest is.
    private static func rank(_ file: String) -> Int {
        if [".safetensors", ".gguf", ".bin", ".onnx"].contains(where: file.hasSuffix) { return 2 }
        return file.contains(".onnx") ? 1 : 0
    }

    /// The folders of a list of modules.
    private func modules(_ bytes: [UInt8]) throws(HubError) -> [String] {
        guard let json = try? JSONValue.parse(bytes) else { throw wrong("modules.json", "is not JSON") }
        do throws(MartletError) {
            return try ModelModule.list(json, file: "\(repository)/modules.json").map(\.path)
        } catch {
            throw HubError(.invalidResponse, error.message, repository: repository)
        }
    }

    /// The folders of a router's modules.
    private func routes(_ bytes: [UInt8], _ file: String) throws(HubError) -> [String] {
        guard let object = (try? JSONValue.parse(bytes))?.object else {
            throw wrong(file, "is not a JSON object")
        }
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        do throws(MartletError) {
            return try ModuleRoutes(
                ConfigFile(path: "\(repository)/\(file)", object: object), path: folder
            ).modules.map(\.path)
        } catch {
            throw HubError(.invalidResponse, error.message, repository: repository)
        }
    }

    private func shards(_ bytes: [UInt8], _ file: String) throws(HubError) -> Set<String> {
        guard let map = (try? JSONValue.parse(bytes))?["weight_map"]?.object else {
            throw wrong(file, "has no \"weight_map\"")
        }
        var names: Set<String> = []
        for member in map.members {
            guard let name = member.value.string, SafePath.isComponent(name) else {
                throw wrong(file, "tensor \(member.key.quotedForMessage) lies in no file of this folder")
            }
            names.insert(name)
        }
        return names
    }

    func noWeights() -> HubError {
        let others = [".onnx", ".h5", ".pt", ".msgpack"].filter { ending in
            all.contains { $0.hasSuffix(ending) }
        }
        let found =
            others.isEmpty
            ? "" : " (it has \(others.map { $0.hasPrefix(".") ? "*\($0)" : $0 }.joined(separator: ", ")))"
        return HubError(
            .noWeights,
            "\(repository) has neither \(ModelFileNames.safetensors) nor \(ModelFileNames.torch) nor a GGUF file nor onnx/model.onnx\(found); "
                + "find a repository with the model in one of these forms",
            repository: repository)
    }

    private func wrong(_ file: String, _ reason: String) -> HubError {
        HubError(.invalidResponse, "\(repository)/\(file): \(reason)", repository: repository)
    }
}
