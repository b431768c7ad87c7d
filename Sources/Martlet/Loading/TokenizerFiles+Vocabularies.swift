internal import MartletJSON
internal import MartletSystem
internal import MartletTokenizers

extension TokenizerFiles {
    /// From vocab.json and merges.txt, which byte-level BPE was published in before tokenizer.json, with the
    /// parts of the folder's tokenizer class; nil: the folder has not both.
    static func bytePairs(_ folder: ModelFolder, config: ConfigFile?, encoder: ConfigFile?)
        throws(MartletError) -> Tokenizer?
    {
        let names = ModelFileNames.bytePairs
        guard let vocabulary = try folder.map(names.vocabulary), let merges = try folder.map(names.merges)
        else { return nil }
        let kind = try TokenizerClass.of(config, encoder: encoder)
        guard let kind, kind.isByteLevel else {
            throw unknownClass(
                vocabulary.path, config, known: "RobertaTokenizer, GPT2Tokenizer and Qwen2Tokenizer")
        }
        var model: [UInt8] = Array(#"{"type":"BPE","vocab":"#.utf8)
        vocabulary.region.withUnsafeBytes { model += $0 }
        model += Array(#","merges":["#.utf8)
        let lines = merges.region.withUnsafeBytes { Self.lines(of: $0) }
        var isFirst = true
        for line in lines where !line.isEmpty && !line.hasPrefix("#version") {
            if !isFirst { model.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.append(JSONValue.string(line), to: &model)
        }
        model += Array("]}".utf8)
        return try made(
            model,
            decoder: #"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"#,
            folder, config, kind, file: vocabulary.path)
    }

    /// From vocab.txt for a class that frames its texts in another way than BERT's; nil: it does not.
    static func wordPieces(
        _ vocabulary: MappedFile, _ folder: ModelFolder, _ config: ConfigFile?, _ encoder: ConfigFile?
    ) throws(MartletError) -> Tokenizer? {
        let kind = try TokenizerClass.of(config, encoder: encoder)
        let isStated = try config?.string("tokenizer_class") != nil
        if kind == nil || kind == .bert || kind != .mpnet && !isStated { return nil }
        guard let kind, kind == .mpnet else {
            throw unknownClass(vocabulary.path, config, known: "BertTokenizer and MPNetTokenizer")
        }
        var model: [UInt8] = Array(#"{"type":"WordPiece","vocab":"#.utf8)
        let pieces = vocabulary.region.withUnsafeBytes { Self.lines(of: $0) }
        let members = pieces.enumerated().map {
            JSONObject.Member(key: $0.element, value: JSONValue.number(Double($0.offset)))
        }
        JSONText.append(JSONValue.object(JSONObject(members)), to: &model)
        model += Array("}".utf8)
        return try made(
            model, decoder: ###"{"type":"WordPiece","prefix":"##","cleanup":true}"###, folder, config, kind,
            file: vocabulary.path)
    }

    /// From the pieces of spm.model, of which DeBERTa v2's class takes the pieces and their scores, and not the
    /// normalizer; nil: there is no such file.
    static func pieces(_ folder: ModelFolder, config: ConfigFile?, encoder: ConfigFile?) throws(MartletError)
        -> Tokenizer?
    {
        guard let file = try folder.map(ModelFileNames.pieces) else { return nil }
        let kind = try TokenizerClass.of(config, encoder: encoder)
        guard let kind, kind == .debertaV2 else {
            throw unknownClass(file.path, config, known: "DebertaV2Tokenizer")
        }
        let parts = try wrapping { () throws(TokenizerError) in
            try file.region.withUnsafeBytes { (bytes) throws(TokenizerError) in
                try SentencePieceParts(model: bytes, file: file.path)
            }
        }
        guard parts.algorithm == .unigram else {
            throw .malformed(file.path, "the pieces are not those of a Unigram model")
        }
        let name = config?.token("unk_token") ?? "[UNK]"
        let own = zip(parts.tokens, parts.scores).enumerated().first { $0.element == (name, 0) }?.offset
        var model: [UInt8] = Array(
            #"{"type":"Unigram","byte_fallback":false,"unk_id":\#(own ?? parts.unknown ?? 1),"vocab":"#.utf8)
        let pieces = zip(parts.tokens, parts.scores).map {
            JSONValue.array([.string($0), .number(Double($1))])
        }
        JSONText.append(JSONValue.array(pieces), to: &model)
        model += Array("}".utf8)
        let literals = [SentencePieceParts.PieceType.control, .userDefined].map(\.rawValue)
        let added = zip(parts.tokens, parts.types ?? []).filter { literals.contains($1) }.map { piece, _ in
            var token = TokenizerSettings.Token(piece)
            token.replaces = false
            return token
        }
        return try made(
            model, decoder: #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}"#,
            folder, config, kind, added, file: file.path)
    }

    /// The tokenizer of a model with the parts of the folder's class.
    /// - Parameter added: Tokens of the model that are found literally in a text.
    private static func made(
        _ model: [UInt8], decoder: String, _ folder: ModelFolder, _ config: ConfigFile?,
        _ kind: TokenizerClass, _ added: [TokenizerSettings.Token] = [], file: String
    ) throws(MartletError) -> Tokenizer {
        let text =
            Array(#"{"version":"1.0","added_tokens":[],"decoder":\#(decoder),"model":"#.utf8) + model
            + Array("}".utf8)
        var settings = try settings(folder, config, as: kind)
        try complete(&settings, for: kind, folder, config)
        settings.added += added
        return try wrapping { () throws(TokenizerError) in
            try text.withUnsafeBytes { (bytes) in
                Result { () throws(TokenizerError) in
                    try Tokenizer(json: bytes, file: file, settings: settings)
                }
            }.get()
        }
    }

    private static func lines(of bytes: UnsafeRawBufferPointer) -> [String] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func unknownClass(_ file: String, _ config: ConfigFile?, known: String) -> MartletError {
        let name = config?["tokenizer_class"]?.string.map { "tokenizer_class \($0.quotedForMessage)" }
        return MartletError(
            .unsupportedModel,
            "\(file): \(name ?? "the folder's tokenizer class") does not say how the vocabulary is used; \(known) are supported: save the tokenizer as tokenizer.json",
            file: file)
    }
}

extension TokenizerClass {
    /// Whether the class reads vocab.json and merges.txt over bytes.
    var isByteLevel: Bool { [.roberta, .gpt2, .qwen2, .deberta].contains(self) }

    /// The special tokens that the class has where a folder names none; nil: they are not known.
    var specialTokens: [(key: String, token: TokenizerSettings.Token)]? {
        func token(_ content: String, stripsLeft: Bool = false) -> TokenizerSettings.Token {
            var token = TokenizerSettings.Token(content)
            token.stripsLeft = stripsLeft
            token.replaces = false
            return token
        }
        return switch self {
        case .roberta, .mpnet:
            [
                ("bos_token", token("<s>")), ("eos_token", token("</s>")),
                ("unk_token", token(self == .mpnet ? "[UNK]" : "<unk>")), ("sep_token", token("</s>")),
                ("pad_token", token("<pad>")), ("cls_token", token("<s>")),
                ("mask_token", token("<mask>", stripsLeft: self == .mpnet)),
            ]
        case .bert:
            [
                ("unk_token", token("[UNK]")), ("sep_token", token("[SEP]")), ("pad_token", token("[PAD]")),
                ("cls_token", token("[CLS]")), ("mask_token", token("[MASK]")),
            ]
        case .gpt2, .qwen2:
            [
                ("unk_token", token("<|endoftext|>")), ("eos_token", token("<|endoftext|>")),
                (self == .gpt2 ? "bos_token" : "pad_token", token("<|endoftext|>")),
            ]
        case .deberta:
            [
                ("cls_token", token("[CLS]")), ("sep_token", token("[SEP]")), ("unk_token", token("[UNK]")),
                ("pad_token", token("[PAD]")), ("mask_token", token("[MASK]", stripsLeft: true)),
            ]
        case .debertaV2:
            [
                ("bos_token", token("[CLS]")), ("eos_token", token("[SEP]")), ("unk_token", token("[UNK]")),
                ("sep_token", token("[SEP]")), ("pad_token", token("[PAD]")), ("cls_token", token("[CLS]")),
                ("mask_token", token("[MASK]")),
            ]
        default: nil
        }
    }
}
