internal import MartletCompute
internal import MartletJSON
internal import MartletSystem
internal import MartletTokenizers
internal import MartletWeights

/// Finds and reads a model's tokenizer.
enum TokenizerFiles {
    /// Says that a folder has no tokenizer before anything that takes time is done with its weights.
    static func require(in folder: ModelFolder) throws(MartletError) {
        if !ModelFileNames.tokenizers.contains(where: folder.contains) { throw missing(in: folder) }
    }

    private static func missing(in folder: ModelFolder) -> MartletError {
        MartletError(
            .missingFile,
            "\(folder.path) has none of \(ModelFileNames.tokenizers.joined(separator: ", ")); save the tokenizer next to the model",
            file: folder.path)
    }

    /// From `tokenizer.json`, else from a SentencePiece file, else from `vocab.json` with `merges.txt` or from
    /// `vocab.txt`, with the class and the flags of `tokenizer_config.json`.
    static func tokenizer(folder: ModelFolder) throws(MartletError) -> Tokenizer {
        try tokenizer(
            folder: folder, config: folder.config("tokenizer_config.json"),
            encoder: folder.config("config.json"))
    }

    /// Of static embeddings, whose libraries read tokenizer.json and no file beside it.
    static func tokenizerOfFileAlone(folder: ModelFolder) throws(MartletError) -> Tokenizer {
        guard let file = try folder.map(ModelFileNames.tokenizer) else {
            return try tokenizer(folder: folder)
        }
        return try wrapping { () throws(TokenizerError) in
            try file.region.withUnsafeBytes { (bytes) throws(TokenizerError) in
                try Tokenizer(json: bytes, file: file.path, settings: TokenizerSettings())
            }
        }
    }

    /// - Parameters:
    ///   - config: tokenizer_config.json, with what the model's other files put in place of its members.
    ///   - encoder: config.json
    static func tokenizer(folder: ModelFolder, config: ConfigFile?, encoder: ConfigFile?) throws(MartletError)
        -> Tokenizer
    {
        var tokenizer = try files(folder, config: config, encoder: encoder)
        if let side = try config?.string("truncation_side") {
            guard ["left", "right"].contains(side) else {
                throw .malformed(
                    config?.path ?? "",
                    "\"truncation_side\" is \(side.quotedForMessage), expected \"left\" or \"right\"")
            }
            tokenizer.cutsStart = side == "left"
        }
        return tokenizer
    }

    private static func files(_ folder: ModelFolder, config: ConfigFile?, encoder: ConfigFile?)
        throws(MartletError) -> Tokenizer
    {
        if let file = try folder.map(ModelFileNames.tokenizer) {
            let settings = try settings(folder, config, encoder: encoder)
            return try wrapping { () throws(TokenizerError) in
                try file.region.withUnsafeBytes { (bytes) throws(TokenizerError) in
                    try Tokenizer(json: bytes, file: file.path, settings: settings)
                }
            }
        }
        if let tokenizer = try sentencePiece(folder: folder) { return tokenizer }
        if let tokenizer = try pieces(folder, config: config, encoder: encoder) { return tokenizer }
        if let tokenizer = try bytePairs(folder, config: config, encoder: encoder) { return tokenizer }
        guard let file = try folder.map(ModelFileNames.vocabulary) else { throw missing(in: folder) }
        if let tokenizer = try wordPieces(file, folder, config, encoder) { return tokenizer }
        let options = BertOptions(
            lowercase: try config?.bool("do_lower_case") ?? true,
            stripAccents: try config?.bool("strip_accents"),
            tokenizeChineseChars: try config?.bool("tokenize_chinese_chars") ?? true)
        var settings = try settings(folder, config, as: .bert)
        try complete(&settings, for: .bert, folder, config)
        return try wrapping { () throws(TokenizerError) in
            try file.region.withUnsafeBytes { (bytes) throws(TokenizerError) in
                try Tokenizer(vocabulary: bytes, file: file.path, options: options, settings: settings)
            }
        }
    }

