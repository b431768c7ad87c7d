internal import MartletCompute
internal import MartletJSON
internal import MartletSystem
internal import MartletTokenizers

extension TokenizerFiles {
    /// How a family puts its tokens around a text; a SentencePiece file does not say.
    private enum Frame {
        /// `<s> … </s>` under fairseq's ids.
        case xlmRoberta
        /// `… </s>`
        case t5
        /// `add_bos_token` and `add_eos_token` of tokenizer_config.json; true and false where it does not
        /// say.
        case flags

        init?(tokenizerClass: String) {
            switch tokenizerClass.hasSuffix("Fast") ? String(tokenizerClass.dropLast(4)) : tokenizerClass {
            case "XLMRobertaTokenizer": self = .xlmRoberta
            case "T5Tokenizer": self = .t5
            case "LlamaTokenizer", "GemmaTokenizer": self = .flags
            default: return nil
            }
        }

        init?(modelType: String) {
            switch modelType {
            case "xlm-roberta": self = .xlmRoberta
            case "t5", "mt5", "umt5": self = .t5
            case "llama", "mistral", "gemma", "gemma2", "gemma3_text": self = .flags
            default: return nil
            }
        }
    }

    /// From a SentencePiece file, if the folder has one. Its family is the class in tokenizer_config.json,
    /// else the model type in config.json.
    static func sentencePiece(folder: ModelFolder) throws(MartletError) -> Tokenizer? {
        guard let name = ModelFileNames.sentencePiece.first(where: folder.contains),
            let file = try folder.map(name)
        else { return nil }
        let config = try folder.config("tokenizer_config.json")
        let (type, model) = (
            try config?.string("tokenizer_class"), try folder.config("config.json")?.string("model_type")
        )
        guard let frame = type.map(Frame.init(tokenizerClass:)) ?? model.flatMap(Frame.init(modelType:))
        else {
            let found =
                type.map { "tokenizer_class \($0.quotedForMessage)" }
                ?? "model_type \((model ?? "").quotedForMessage)"
            throw MartletError(
                .unsupportedModel,
                "\(file.path): \(found) does not say which tokens go around a text; XLMRobertaTokenizer, T5Tokenizer, LlamaTokenizer and "
                    + "GemmaTokenizer are supported: save the tokenizer as tokenizer.json",
                file: file.path)
        }
        let (addsBOS, addsEOS) = (try config?.bool("add_bos_token"), try config?.bool("add_eos_token"))
        return try wrapping { () throws(TokenizerError) in
            var parts = try file.region.withUnsafeBytes { (bytes) throws(TokenizerError) in
                try SentencePieceParts(model: bytes, file: file.path)
            }
            switch frame {
            case .xlmRoberta: parts = parts.withFairseqIDs()
            case .t5: (parts.addsBOS, parts.addsEOS) = (false, true)
            case .flags: (parts.addsBOS, parts.addsEOS) = (addsBOS ?? true, addsEOS ?? false)
            }
            return try Tokenizer(sentencePiece: parts, file: file.path)
        }
    }
}
