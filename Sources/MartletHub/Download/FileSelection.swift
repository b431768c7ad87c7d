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

    /// The order in which GGUF files are preferred: near the original first, yet small.
    static let quantisations = [
        "Q8_0", "F16", "FP16", "BF16", "F32", "FP32", "Q6_K", "Q5_K_M", "Q5_1", "Q5_0", "Q5_K_S", "Q4_K_M",
        "Q4_1", "Q4_0", "Q4_K_S",
        "IQ4_NL", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K",
    ]

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

    static func isGGUF(_ file: String) -> Bool { file.hasSuffix(".gguf") && !file.contains("mmproj") }

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

    private func gguf() throws(HubError) -> String {
        let found = all.filter(Self.isGGUF).sorted()
        guard !found.isEmpty else { throw noWeights() }
        let names = found.joined(separator: ", ")
        if let variant {
            let matches = found.filter { Self.isVariant($0, variant) }
            guard let match = matches.first, matches.count == 1 else {
                throw HubError(
                    .notFound,
                    "\(repository) has \(matches.isEmpty ? "no" : "more than one") GGUF file \(variant.quotedForMessage); it has \(names)",
                    repository: repository)
            }
            return match
        }
        if found.count == 1 { return found[0] }
        for quantisation in Self.quantisations {
            if let match = found.first(where: { Self.isVariant($0, quantisation) }) { return match }
        }
        throw HubError(
            .notFound, "\(repository) has several GGUF files; name one as \(repository):FILE: \(names)",
            repository: repository)
    }

    /// Whether a GGUF file is meant by a name: the file's, or the quantisation that it ends in.
    static func isVariant(_ file: String, _ variant: String) -> Bool {
        let name = (file.split(separator: "/").last.map(String.init) ?? file).lowercased()
        let variant = variant.lowercased()
        if name == variant || name == variant + ".gguf" { return true }
        let stem = name.dropLast(".gguf".count)
        guard stem.hasSuffix(variant) else { return false }
        let before = stem.dropLast(variant.count).last
        return before == "-" || before == "." || before == "_"
    }

    private func noWeights() -> HubError {
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
