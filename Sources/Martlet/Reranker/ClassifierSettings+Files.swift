internal import MartletJSON
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

extension ClassifierSettings {
    /// Of a folder as transformers or sentence-transformers saves it, or of a GGUF file.
    init(_ files: ModelFiles, _ engine: Engine) throws(MartletError) {
        guard let (folder, config) = files.folder else {
            guard let gguf = files.weights as? GGUFFile else {
                throw .unsupported(files.weightFile, "is no GGUF file")
            }
            try self.init(gguf, files.weightFile, engine)
            return
        }
        var notes: [String] = []
        let root = files.root ?? folder
        let frame = try Self.frame(root, config, &notes)
        if frame == nil { try Self.requirePairs(folder, engine) }
        let head = try Self.head(root, config, engine)
        let labels = try config.labels()
        let named = try Self.activation(root, config, isOfLabels: labels.count > 1, &notes)
        self.init(head: head, activation: named?.ofOne ?? .sigmoid)
        let severalFit = try config.string("problem_type") == "multi_label_classification"
        labelActivation = named?.ofLabels ?? (severalFit ? .each(.sigmoid) : .softmax)
        self.notes = notes
        self.labels = labels
        file = config.path
        prompt = try engine.pipeline.prompts.text(for: nil)
        self.frame = frame
        if let frame {
            frameEnd = Self.end(of: frame, engine)
        } else {
            usesTypes = try Self.usesTypes(folder, engine)
        }
    }

    /// The words around a pair that the folder gives, or those of Qwen3-Reranker for a language model without
    /// any.
    private static func frame(_ folder: ModelFolder, _ config: ConfigFile, _ notes: inout [String])
        throws(MartletError) -> PairFrame?
    {
        let asks = config["architectures"]?[0]?.string?.hasSuffix("ForCausalLM") == true
        var (template, place) = (
            try folder.text("chat_template.jinja"), folder.path(of: "chat_template.jinja")
        )
        if template == nil, let tokenizer = try folder.config("tokenizer_config.json") {
            (template, place) = (tokenizer["chat_template"]?.string, tokenizer.path)
        }
        if let template, PairTemplate.describesPairs(template) {
            return try PairTemplate.frame(template, file: place)
        }
        guard asks else { return nil }
        guard try config.string("model_type") == "qwen3" else {
            throw .unsupported(
                config.path,
                "a language model scores pairs as its chat template asks it to, and \(place) has none for the roles query and document"
            )
        }
        notes.append(
            "The folder does not say how to ask about a pair; it is asked as the card of Qwen3-Reranker says."
        )
        return .qwen3
    }

    /// The tokens that every framed pair ends in: those that two different pairs share.
    static func end(of frame: PairFrame, _ engine: Engine) -> [Int32] {
        let pairs = ["0", "1 2 3 4"].map {
            engine.tokenizer.encode(
                frame.text(instruction: nil, query: $0, document: $0), addsSpecialTokens: false
            ).ids
        }
        let shared = zip(pairs[0].reversed(), pairs[1].reversed()).prefix { $0 == $1 }.count
        return pairs[0].suffix(shared)
    }

    private static func head(_ folder: ModelFolder, _ config: ConfigFile, _ engine: Engine)
        throws(MartletError) -> ClassifierDescription
    {
        guard config["architectures"]?[0]?.string?.hasSuffix("ForCausalLM") == true else {
            return try wrapping { () throws(ModelError) in
                try ClassifierRegistry.head(
                    configuration: .object(config.object), file: config.path,
                    hiddenSize: engine.encoder.shape.hiddenSize)
            }
        }
        // Where the word table and the matrix of logits are one, the file may hold the matrix under either
        // name.
        let tied = try config.bool("tie_word_embeddings") ?? false
        let names = tied ? ["model.embed_tokens", "embed_tokens", "lm_head"] : ["lm_head"]
        if let module = try FolderConfiguration(folder).logitScoreFolder {
            let place = try folder.requireConfig(
                ModelFolder.join(module, "config.json"), for: "the words whose logits are the score")
            let yes = place["true_token_id"]?.int
            let no = place["false_token_id"]?.int
            guard let yes, no != nil || place["false_token_id"] == nil else {
                throw .malformed(
                    place.path, "expected the ids of two tokens as \"true_token_id\" and \"false_token_id\"")
            }
            return .init(
                .last, [.words(.init(names: names, yes: yes, no: no, spelling: spelling(yes, no, engine)))])
        }
        guard let yes = engine.tokenizer.id(of: "yes"), let no = engine.tokenizer.id(of: "no") else {
            throw .unsupported(
                folder.path(of: "tokenizer.json"),
                "has no tokens \"yes\" and \"no\", whose logits would be the score")
        }
        return .init(
            .last, [.words(.init(names: names, yes: yes, no: no, spelling: spelling(yes, no, engine)))])
    }

