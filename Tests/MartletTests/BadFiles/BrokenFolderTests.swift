import MartletJSON
import Testing

@testable import Martlet

/// A folder with something wrong is refused in one line that names the file.
@Suite("Broken model folders")
struct BrokenFolderTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        let name: String
        var model = "bert-mini"
        var without: [String] = []
        var files: [String: String] = [:]
        var edits: [String: [(String, String)]] = [:]
        var cut: (file: String, bytes: Int)?
        let code: MartletError.Code
        /// The message names all of these.
        let parts: [String]
        var testDescription: String { name }
    }

    private static let config = "config.json"
    private static let weights = "model.safetensors"
    private static let tokenizer = "tokenizer.json"

    static let table: [Broken] = [
        Broken(name: "no config", without: [config], code: .missingFile, parts: ["/config.json is missing"]),
        Broken(name: "no weights", without: [weights], code: .missingFile, parts: ["model.safetensors"]),
        Broken(
            name: "no tokenizer", without: [tokenizer, "vocab.txt"], code: .missingFile,
            parts: ["tokenizer.json", "vocab.txt"]),
        // Found before the weights are read, which takes longer.
        Broken(
            name: "no tokenizer, other hidden size", without: [tokenizer, "vocab.txt"],
            edits: [config: [(#"_size": 32"#, #"_size": 64"#)]],
            code: .missingFile, parts: ["tokenizer.json", "vocab.txt"]),
        Broken(
            name: "nothing about pooling", without: ["modules.json"], code: .missingFile,
            parts: ["modules.json", "choose a pooling"]),
        Broken(
            name: "a pickle", without: [weights], files: ["pytorch_model.bin": "\u{80}\u{2}x"],
            code: .unsupportedModel,
            parts: ["/pytorch_model.bin", "safetensors"]),
        Broken(name: "empty config", files: [config: ""], code: .invalidModel, parts: ["/config.json"]),
        Broken(
            name: "empty weights", files: [weights: ""], code: .unsupportedModel,
            parts: ["/model.safetensors", "0 bytes"]),
        Broken(
            name: "empty tokenizer", files: [tokenizer: ""], code: .invalidModel, parts: ["tokenizer.json"]),
        Broken(
            name: "empty modules", files: ["modules.json": ""], code: .invalidModel, parts: ["modules.json"]),
        Broken(
            name: "config is a list", files: [config: "[]"], code: .invalidModel,
            parts: ["/config.json", "an array"]),
        Broken(name: "config is not UTF-8", cut: (config, 40), code: .invalidModel, parts: ["/config.json"]),
        Broken(
            name: "weights end early", cut: (weights, 100_000), code: .invalidModel,
            parts: ["/model.safetensors"]),
        Broken(
            name: "weights end in the header", cut: (weights, 300), code: .invalidModel,
            parts: ["/model.safetensors"]),
        Broken(
            name: "tokenizer ends early", cut: (tokenizer, 4000), code: .invalidModel,
            parts: ["tokenizer.json"]),
        Broken(
            name: "LFS pointer",
            files: [weights: "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"],
            code: .unsupportedModel,
            parts: ["/model.safetensors", "git lfs pull"]),
        Broken(
            name: "unknown type", edits: [config: [(#""bert""#, #""xlnet""#)]], code: .unsupportedModel,
            parts: ["config.json", "xlnet"]),
        Broken(
            name: "no type", edits: [config: [(#""model_type""#, #""x""#)]], code: .invalidModel,
            parts: ["config.json", "model_type"]),
        Broken(
            name: "no hidden size", edits: [config: [("hidden_size", "x")]], code: .invalidModel,
            parts: ["config.json", "hidden_size"]),
        Broken(
            name: "other hidden size", edits: [config: [(#"_size": 32"#, #"_size": 64"#)]],
            code: .invalidModel,
            parts: [weights, "expected [6"]),
        Broken(
            name: "hidden size and heads", edits: [config: [(#"heads": 4"#, #"heads": 5"#)]],
            code: .invalidModel,
            parts: ["config.json", "32", "5 attention heads"]),
        Broken(
            name: "more heads than values", edits: [config: [(#"heads": 4"#, #"heads": 64"#)]],
            code: .invalidModel,
            parts: ["config.json", "64 attention heads"]),
        Broken(
            name: "no heads", edits: [config: [(#"heads": 4"#, #"heads": 0"#)]], code: .invalidModel,
            parts: ["num_attention_heads"]),
        Broken(
            name: "negative layers", edits: [config: [(#"layers": 2"#, #"layers": -2"#)]],
            code: .invalidModel, parts: ["num_hidden_layers"]
        ),
        Broken(
            name: "fractional layers", edits: [config: [(#"layers": 2"#, #"layers": 2.5"#)]],
            code: .invalidModel,
            parts: ["num_hidden_layers"]),
        Broken(
            name: "a layer too many", edits: [config: [(#"layers": 2"#, #"layers": 3"#)]],
            code: .invalidModel,
            parts: [weights, "encoder.layer.2."]),
        Broken(
            name: "layers beyond all bounds", edits: [config: [(#"layers": 2"#, #"layers": 268435456"#)]],
            code: .invalidModel,
            parts: [weights, "268435456 layers"]),
        Broken(
            name: "layers beyond an integer", edits: [config: [(#"layers": 2"#, #"layers": 1e300"#)]],
            code: .invalidModel,
            parts: ["num_hidden_layers"]),
        Broken(
            name: "other feed-forward size",
            edits: [config: [(#"intermediate_size": 64"#, #"intermediate_size": 268435456"#)]],
            code: .invalidModel, parts: [weights, "intermediate.dense.weight", "[64, 32]"]),
        Broken(
            name: "more positions", edits: [config: [(#"embeddings": 256"#, #"embeddings": 512"#)]],
            code: .invalidModel,
            parts: [weights, "position_embeddings", "[256, 32]"]),
        Broken(
            name: "no positions", edits: [config: [(#"embeddings": 256"#, #"embeddings": 0"#)]],
            code: .invalidModel,
            parts: ["max_position"]),
        Broken(
            name: "other vocabulary", edits: [config: [(#"size": 600"#, #"size": 599"#)]],
            code: .invalidModel,
            parts: [weights, "[600, 32]"]),
        Broken(
            name: "unknown activation", edits: [config: [(#""gelu""#, #""xielu""#)]], code: .unsupportedModel,
            parts: ["hidden_act", "xielu"]),
        Broken(
            name: "activation of another kind", edits: [config: [(#""gelu""#, "7")]], code: .invalidModel,
            parts: ["hidden_act", "a number"]),
        Broken(
            name: "epsilon of another kind", edits: [config: [("1e-12", #""x""#)]], code: .invalidModel,
            parts: ["layer_norm_eps"]),
        Broken(
            name: "epsilon out of range", edits: [config: [("1e-12", "-1")]], code: .invalidModel,
            parts: ["epsilon"]),
        Broken(
            name: "relative positions", edits: [config: [(#""absolute""#, #""relative_key""#)]],
            code: .unsupportedModel,
            parts: ["relative_key"]),
        Broken(
            name: "a decoder", edits: [config: [(#""hidden_size""#, #""is_decoder": true, "hidden_size""#)]],
            code: .unsupportedModel,
            parts: ["config.json", "is_decoder"]),
        Broken(
            name: "a tensor of another name",
            edits: [weights: [("encoder.layer.1.output.dense.bias", "encoder.layer.1.output.dense.bia_")]],
            code: .invalidModel, parts: [weights, "encoder.layer.1.output.dense.bias"]),
        Broken(
            name: "another model's tensors", edits: [weights: [("word_embeddings", "word_embeddingz")]],
            code: .invalidModel,
            parts: [weights, "word_embeddings"]),
        Broken(
            name: "a limit below the special tokens", edits: ["sentence_bert_config.json": [("224", "1")]],
            code: .invalidModel,
            parts: ["limit of 1", "2 special tokens"]),
        Broken(
            name: "a shard is missing", model: "bert-dense", without: ["model-00002-of-00003.safetensors"],
            code: .io,
            parts: ["model-00002-of-00003.safetensors"]),
        Broken(
            name: "a shard leads out of the folder", model: "bert-dense",
            edits: [
                "model.safetensors.index.json": [("model-00002-of-00003.safetensors", "../../x.safetensors")]
            ], code: .invalidModel,
            parts: ["model.safetensors.index.json", "../../x"]),
        Broken(
            name: "a dense layer of other sizes", model: "bert-dense",
            edits: ["2_Dense/config.json": [("48", "47")]], code: .invalidModel,
            parts: ["2_Dense/model.safetensors", "linear.weight"]),
        Broken(
            name: "an id beyond the table",
            edits: [tokenizer: [("\"[PAD]\":0,", "\"[PAD]\":0,\"extra\":600,")]], code: .invalidModel,
            parts: ["ids up to 600", "600 rows"]),
        Broken(
            name: "no tokens", model: "bert-narrow", files: ["vocab.txt": ""], code: .invalidModel,
            parts: ["vocab.txt"]),
        Broken(
            name: "no special tokens", model: "bert-narrow", files: ["vocab.txt": "a\nb\n"],
            code: .invalidModel,
            parts: ["vocab.txt", "[UNK]"]),
        Broken(
            name: "more tokens than rows", model: "bert-narrow",
            files: ["vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\n" + (0..<600).map { "w\($0)\n" }.joined()],
            code: .invalidModel,
            parts: ["ids up to 603", "557 rows"]),
        Broken(
            name: "a flag of another kind", model: "bert-narrow",
            files: ["tokenizer_config.json": #"{"do_lower_case":"no"}"#],
            code: .invalidModel,
            parts: ["tokenizer_config.json", "do_lower_case"]),
        Broken(
            name: "another tokenizer", files: [tokenizer: #"{"model":{"type":"Morphemes","vocab":{"a":0}}}"#],
            code: .unsupportedModel,
            parts: ["tokenizer.json", "Morphemes"]),
    ]

    @Test(arguments: table)
    func isRefused(_ item: Broken) throws {
        let copy = try ModelCopy(of: item.model, without: item.without)
        for (name, text) in item.files { try copy.write(name, Array(text.utf8)) }
        for (name, edits) in item.edits { try copy.edit(name, edits) }
        if let cut = item.cut {
            try copy.write(cut.file, Array(ModelCopy.bytes(item.model, cut.file).prefix(cut.bytes)))
        }
        for precision in [Precision.f32, .int8] {
            let error = #expect(throws: MartletError.self) {
                try Embedder(modelAt: copy.path, configuration: .init(threads: 2, precision: precision))
            }
            let message = error?.message ?? ""
            #expect(error?.code == item.code, "\(message)")
            for part in item.parts { #expect(message.contains(part), "\(message) should contain \(part)") }
            #expect(
                message.contains(copy.path) && !message.contains("\n")
                    && error?.file?.hasPrefix(copy.path) == true, "\(message)")
        }
    }

    @Test func paths() throws {
        let folder = try TestFolder(["notes.txt": "hello", "empty": "", "sub/x": "y"])
        for (name, code) in [
            ("/nowhere", MartletError.Code.missingFile), ("/notes.txt", .unsupportedModel),
            ("/empty", .unsupportedModel), ("/sub", .missingFile),
        ] {
            let error = #expect(throws: MartletError.self) { try Embedder(modelAt: folder.path + name) }
            #expect(error?.code == code && error?.message.contains(name) == true, "\(error?.message ?? "")")
        }
        let weights = Goldens.path("models/bert-mini/model.safetensors")
        let alone = #expect(throws: MartletError.self) { try Embedder(modelAt: weights) }
        #expect(alone?.code == .invalidModel && alone?.message.contains("holds weights alone") == true)
        #expect(throws: MartletError.self) { try Embedder(modelAt: "") }
    }
}

/// Tokenizers that are allowed, and whose texts could reach beyond the model's tables.
@Suite("Odd tokenizers")
struct OddTokenizerTests {
    /// A model whose tokenizer has another post-processor.
    private func load(postProcessor: String) throws -> Embedder {
        let copy = try ModelCopy(of: "bert-mini")
        let file = try #require(try TestFolder.read(copy.path + "/tokenizer.json").object)
        let other = try JSONValue.parse(Array(postProcessor.utf8))
        var bytes: [UInt8] = []
        let members = file.members.map { member in
            JSONObject.Member(key: member.key, value: member.key == "post_processor" ? other : member.value)
        }
        JSONText.append(.object(JSONObject(members)), to: &bytes)
        try copy.write("tokenizer.json", bytes)
        // A class that takes the file as it is.
        try copy.write(
            "tokenizer_config.json", Array(#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#.utf8))
        return try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
    }

    @Test(arguments: [600, 2_147_483_647])
    func aSpecialTokenBeyondTheTable(_ id: Int) throws {
        let error = #expect(throws: MartletError.self) {
            try load(postProcessor: processor(sep: id))
        }
        #expect(
            error?.code == .invalidModel && error?.message.contains("ids up to \(id)") == true,
            "\(error?.message ?? "")")
        #expect(
            try load(postProcessor: processor(sep: 599)).embedBlocking(["zopa"]).count
                == 1)
    }

    private func processor(sep: Int) -> String {
        #"{"type":"BertProcessing","sep":["[SEP]",\#(sep)],"cls":["[CLS]",2]}"#
    }

    @Test func tokenTypes() throws {
        let piece = #"{"Sequence":{"id":"A","type_id":"#
        let error = #expect(throws: MartletError.self) {
            try load(
                postProcessor:
                    #"{"type":"TemplateProcessing","single":[\#(piece)1}}],"pair":[],"special_tokens":{}}"#)
        }
        #expect(
            error?.code == .unsupportedModel && error?.message.contains("token types") == true,
            "\(error?.message ?? "")")
    }

    /// Without special tokens an empty text has no token, and so no vector.
    @Test func noSpecialTokens() throws {
        let embedder = try load(postProcessor: "null")
        #expect(try embedder.embedBlocking(["zopa", "."]).count == 2)
        let error = #expect(throws: MartletError.self) { try embedder.embedBlocking(["zopa", " ", "."]) }
        #expect(
            error?.code == .invalidInput && error?.inputIndex == 1
                && error?.message.hasPrefix("text 1 has no tokens") == true)
    }

    /// sentence_bert_config.json may ask for lowercase text where the tokenizer keeps the case.
    @Test func lowercasing() throws {
        let copy = try ModelCopy(of: "bert-odd")
        try copy.write(
            "sentence_bert_config.json", Array(#"{"max_seq_length":48,"do_lower_case":true}"#.utf8))
        let lowering = try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
        let cased = try embedder("bert-odd", threads: 1)
        #expect(try lowering.tokenize("Zopa TURI [MASK]").ids == cased.tokenize("zopa turi [MASK]").ids)
        #expect(try lowering.tokenize("Zopa TURI").ids != cased.tokenize("Zopa TURI").ids)
        #expect(lowering.model.tokenizer.hasSuffix("lowercase"))
        let folder = try TestFolder()
        defer { folder.willRemove("m.gguf") }
        try ModelConversion.convert(from: copy.path, to: folder.path + "/m.gguf", type: "f32")
        let converted = try Embedder(
            modelAt: folder.path + "/m.gguf", configuration: .init(threads: 1, precision: .f32))
        #expect(try converted.tokenize("Zopa TURI [MASK]").ids == cased.tokenize("zopa turi [MASK]").ids)
    }
}
