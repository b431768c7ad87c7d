internal import MartletJSON
internal import MartletTokenizers

/// A tokenizer class of transformers 5. Some build parts of the tokenizer themselves, whatever tokenizer.json
/// says; the others take the file as it is. Source: the classes' `__init__`, and `AutoTokenizer` for which
/// class a folder has.
enum TokenizerClass: String, CaseIterable {
    case bert = "BertTokenizer"
    case mpnet = "MPNetTokenizer"
    case roberta = "RobertaTokenizer"
    case xlmRoberta = "XLMRobertaTokenizer"
    case camembert = "CamembertTokenizer"
    case qwen2 = "Qwen2Tokenizer"
    case gpt2 = "GPT2Tokenizer"
    case gemma = "GemmaTokenizer"
    case llama = "LlamaTokenizer"
    case albert = "AlbertTokenizer"
    case deberta = "DebertaTokenizer"
    case debertaV2 = "DebertaV2Tokenizer"
    case t5 = "T5Tokenizer"

    /// Other names of the same classes.
    private static let aliases: [String: TokenizerClass] = [
        "DistilBertTokenizer": .bert, "ElectraTokenizer": .bert, "MobileBertTokenizer": .bert,
        "LxmertTokenizer": .bert,
        "DPRQuestionEncoderTokenizer": .bert, "BartTokenizer": .roberta, "LEDTokenizer": .roberta,
        "MvpTokenizer": .roberta,
    ]

    /// Classes that split text by rules of their own: in Python, which tokenizer.json cannot hold, or by parts
    /// that they build, whatever the file says.
    private static let foreign: Set<String> = [
        "BertJapaneseTokenizer", "BertweetTokenizer", "PhobertTokenizer", "ByT5Tokenizer", "CanineTokenizer",
        "XLMTokenizer",
        "FlaubertTokenizer", "CTRLTokenizer", "CpmTokenizer", "CpmAntTokenizer", "RoCBertTokenizer",
        "TapasTokenizer",
        "ProphetNetTokenizer",
        "BioGptTokenizer", "PerceiverTokenizer", "FSMTTokenizer", "M2M100Tokenizer", "MarianTokenizer",
        "MyT5Tokenizer", "EsmTokenizer",
        "BlenderbotSmallTokenizer", "GPTNeoXJapaneseTokenizer", "BartphoTokenizer", "BertGenerationTokenizer",
        "GPTSw3Tokenizer",
        "PLBartTokenizer", "SiglipTokenizer", "SpeechT5Tokenizer", "Wav2Vec2CTCTokenizer",
        "MistralCommonBackend", "ChatGLMTokenizer",
        "XLNetTokenizer", "MBartTokenizer", "MBart50Tokenizer", "PegasusTokenizer", "BigBirdTokenizer",
        "FunnelTokenizer", "SplinterTokenizer", "CLIPTokenizer", "CodeGenTokenizer",
    ]

    /// The class that transformers has for each `model_type`.
    private static let registered: [String: TokenizerClass] = [
        "bert": .bert, "distilbert": .bert, "electra": .bert, "nomic_bert": .bert, "mpnet": .mpnet,
        "roberta": .roberta,
        "xlm-roberta": .xlmRoberta, "gte": .xlmRoberta, "jina_embeddings_v3": .xlmRoberta,
        "camembert": .camembert, "qwen2": .qwen2,
        "qwen3": .qwen2, "gemma3_text": .gemma, "albert": .albert, "deberta": .deberta,
        "deberta-v2": .debertaV2, "t5": .t5,
    ]
    /// Types whose own class takes the file as it is, whatever class the folder names.
    private static let asTheFile: Set<String> = ["mistral", "ministral3", "modernbert"]
    /// Types whose published tokenizer_class is known to be wrong: the registered one counts.
    private static let misnamed: Set<String> = ["qwen2"]