    /// From GGUF metadata. The format has no place for BERT's flags: without our own keys they are those of
    /// uncased models, as in llama.cpp.
    static func tokenizer(gguf: GGUFMetadata, file: String) throws(MartletError) -> Tokenizer {
        var tokenizer = try parts(gguf, file)
        tokenizer.cutsStart = gguf.bool(Keys.cutsStart) ?? false
        return tokenizer
    }

    private static func parts(_ gguf: GGUFMetadata, _ file: String) throws(MartletError) -> Tokenizer {
        guard let kind = gguf.string(Keys.model) else {
            throw MartletError(
                .invalidModel, "\(file) has no \(Keys.model); nothing says how to tokenize", file: file)
        }
        guard let tokens = gguf.strings(Keys.tokens) else {
            throw MartletError(.invalidModel, "\(file) has no list of strings \(Keys.tokens)", file: file)
        }
        switch kind {
        case "bert": return try bert(tokens, gguf, file)
        case "gpt2": return try bytePairs(tokens, gguf, file)
        case "llama": return try sentencePiece(.pairs, tokens, gguf, file)
        case "t5": return try sentencePiece(.unigram, tokens, gguf, file)
        default:
            throw MartletError(
                .unsupportedModel,
                "\(file): tokenizer \(kind.quotedForMessage) is not supported; \"bert\", \"gpt2\", \"llama\" and \"t5\" are",
                file: file)
        }
    }

    private static func bytePairs(_ tokens: [String], _ gguf: GGUFMetadata, _ file: String)
        throws(MartletError) -> Tokenizer
    {
        guard let merges = gguf.strings(Keys.merges) else {
            throw MartletError(.invalidModel, "\(file) has no list of strings \(Keys.merges)", file: file)
        }
        return try wrapping { () throws(TokenizerError) in
            try Tokenizer(
                ggufTokens: tokens, merges: merges, pre: gguf.string(Keys.pre), types: gguf.ints(Keys.types),
                specials: GGUFSpecialTokens(
                    bos: gguf.int(Keys.bos), eos: gguf.int(Keys.eos), sep: gguf.int(Keys.sep),
                    mask: gguf.int(Keys.mask),
                    addsBOS: gguf.bool(Keys.addsBOS), addsEOS: gguf.bool(Keys.addsEOS)),
                file: file)
        }
    }

    private static func sentencePiece(
        _ algorithm: SentencePieceParts.Algorithm, _ tokens: [String], _ gguf: GGUFMetadata, _ file: String
    ) throws(MartletError) -> Tokenizer {
        guard let scores = gguf.floats(Keys.scores) else {
            throw MartletError(.invalidModel, "\(file) has no list of numbers \(Keys.scores)", file: file)
        }
        var parts = SentencePieceParts(
            algorithm, tokens: tokens, scores: scores, types: gguf.ints(Keys.types))
        if gguf[Keys.charsmap] != nil {
            guard let bytes = gguf.ints(Keys.charsmap), bytes.allSatisfy({ -128...255 ~= $0 }) else {
                throw MartletError(.invalidModel, "\(file): \(Keys.charsmap) is no list of bytes", file: file)
            }
            parts.charsmap = bytes.map { UInt8(truncatingIfNeeded: $0) }
        }
        parts.addsSpacePrefix = gguf.bool(Keys.addsSpacePrefix)
        parts.removesExtraSpaces = gguf.bool(Keys.removesExtraSpaces)
        parts.bos = gguf.int(Keys.bos)
        parts.eos = gguf.int(Keys.eos)
        parts.unknown = gguf.int(Keys.unknown)
        parts.separator = gguf.int(Keys.sep)
        parts.addsBOS = gguf.bool(Keys.addsBOS)
        parts.addsEOS = gguf.bool(Keys.addsEOS)
        return try wrapping { () throws(TokenizerError) in try Tokenizer(sentencePiece: parts, file: file) }
    }

