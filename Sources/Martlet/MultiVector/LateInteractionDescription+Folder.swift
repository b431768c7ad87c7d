internal import MartletJSON

extension LateInteractionDescription {
    static let besideNames = ["colbert_linear.safetensors", "colbert_linear.pt"]

    /// Reads a folder of bge-m3, of sentence-transformers' `MultiVectorEncoder`, of PyLate, or of ColBERT's
    /// own (`artifact.metadata`).
    init(_ folder: ModelFolder) throws(MartletError) {
        let files = try FolderConfiguration(folder)
        try ModelManifest(files).require(.lateInteraction, at: folder.path)
        if let name = Self.besideNames.first(where: folder.contains) {
            self.init(projection: .beside(name))
            dropsFirst = true
            return
        }
        guard let modules = files.modules else {
            try self.init(original: folder)
            return
        }
        self.init(projection: .modules([]))
        try read(modules, files)
    }

    /// A checkpoint of ColBERT's own code. Source: its `ColBERTConfig`, whose defaults fill what
    /// artifact.metadata leaves out.
    private init(original folder: ModelFolder) throws(MartletError) {
        self.init(projection: .inline)
        let metadata = try folder.config("artifact.metadata")
        queryPrefix = (try metadata?.string("query_token_id") ?? "[unused0]") + " "
        documentPrefix = (try metadata?.string("doc_token_id") ?? "[unused1]") + " "
        documentLength = try metadata?.size("doc_maxlen")
        expansion = Expansion(
            length: try metadata?.size("query_maxlen") ?? 32,
            attends: try metadata?.bool("attend_to_mask_tokens") ?? false)
        skipped = try metadata?.bool("mask_punctuation") ?? true ? Self.punctuation : []
    }

    private mutating func read(_ modules: [ModelModule], _ files: FolderConfiguration) throws(MartletError) {
        let (folder, config) = (files.folder, files.model)
        let file = folder.path(of: "modules.json")
        let isPyLate =
            config.map { config in
                [
                    "query_prefix", "document_prefix", "query_length", "document_length",
                    "do_query_expansion", "skiplist_words",
                ].contains {
                    config.object[$0] != nil
                }
            } ?? false
        var dense: [String] = []
        var (hasMask, normalizes) = (false, false)
        for (index, module) in modules.enumerated() {
            switch module.type.split(separator: ".").last.map(String.init) ?? "" {
            case "Transformer" where index == 0 && !module.name.isEmpty: encoderFolder = module.path
            case "Dense"
            where index > 0 && (!module.name.isEmpty || module.type == "pylate.models.Dense.Dense"):
                dense.append(module.path)
            case "MultiVectorMask" where !module.name.isEmpty:
                hasMask = true
                try readMask(folder, module.path)
            case "Normalize" where !module.name.isEmpty: normalizes = true
            default:
                throw .unsupported(
                    file,
                    "module \(index) is \(module.type.quotedForMessage); models of late interaction have Transformer, Dense, MultiVectorMask "
                        + "and Normalize")
            }
        }
        guard hasMask || isPyLate else {
            throw .unsupported(
                file,
                "describes no model of late interaction: it has no MultiVectorMask, nor PyLate's settings")
        }
        projection = .modules(dense)
        // PyLate's own folders list neither the mask nor the normalisation.
        self.normalizes = normalizes || !hasMask
        if isPyLate, let config { try readPyLate(config, hasMask: hasMask) }
        try readLengths(files.text)
    }

    private mutating func readMask(_ folder: ModelFolder, _ path: String) throws(MartletError) {
        guard let config = try folder.config(ModelFolder.join(path, "config.json")) else { return }
        if let ids = config["keep_only_token_ids"]?.array, !ids.isEmpty {
            throw .unsupported(config.path, "\"keep_only_token_ids\" is set, which is for models of images")
        }
        skipped = try Self.strings(config, "skiplist_words") ?? []
        if let tasks = try Self.strings(config, "skiplist_tasks") {
            (skipsInDocuments, skipsInQueries) = (tasks.contains("document"), tasks.contains("query"))
        }
    }

    /// PyLate's settings, as sentence-transformers' `MultiVectorEncoder` takes them over.
    private mutating func readPyLate(_ config: ConfigFile, hasMask: Bool) throws(MartletError) {
        queryPrefix = try config.string("query_prefix")
        documentPrefix = try config.string("document_prefix")
        documentLength = try config.size("document_length")
        if !hasMask { skipped = try Self.strings(config, "skiplist_words") ?? Self.punctuation }
        if try config.bool("do_query_expansion") == false {
            queryLength = try config.size("query_length")
        } else {
            expansion = Expansion(
                length: try config.size("query_length") ?? 32,
                attends: try config.bool("attend_to_expansion_tokens") ?? false)
        }
    }

    /// The lengths and the expansion that newer folders keep beside the encoder's settings.
    private mutating func readLengths(_ config: ConfigFile?) throws(MartletError) {
        guard let config else { return }
        queryLength = try config.size("query_length") ?? queryLength
        documentLength = try config.size("document_length") ?? documentLength
        guard let value = config["query_expansion"] else { return }
        guard let object = value.object else { throw config.wrongKind("query_expansion", "an object", value) }
        let inner = ConfigFile(path: config.path, object: object)
        guard let length = try inner.size("length") else {
            throw .malformed(config.path, "\"query_expansion\" has no \"length\"")
        }
        if let most = try config.size("query_length"), most < length {
            throw .malformed(
                config.path,
                "\"query_length\" is \(most), but queries are filled up to \(length) tokens, the \"length\" of \"query_expansion\""
            )
        }
        let strategy = try inner.string("strategy") ?? "fixed"
        guard ["fixed", "min"].contains(strategy) else {
            throw .unsupported(
                config.path, "\"strategy\" is \(strategy.quotedForMessage), expected \"fixed\" or \"min\"")
        }
        expansion = Expansion(
            length: length, isFixed: strategy == "fixed", attends: try inner.bool("attend") ?? false,
            token: try inner.string("token"))
    }

    private static func strings(_ config: ConfigFile, _ key: String) throws(MartletError) -> [String]? {
        guard let value = config[key] else { return nil }
        guard let list = value.array else { throw config.wrongKind(key, "a list of strings", value) }
        var strings: [String] = []
        for item in list {
            guard let string = item.string else { throw config.wrongKind(key, "a list of strings", item) }
            strings.append(string)
        }
        return strings
    }
}
