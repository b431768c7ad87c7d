import Testing

@testable import Martlet

/// Families and tokenizers beside BERT's, written as GGUF and read again: the bits and the ids of the folder.
@Suite("Other families survive the conversion to GGUF")
struct ConversionFamilyTests {
    private static let texts = [
        "a", "the swift sleeps", "Über 7 words, don't 12345", "balo tuka  miro\n zupe",
        String(repeating: "lofe ", count: 9),
        "日本 語 naïve ＡＢＣ 🙂", "x   y \n\n z",
    ]

    private static let modules = """
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
        """

    /// The encoder of one of the tiny classifiers, with its tokenizer.
    private func folder(_ name: String) throws -> TestFolder {
        let folder = try TestFolder([
            "modules.json": Self.modules, "1_Pooling/config.json": #"{"pooling_mode_mean_tokens": true}"#,
        ])
        for file in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
            try folder.write(file, ModelCopy.read(Goldens.path("classifiers/\(name)/\(file)")))
        }
        return folder
    }

    private func compare(
        _ folder: TestFolder, _ architecture: String, _ kind: String, _ texts: [String] = Self.texts
    ) throws {
        let file = folder.path + "/model.gguf"
        defer { folder.willRemove("model.gguf") }
        try ModelConversion.convert(from: folder.path, to: file, type: "f32")
        let original = try Embedder(modelAt: folder.path, configuration: .init(threads: 1, precision: .f32))
        let converted = try Embedder(modelAt: file, configuration: .init(threads: 1, precision: .f32))
        #expect(
            converted.model.architecture == architecture && converted.model.tokenizer.hasPrefix(kind),
            "\(converted.model.tokenizer)")
        #expect(converted.model.maxTokens == original.model.maxTokens)
        for text in texts {
            #expect(try converted.tokenize(text).ids == original.tokenize(text).ids, "\(text)")
        }
        #expect(try converted.embedBlocking(texts).bits == original.embedBlocking(texts).bits)
        #expect(converted.engine.pipeline.description == original.engine.pipeline.description)
    }

    @Test(arguments: [
        ("roberta", "bert"), ("modernbert-cls", "modern-bert"), ("eurobert-bos", "eurobert"),
        ("qwen2", "qwen2"), ("qwen3", "qwen3"),
    ])
    func bytePairs(_ name: String, _ architecture: String) throws {
        try compare(folder(name), architecture, "BPE")
    }

    /// A padding token in a text has a position of its own, and is not counted.
    @Test func paddingTokensInATextOfRoberta() throws {
        try compare(folder("roberta"), "bert", "BPE", ["balo <pad> tuka", "<pad><pad> miro"])
    }

    /// As XLM-R, with its charsmap.
    @Test func unigram() throws {
        let folder = try folder("xlm-roberta")
        let charsmap = try ModelCopy.read(
            Goldens.path("../MartletTokenizersTests/Goldens/SentencePiece/nmt_nfkc.bin"))
        let normalizer = #"{"type":"Precompiled","precompiled_charsmap":"\#(base64(charsmap))"}"#
        let metaspace = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}"#
        let tokenizer = String(decoding: try ModelCopy.read(folder.path + "/tokenizer.json"), as: UTF8.self)
            .replacing(#"{"type":"NFKC"}"#, with: normalizer)
            .replacing(
                metaspace,
                with: #"{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},\#(metaspace)]}"#,
                maxReplacements: 1)
        try folder.write("tokenizer.json", Array(tokenizer.utf8))
        try compare(folder, "bert", "Unigram")
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return stride(from: 0, to: bytes.count, by: 3).reduce(into: "") { text, start in
            let part = bytes[start..<min(start + 3, bytes.count)]
            let word = (part + [0, 0]).prefix(3).reduce(0) { $0 << 8 | Int($1) }
            for index in 0..<4 {
                text.append(index <= part.count ? digits[word >> (18 - 6 * index) & 63] : "=")
            }
        }
    }

    /// GGUF has no place for this tokenizer's normalizer.
    @Test func tokenizersThatDoMore() throws {
        let folder = try folder("xlm-roberta")
        let error = #expect(throws: MartletError.self) {
            try ModelConversion.convert(from: folder.path, to: folder.path + "/model.gguf", type: "f32")
        }
        #expect(
            error?.code == .unsupportedModel && error?.message.contains("does more than GGUF can say") == true
        )
    }

    /// Forms of their own: windows, two rotary bases, attention in both directions.
    @Test(arguments: [
        ("modernbert", "modern-bert"), ("qwen2-bidirectional", "qwen2"), ("qwen3", "qwen3"),
    ])
    func encoders(_ family: String, _ architecture: String) throws {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##" + $0 }
        let folder = try TestFolder([
            "vocab.txt": vocabulary.joined(separator: "\n") + "\n", "modules.json": Self.modules,
            "1_Pooling/config.json": #"{"pooling_mode_lasttoken": true}"#,
        ])
        for name in ["config.json", "model.safetensors"] {
            try folder.write(name, ModelCopy.read(Goldens.path("encoders/\(family)/\(name)")))
        }
        try compare(folder, architecture, "WordPiece")
    }
}
