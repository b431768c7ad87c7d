internal import MartletJSON

/// What the files of a folder make of a text, as far as they say: vectors, or scores.
struct ModelForm {
    let folder: ModelFolder
    /// `architectures` of config.json, such as "BertForSequenceClassification".
    private var architecture: String?
    /// Names of the modules of modules.json, without their packages; nil: there is no such file.
    private var modules: [(name: String, path: String)]?
    /// The folder of the encoder's files inside the model folder.
    private(set) var encoderFolder = ""

    init(folder: ModelFolder) throws(MartletError) {
        self.folder = folder
        if let list = try folder.json("modules.json")?.array {
            var modules: [(name: String, path: String)] = []
            for (index, module) in list.enumerated() {
                let name = module["type"]?.string?.split(separator: ".").last.map(String.init) ?? ""
                let path = module["path"]?.string ?? ""
                let parts = path.split(separator: "/", omittingEmptySubsequences: false)
                guard !path.hasPrefix("/"), !parts.contains(".."), !path.contains("\\") else {
                    throw .malformed(
                        folder.path(of: "modules.json"), "module \(index): the path \(path.quotedForMessage) leads out of the model folder")
                }
                modules.append((name, path))
            }
            self.modules = modules
            encoderFolder = modules.first?.path ?? ""
        }
        let config = try folder.config(encoderFolder.isEmpty ? "config.json" : encoderFolder + "/config.json")
        architecture = config?["architectures"]?[0]?.string
    }

    /// Whether the model's own modules end in vectors.
    private var pools: Bool { modules?.contains { $0.name == "Pooling" } ?? false }
    private var isClassifier: Bool { architecture?.hasSuffix("ForSequenceClassification") ?? false }
    /// Whether scores are the logits of words, as those of Qwen3-Reranker.
    var asksForWords: Bool { architecture?.hasSuffix("ForCausalLM") ?? false }

    /// The folder that says which words' logits are the score; nil: there is no such module.
    var logitScoreFolder: String? { modules?.first { $0.name == "LogitScore" }?.path }

    /// sentence-transformers' name of what the transformer does.
    var task: String { asksForWords ? "text-generation" : "sequence-classification" }

    var kind: ModelKind { !pools && (isClassifier || logitScoreFolder != nil) ? .reranker : .embedder }

    /// Whether the model is one to be loaded for its scores: a language model that nothing makes an embedder is, too.
    var isForScores: Bool { kind == .reranker || asksForWords && modules == nil }

    func requireVectors() throws(MartletError) {
        guard kind == .reranker else { return }
        throw MartletError(
            .unsupportedModel,
            "\(folder.path) holds \(architecture ?? "a model"), which scores texts and has no vectors; use `martlet rerank` or Reranker",
            file: folder.path)
    }

    func requireScores() throws(MartletError) {
        guard folder.contains("config.json") || modules != nil else {
            throw MartletError(
                .missingFile, "\(folder.path) is no model folder: it has neither modules.json nor config.json", file: folder.path)
        }
        if let modules, let other = modules.dropFirst().first(where: { $0.name != "LogitScore" }), !pools {
            throw .unsupported(
                folder.path(of: "modules.json"),
                "holds a module of type \(other.name.quotedForMessage); a model that scores has a Transformer, and perhaps a LogitScore")
        }
        guard pools || !(isClassifier || asksForWords) else { return }
        let reason = pools ? "pools token vectors" : "has no head that scores"
        throw MartletError(
            .unsupportedModel,
            "\(folder.path) holds \(architecture ?? "a model without \"architectures\" in config.json"), which \(reason): it gives vectors; "
                + "use `martlet embed` or Embedder, or `martlet rerank --by-similarity`",
            file: folder.path)
    }
}
