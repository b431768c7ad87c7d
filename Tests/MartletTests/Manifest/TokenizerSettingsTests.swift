import MartletJSON
import MartletTokenizers
import Testing

@testable import Martlet

/// Files beside tokenizer.json that say something else: transformers decides which of them counts, see
/// Scripts/tokenizer-settings-goldens.py.
@Suite("Files beside tokenizer.json")
struct TokenizerSettingsTests {
    private static let goldens =
        (try? TestFolder.read(Goldens.path("tokenizer-settings/cases.json"))) ?? .null
    private static let count = goldens["cases"]?.array?.count ?? 0

    @Test func thereAreCases() { #expect(Self.count >= 57) }

    @Test(arguments: 0..<count)
    func ids(_ index: Int) throws {
        let golden = try #require(Self.goldens["cases"]?[index])
        let name = try golden.string("name")
        let folder = try TestFolder()
        let file = try ModelCopy.read(Goldens.path(golden.string("base") + "/tokenizer.json"))
        if golden["apart"]?.bool == true {
            try Self.takeApart(file, into: folder)
        } else {
            try folder.write("tokenizer.json", file)
        }
        try folder.write("config.json", Array(#"{"model_type": "\#(golden.string("model_type"))"}"#.utf8))
        for (key, file) in [
            ("config", "tokenizer_config"), ("special_tokens_map", "special_tokens_map"),
            ("added_tokens", "added_tokens"),
        ] {
            guard let value = golden[key], !value.isNull else { continue }
            var bytes: [UInt8] = []
            JSONText.append(value, to: &bytes)
            try folder.write(file + ".json", bytes)
        }
        let tokenizer = try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
        for (text, expected) in zip(
            try #require(Self.goldens["texts"]?.array), try #require(golden["ids"]?.array))
        {
            let found = tokenizer.encode(try #require(text.string)).ids.map(Int.init)
            #expect(found == expected.array?.compactMap(\.int), "\(name): \(text.string ?? "")")
        }
    }

    /// The vocabulary of a tokenizer.json as vocab.json and merges.txt, or as vocab.txt.
    private static func takeApart(_ file: [UInt8], into folder: TestFolder) throws {
        let model = try #require(try JSONValue.parse(file)["model"])
        let vocabulary = try #require(model["vocab"]?.object)
        guard let merges = model["merges"]?.array else {
            let pieces = vocabulary.members.sorted { ($0.value.int ?? 0) < ($1.value.int ?? 0) }
            return try folder.write("vocab.txt", Array(pieces.map { $0.key + "\n" }.joined().utf8))
        }
        var bytes: [UInt8] = []
        JSONText.append(.object(vocabulary), to: &bytes)
        try folder.write("vocab.json", bytes)
        let lines = merges.map { merge in
            (merge.string ?? (merge.array ?? []).compactMap(\.string).joined(separator: " ")) + "\n"
        }
        try folder.write("merges.txt", Array(("#version: 0.2\n" + lines.joined()).utf8))
    }

    @Test(arguments: [("vocab.json", "XLMRobertaTokenizer"), ("vocab.txt", "AlbertTokenizer")])
    func classesWithoutSuchFiles(_ file: String, _ name: String) throws {
        let folder = try TestFolder([
            "config.json": #"{"model_type": "bert"}"#, file: "{}", "merges.txt": "",
            "tokenizer_config.json": #"{"tokenizer_class": "\#(name)"}"#,
        ])
        let error = #expect(throws: MartletError.self) {
            try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
        }
        #expect(error?.message.contains(name) == true && error?.message.contains(file) == true)
    }

    @Test(arguments: [#"{"truncation_side": "left"}"#, #"{"truncation_side": "right"}"#])
    func theSideThatIsCut(_ settings: String) throws {
        let copy = try ModelCopy(of: "bert-odd")
        try copy.write("tokenizer_config.json", Array(settings.utf8))
        let embedder = try Embedder(modelAt: copy.path, configuration: .init(threads: 1))
        let text = "zopa " + String(repeating: "turi ", count: 60) + "balo"
        let found = try [TruncationPolicy.native, .start, .end].map {
            try embedder.tokenize(text, options: .init(truncation: $0)).ids
        }
        #expect(found[0] == (settings.contains("left") ? found[1] : found[2]) && found[1] != found[2])
    }

    /// A class makes a model of one type of whatever vocabulary the file has.
    @Test func classesOfAnotherModel() throws {
        let folder = try TestFolder([
            "config.json": #"{"model_type": "bert"}"#,
            "tokenizer_config.json": #"{"tokenizer_class": "BertTokenizer"}"#,
        ])
        try folder.write(
            "tokenizer.json", ModelCopy.read(Goldens.path("classifiers/roberta/tokenizer.json")))
        let error = #expect(throws: MartletError.self) {
            try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
        }
        #expect(error?.message.contains("'BPE'") == true && error?.message.contains("WordPiece") == true)
    }

    /// transformers takes the file of these types as it is, whatever class is named.
    @Test(arguments: ["modernbert", "mistral", "ministral3"]) func typesThatTakeTheFile(type: String) throws {
        let folder = try TestFolder([
            "config.json": #"{"model_type": "\#(type)"}"#,
            "tokenizer_config.json": #"{"tokenizer_class": "CLIPTokenizer"}"#,
        ])
        let path = Goldens.path("classifiers/roberta/tokenizer.json")
        try folder.write("tokenizer.json", ModelCopy.read(path))
        let found = try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
        let file = try TokenizerFiles.tokenizerOfFileAlone(folder: ModelFolder(path: folder.path))
        #expect(found.encode("zopa balo").ids == file.encode("zopa balo").ids)
    }

    /// EmbeddingGemma's tokenizer has a token for images, and its table no row for it.
    @Test func addedTokensWithoutARowAreText() throws {
        let copy = try ModelCopy(of: "bert-mini")
        let before = try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
        let listed = #""added_tokens":[{"id":600,"content":"<image_soft_token>","special":true},"#
        try copy.edit("tokenizer.json", [("\"added_tokens\":[", listed)])
        let settings = #"{"image_token": "<image_soft_token>", "extra_special_tokens": ["<second>"]}"#
        try copy.write("tokenizer_config.json", Array(settings.utf8))
        let after = try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
        let texts = ["zopa balo", "a <image_soft_token> b"]
        let (expected, found) = (try before.embedBlocking(texts), try after.embedBlocking(texts))
        for index in texts.indices { #expect(expected[index].values == found[index].values) }
        #expect(!before.model.notes.contains { $0.contains("no row for the added token") })
        #expect(
            after.model.notes.contains {
                $0.contains("no row for the added token \"<image_soft_token>\" and 1 more")
            })
    }

    /// transformers 2 wrote it.
    @Test func theOldNameOfTheLimit() throws {
        let copy = try ModelCopy(of: "bert-mini", without: ["sentence_bert_config.json"])
        try copy.write(
            "tokenizer_config.json", Array(#"{"do_lower_case": true, "max_len": 9, "init_inputs": []}"#.utf8))
        let embedder = try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
        #expect(embedder.model.maxTokens == 9)
    }

    /// Libraries of static embeddings read no other file of the tokenizer.
    @Test func staticEmbeddingsReadTheTokenizersFileAlone() throws {
        let copy = try ModelCopy(of: "../static/potion")
        let before = try Embedder(modelAt: copy.path)
        let settings =
            #"{"tokenizer_class": "XLMRobertaTokenizer", "cls_token": "zopa", "split_special_tokens": true}"#
        try copy.write("tokenizer_config.json", Array(settings.utf8))
        let after = try Embedder(modelAt: copy.path)
        let texts = ["zopa balo", "Balo, zopa!"]
        let (expected, found) = (try before.embedBlocking(texts), try after.embedBlocking(texts))
        for index in texts.indices { #expect(expected[index].values == found[index].values) }
    }

    @Test(arguments: [
        "BertJapaneseTokenizer", "PhobertTokenizer", "ByT5Tokenizer", "XLNetTokenizer", "CLIPTokenizerFast",
    ])
    func classesThatAreNotImplemented(_ name: String) throws {
        let copy = try ModelCopy(of: "bert-mini")
        try copy.write("tokenizer_config.json", Array(#"{"tokenizer_class": "\#(name)"}"#.utf8))
        let error = #expect(throws: MartletError.self) {
            try Embedder(modelAt: copy.path, configuration: .init(threads: 1))
        }
        let own = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
        #expect(error?.code == .unsupportedModel && error?.message.contains(own) == true)
    }
}
