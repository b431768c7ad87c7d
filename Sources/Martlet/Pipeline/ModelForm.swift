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
            for module in list {
                let name = module["type"]?.string?.split(separator: ".").last.map(String.init) ?? ""
                modules.append((name, module["path"]?.string ?? ""))
            }
            self.modules = modules
            encoderFolder = modules.first?.path ?? ""
            let parts = encoderFolder.split(separator: "/", omittingEmptySubsequences: false)
            guard !encoderFolder.hasPrefix("/"), !parts.contains(".."), !encoderFolder.contains("\\") else {
                throw .malformed(
                    folder.path(of: "modules.json"), "module 0: the path \(encoderFolder.quotedForMessage) leads out of the model folder")
            }
        }
        let config = try folder.config(encoderFolder.isEmpty ? "config.json" : encoderFolder + "/config.json")
        architecture = config?["architectures"]?[0]?.string
    }

    /// Whether the model's own modules end in vectors.
    private var pools: Bool { modules?.contains { $0.name == "Pooling" } ?? false }
    private var isClassifier: Bool { architecture?.hasSuffix("ForSequenceClassification") ?? false }
    /// Whether scores are the logits of words, as those of Qwen3-Reranker.
    var asksForWords: Bool { architecture?.hasSuffix("ForCausalLM") ?? false }

    /// sentence-transformers' name of what the transformer does.
    var task: String { asksForWords ? "text-generation" : "sequence-classification" }

    var kind: ModelKind { !pools && (isClassifier || modules?.contains { $0.name == "LogitScore" } ?? false) ? .reranker : .embedder }

    func requireVectors() throws(MartletError) {
        guard kind == .reranker else { return }
        throw MartletError(
            .unsupportedModel,
            "\(folder.path) holds \(architecture ?? "a model") which scores texts and has no vectors; use `martlet rerank` or Reranker",
            file: folder.path)
    }

    func requireScores() throws(MartletError) {
        guard folder.contains("config.json") || modules != nil else {
            throw MartletError(
                .missingFile, "\(folder.path) is no model folder: it has neither modules.json nor config.json", file: folder.path)
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