    /// The class of a folder; nil: one that takes tokenizer.json as it is.
    static func of(_ tokenizer: ConfigFile?, encoder: ConfigFile?) throws(MartletError) -> TokenizerClass? {
        let type = try encoder?.string("model_type") ?? ""
        let stated = try tokenizer?.string("tokenizer_class")
        let fallback = try encoder?.string("tokenizer_class")
        guard var name = stated ?? fallback else { return registered[type] }
        if asTheFile.contains(type) { return nil }
        if name.hasSuffix("Fast"), name != "PreTrainedTokenizerFast" { name.removeLast(4) }
        guard !foreign.contains(name) else {
            throw .unsupported(
                tokenizer?.path ?? encoder?.path ?? "",
                "\"tokenizer_class\" is \(name.quotedForMessage), which splits text by rules of its own that are not implemented"
            )
        }
        if name == "PreTrainedTokenizerFast", !misnamed.contains(type) { return nil }
        if misnamed.contains(type), let own = registered[type] { return own }
        return TokenizerClass(rawValue: name) ?? aliases[name]
    }

    /// The parts that the class builds, with the members of tokenizer_config.json that it reads.
    func settings(_ config: ConfigFile?, isByteLevel: Bool) throws(MartletError) -> TokenizerSettings? {
        var settings = TokenizerSettings()
        func flag(_ key: String, _ standard: Bool) throws(MartletError) -> Bool {
            try config?.bool(key) ?? standard
        }
        func token(_ key: String, _ standard: String) -> String { config?.token(key) ?? standard }
        func prefixed(_ standard: Bool) throws(MartletError) -> Bool {
            try flag("add_prefix_space", standard)
        }
        func metaspace(_ scheme: String, splits: Bool = true) -> JSONValue {
            TokenizerSettings.part(
                "Metaspace",
                [
                    ("replacement", .string("▁")), ("prepend_scheme", .string(scheme)),
                    ("split", .bool(splits)),
                ])
        }
        func sequence(_ type: String, _ parts: [JSONValue]) -> JSONValue {
            TokenizerSettings.part("Sequence", [(type, .array(parts))])
        }
        func byteLevel(usesRegex: Bool) throws(MartletError) -> JSONValue {
            TokenizerSettings.part(
                "ByteLevel",
                [
                    ("add_prefix_space", .bool(try prefixed(false))), ("trim_offsets", .bool(true)),
                    ("use_regex", .bool(usesRegex)),
                ])
        }
        func replace(_ pattern: JSONValue, _ content: String) -> JSONValue {
            TokenizerSettings.part("Replace", [("pattern", pattern), ("content", .string(content))])
        }
        func text(_ kind: String, _ value: String) -> JSONValue {
            .object([kind: .string(value)])
        }
        switch self {
        case .bert, .mpnet:
            settings.parts["normalizer"] = TokenizerSettings.part(
                "BertNormalizer",
                [
                    ("clean_text", .bool(true)),
                    ("handle_chinese_chars", .bool(try flag("tokenize_chinese_chars", true))),
                    ("strip_accents", try config?.bool("strip_accents").map { .bool($0) } ?? .null),
                    ("lowercase", .bool(try flag("do_lower_case", true))),
                ])
            settings.parts["pre_tokenizer"] = TokenizerSettings.part("BertPreTokenizer")
            settings.frame =
                self == .bert
                ? .init(.bert, cls: token("cls_token", "[CLS]"), sep: token("sep_token", "[SEP]"))
                : .init(
                    .roberta, cls: token("cls_token", "<s>"), sep: token("sep_token", "</s>"),
                    trimsOffsets: true)
        case .roberta:
            settings.parts["normalizer"] = .null
            settings.parts["pre_tokenizer"] = try byteLevel(usesRegex: true)
            settings.frame = .init(
                .roberta, cls: token("cls_token", "<s>"), sep: token("sep_token", "</s>"),
                trimsOffsets: try flag("trim_offsets", true),
                addsPrefixSpace: try prefixed(false))
        case .xlmRoberta, .camembert:
            settings.keepsOnlyCharsmap = true
            settings.parts["pre_tokenizer"] = sequence(
                "pretokenizers",
                [
                    TokenizerSettings.part("WhitespaceSplit"),
                    metaspace(try prefixed(true) ? "always" : "never"),
                ])
            settings.frame = .init(.roberta, cls: token("bos_token", "<s>"), sep: token("eos_token", "</s>"))
        case .t5:
            settings.keepsOnlyCharsmap = true
            settings.parts["pre_tokenizer"] = sequence(
                "pretokenizers", [TokenizerSettings.part("WhitespaceSplit"), metaspace("always")])
            settings.frame = .init(.ending, cls: "", sep: token("eos_token", "</s>"))
        case .qwen2:
            settings.parts["normalizer"] = TokenizerSettings.part("NFC")
            let split = TokenizerSettings.part(
                "Split",
                [
                    ("pattern", text("Regex", Self.qwenPattern)), ("behavior", .string("Isolated")),
                    ("invert", .bool(false)),
                ])
            settings.parts["pre_tokenizer"] = sequence(
                "pretokenizers", [split, try byteLevel(usesRegex: false)])
        case .gpt2:
            settings.parts["normalizer"] = .null
            settings.parts["pre_tokenizer"] = try byteLevel(usesRegex: true)
        case .gemma:
            settings.parts["normalizer"] = replace(text("String", " "), "▁")
            settings.parts["pre_tokenizer"] = TokenizerSettings.part(
                "Split",
                [
                    ("pattern", text("String", " ")), ("behavior", .string("MergedWithPrevious")),
                    ("invert", .bool(false)),
                ])
        case .llama:
            // Byte-level files of Llama 3's kind are read as they are.
            if isByteLevel { return nil }
            let scheme = try prefixed(true) ? try flag("legacy", false) ? "always" : "first" : "never"
            settings.parts["normalizer"] = .null
            settings.parts["pre_tokenizer"] = metaspace(scheme, splits: false)
        case .albert:
            var parts = [replace(text("String", "``"), "\""), replace(text("String", "''"), "\"")]
            if try !flag("keep_accents", false) {
                parts += [TokenizerSettings.part("NFKD"), TokenizerSettings.part("StripAccents")]
            }
            if try flag("do_lower_case", true) { parts.append(TokenizerSettings.part("Lowercase")) }
            settings.keepsOnlyCharsmap = true
            settings.beforeCharsmap = parts
            settings.parts["pre_tokenizer"] = sequence(
                "pretokenizers",
                [
                    TokenizerSettings.part("WhitespaceSplit"),
                    metaspace(try prefixed(true) ? "always" : "never"),
                ])
            settings.frame = .init(.bert, cls: token("cls_token", "[CLS]"), sep: token("sep_token", "[SEP]"))
        case .deberta:
            settings.parts["normalizer"] = .null
            settings.parts["pre_tokenizer"] = try byteLevel(usesRegex: true)
            settings.frame = .init(
                .roberta, cls: token("cls_token", "[CLS]"), sep: token("sep_token", "[SEP]"))
        case .debertaV2:
            var parts = try flag("do_lower_case", false) ? [TokenizerSettings.part("Lowercase")] : []
            parts += [
                replace(text("Regex", #"\s{2,}|[\n\r\t]"#), " "), TokenizerSettings.part("NFC"),
                TokenizerSettings.part(
                    "Strip", [("strip_left", .bool(false)), ("strip_right", .bool(true))]),
            ]
            settings.parts["normalizer"] = sequence("normalizers", parts)
            let punctuation = TokenizerSettings.part("Punctuation", [("behavior", .string("Isolated"))])
            let words = metaspace(try prefixed(true) ? "always" : "first")
            settings.parts["pre_tokenizer"] = sequence(
                "pretokenizers", try flag("split_by_punct", false) ? [punctuation, words] : [words])
            settings.frame = .init(.bert, cls: token("cls_token", "[CLS]"), sep: token("sep_token", "[SEP]"))
        }
        settings.modelType = modelType
        settings.model = modelMembers(unknown: token("unk_token", "[UNK]"))
        return settings
    }

    private static let qwenPattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}

extension ConfigFile {
    /// The spelling of a special token: a string, or an object with its content.
    func token(_ key: String) -> String? { self[key]?.string ?? self[key]?["content"]?.string }
}