    /// `logit("yes") − logit("no")`
    private static func spelling(_ yes: Int, _ no: Int?, _ engine: Engine) -> String {
        ([yes] + (no.map { [$0] } ?? [])).map {
            "logit(\((engine.tokenizer.token(id: $0) ?? "\($0)").quotedForMessage))"
        }
        .joined(separator: " − ")
    }

    private static func requirePairs(_ folder: ModelFolder, _ engine: Engine) throws(MartletError) {
        guard let specials = engine.tokenizer.pairSpecialTokenCount else {
            throw .malformed(
                folder.path(of: "tokenizer.json"),
                "the post-processor has no form for pairs of texts, which a reranker reads")
        }
        guard engine.maxTokens > specials else {
            throw MartletError(
                .invalidOption,
                "at most \(engine.maxTokens) tokens: each pair has \(specials) special tokens alone; allow more"
            )
        }
    }

    /// In the order in which sentence-transformers looks: its own file, which it reads beside modules.json
    /// only, then config.json in the newer and the older spelling. Nil: no file names one that can be run.
    private static func activation(
        _ folder: ModelFolder, _ config: ConfigFile, isOfLabels: Bool, _ notes: inout [String]
    )
        throws(MartletError) -> (ofOne: DenseActivation?, ofLabels: LabelActivation?)?
    {
        let own =
            try folder.contains("modules.json") ? folder.config("config_sentence_transformers.json") : nil
        var name = try own?.string("activation_fn")
        if name == nil { name = config["sentence_transformers"]?["activation_fn"]?.string }
        if name == nil { name = try config.string("sbert_ce_default_activation_function") }
        guard let name else { return nil }
        if let activation = DenseActivation(className: name) {
            // What sentence-transformers writes for several labels where nobody chose.
            return (activation, activation == .identity ? nil : .each(activation))
        }
        if isOfLabels, name.hasPrefix("torch.nn."), name.hasSuffix(".Softmax") { return (nil, .softmax) }
        guard name.hasPrefix("torch.") else {
            notes.append(
                "The activation \(name) is code of the model's own and is not run; scores go through the default, the sigmoid"
                    + (isOfLabels ? " or softmax." : "."))
            return nil
        }
        let known = DenseActivation.allCases.map(\.rawValue).joined(separator: ", ")
        throw .unsupported(
            config.path, "the activation \(name.quotedForMessage) is not one of PyTorch's \(known)")
    }

    /// Whether transformers' tokenizer of this folder gives token types and the encoder has a table of them.
    private static func usesTypes(_ folder: ModelFolder, _ engine: Engine) throws(MartletError) -> Bool {
        let rows = engine.encoder.shape.typeVocabularySize
        guard rows > 0 else { return false }
        if let config = try folder.config("tokenizer_config.json") {
            if let inputs = config["model_input_names"]?.array {
                guard inputs.contains(where: { $0.string == "token_type_ids" }) else { return false }
            } else if let name = try config.string("tokenizer_class"),
                untyped.contains(where: { name.hasPrefix($0) })
            {
                return false
            }
        }
        let largest = engine.tokenizer.largestPairType
        guard largest >= rows else { return true }
        throw .unsupported(
            folder.path(of: "tokenizer.json"),
            "the second text of a pair has token type \(largest), but the model has \(rows == 1 ? "one type" : "\(rows) types")"
        )
    }

    /// Beginnings of the names of tokenizer classes that give no token types, whatever tokenizer.json says.
    private static let untyped = [
        "Roberta", "XLMRoberta", "Camembert", "MPNet", "DistilBert", "Albert", "GPT2", "Qwen", "Gemma",
        "Llama", "T5",
    ]
}

extension ConfigFile {
    /// The names of a classifier's labels, by number; empty where the file gives none.
    func labels() throws(MartletError) -> [String] {
        guard let value = self["id2label"] else { return [] }
        guard let object = value.object else {
            throw wrongKind("id2label", "an object of names by number", value)
        }
        var names = [String?](repeating: nil, count: object.count)
        for member in object.members {
            guard let index = Int(member.key), names.indices.contains(index), names[index] == nil,
                let name = member.value.string
            else {
                throw .malformed(
                    path,
                    "\"id2label\": expected names by number from 0 to \(object.count - 1), found \(member.key.quotedForMessage)"
                )
            }
            names[index] = name
        }
        return names.compactMap { $0 }
    }
}