    private static func bert(_ tokens: [String], _ gguf: GGUFMetadata, _ file: String) throws(MartletError)
        -> Tokenizer
    {
        let lowercase = gguf.bool(Keys.lowercase) ?? gguf.bool(Keys.normalizerLowercase) ?? true
        return try wrapping { () throws(TokenizerError) in
            try Tokenizer(
                ggufTokens: tokens, types: gguf.ints(Keys.types),
                specials: BertSpecialTokens(
                    cls: gguf.int(Keys.cls) ?? gguf.int(Keys.bos), sep: gguf.int(Keys.sep),
                    unknown: gguf.int(Keys.unknown),
                    pad: gguf.int(Keys.pad), mask: gguf.int(Keys.mask)),
                options: BertOptions(
                    lowercase: lowercase,
                    stripAccents: gguf.bool(Keys.stripAccents) ?? gguf.bool(Keys.normalizerStripAccents)
                        ?? lowercase,
                    tokenizeChineseChars: gguf.bool(Keys.chinese) ?? true),
                file: file)
        }
    }

    /// What GGUF says of a BERT tokenizer, in the order that it is written. llama.cpp wants a token for each
    /// row of the table.
    static func metadata(_ parts: BertTokenizerParts, rows: Int) -> [(key: String, value: GGUFWriter.Value)] {
        var tokens = parts.tokens.enumerated().map { id, token in
            parts.specialIDs.contains(id)
                ? token : token.hasPrefix("##") ? String(token.dropFirst(2)) : "\u{2581}" + token
        }
        var types: [Int32] = parts.tokens.indices.map { parts.specialIDs.contains($0) ? 3 : 1 }
        for id in tokens.count..<max(tokens.count, rows) {
            tokens.append("\u{2581}[PAD\(id)]")
            types.append(5)
        }
        var result: [(key: String, value: GGUFWriter.Value)] = [
            (Keys.model, .string("bert")),
            (Keys.tokens, .strings(tokens)),
            (Keys.types, .int32s(types)),
        ]
        let s = parts.specials
        for (key, id) in [
            (Keys.cls, s.cls), (Keys.sep, s.sep), (Keys.unknown, s.unknown), (Keys.pad, s.pad),
            (Keys.mask, s.mask),
        ] {
            if let id, let number = UInt32(exactly: id) { result.append((key, .uint32(number))) }
        }
        result.append((Keys.normalizerLowercase, .bool(parts.options.lowercase)))
        result.append(
            (Keys.normalizerStripAccents, .bool(parts.options.stripAccents ?? parts.options.lowercase)))
        result.append((Keys.lowercase, .bool(parts.options.lowercase)))
        result.append((Keys.stripAccents, .bool(parts.options.stripAccents ?? parts.options.lowercase)))
        result.append((Keys.chinese, .bool(parts.options.tokenizeChineseChars)))
        return result
    }

    enum Keys {
        static let model = "tokenizer.ggml.model"
        static let tokens = "tokenizer.ggml.tokens"
        static let types = "tokenizer.ggml.token_type"
        static let scores = "tokenizer.ggml.scores"
        static let charsmap = "tokenizer.ggml.precompiled_charsmap"
        static let addsSpacePrefix = "tokenizer.ggml.add_space_prefix"
        static let removesExtraSpaces = "tokenizer.ggml.remove_extra_whitespaces"
        static let merges = "tokenizer.ggml.merges"
        static let pre = "tokenizer.ggml.pre"
        static let bos = "tokenizer.ggml.bos_token_id"
        static let eos = "tokenizer.ggml.eos_token_id"
        static let addsBOS = "tokenizer.ggml.add_bos_token"
        static let addsEOS = "tokenizer.ggml.add_eos_token"
        static let cls = "tokenizer.ggml.cls_token_id"
        // Spelled so in the format.
        static let sep = "tokenizer.ggml.seperator_token_id"
        static let unknown = "tokenizer.ggml.unknown_token_id"
        static let pad = "tokenizer.ggml.padding_token_id"
        static let mask = "tokenizer.ggml.mask_token_id"
        /// llama.cpp's; where they are missing it takes them for true.
        static let normalizerLowercase = "tokenizer.ggml.normalizer.lowercase"
        static let normalizerStripAccents = "tokenizer.ggml.normalizer.strip_accents"
        static let lowercase = "martlet.tokenizer.lowercase"
        static let stripAccents = "martlet.tokenizer.strip_accents"
        static let chinese = "martlet.tokenizer.space_chinese"
        static let cutsStart = "martlet.tokenizer.truncates_start"
    }
}
