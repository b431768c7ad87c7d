import MartletJSON
import MartletModels
import MartletTokenizers
import Testing

@testable import Martlet

/// Every member of every configuration file is honoured, known to have no effect, or refused by name.
@Suite("Members of configuration files")
struct ConfigurationMemberTests {
    private static let files = [
        "config.json", "sentence_bert_config.json", "config_sentence_transformers.json",
        "1_Pooling/config.json", "tokenizer_config.json",
    ]

    private func embedder(_ model: String, _ file: String, with members: String) throws -> Embedder {
        let copy = try ModelCopy(of: model)
        var text = String(decoding: try ModelCopy.bytes(model, file), as: UTF8.self)
        let end = try #require(text.lastIndex(of: "}"))
        let isEmpty = try JSONValue.parse(Array(text.utf8)).object?.isEmpty ?? true
        text.replaceSubrange(end..<text.endIndex, with: (isEmpty ? "" : ", ") + members + "}")
        try copy.write(file, Array(text.utf8))
        return try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
    }

    @Test(arguments: files, [#""frobnicate": true"#, #""frobnicate": {"a": 1}"#])
    func whatNobodyKnowsIsRefusedByName(_ file: String, _ member: String) throws {
        let error = #expect(throws: MartletError.self) { try embedder("bert-mini", file, with: member) }
        #expect(
            error?.message.contains("\"frobnicate\"") == true && error?.message.contains(file) == true,
            "\(error?.message ?? "")")
    }

    @Test(arguments: files)
    func nullIsAbsent(_ file: String) throws {
        #expect(try embedder("bert-mini", file, with: #""frobnicate": null"#).model.dimensions == 32)
    }

    /// A member that is listed as harmless leaves every bit as it was.
    @Test func harmlessMembersChangeNothing() throws {
        let texts = ["Zopa balo", "turi"]
        let expected = try Martlet.Embedder(
            modelAt: Goldens.path("models/bert-mini"), configuration: .init(threads: 1, precision: .f32)
        )
        .embedBlocking(
            texts)
        for table in ConfigurationMembers.tables where Self.files.contains(table.file) {
            let members = table.members.filter { $0.use == .harmless }.map { "\"\($0.name)\": \"x\"" }.joined(
                separator: ", ")
            let found = try embedder("bert-mini", table.file, with: members).embedBlocking(texts)
            #expect(found.bits == expected.bits, "\(table.file)")
        }
    }

    /// Values of members that are looked at, which no model may have without a word.
    @Test(arguments: [
        ("sentence_bert_config.json", #""processor_kwargs": {"frobnicate": 1}"#, "frobnicate"),
        (
            "sentence_bert_config.json", #""tokenizer_args": {"split_special_tokens": true}"#,
            "split_special_tokens"
        ),
        ("sentence_bert_config.json", #""config_args": {"frobnicate": 1}"#, "frobnicate"),
        ("sentence_bert_config.json", #""config_args": {"is_decoder": true}"#, "is_decoder"),
        ("sentence_bert_config.json", #""model_args": {"num_hidden_layers": 1}"#, "num_hidden_layers"),
        ("sentence_bert_config.json", #""processing_kwargs": {"text": {"max_length": 8}}"#, "max_length"),
        ("sentence_bert_config.json", #""tokenizer_args": ["a"]"#, "tokenizer_args"),
        ("sentence_bert_config.json", #""max_seq_length": ["8"]"#, "max_seq_length"),
        ("sentence_bert_config.json", #""transformer_task": ["a"]"#, "transformer_task"),
        ("sentence_bert_config.json", #""tokenizer_name_or_path": "org/other""#, "org/other"),
        ("config_sentence_transformers.json", #""similarity_fn_name": "hamming""#, "hamming"),
        ("tokenizer_config.json", #""split_special_tokens": true"#, "split_special_tokens"),
        ("tokenizer_config.json", #""sp_model_kwargs": {"enable_sampling": true}"#, "sp_model_kwargs"),
        ("tokenizer_config.json", #""truncation_side": "middle""#, "truncation_side"),
        ("config.json", #""auto_map": {"AutoModel": "modeling_x.OwnModel"}"#, "modeling_x.OwnModel"),
    ])
    func valuesThatAreRefused(_ file: String, _ member: String, _ part: String) throws {
        let error = #expect(throws: MartletError.self) { try embedder("bert-mini", file, with: member) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    /// Arguments that sentence-transformers passes on count as members of the file that they reach.
    @Test func argumentsArePassedOn() throws {
        let limited = try embedder(
            "bert-mini", "sentence_bert_config.json", with: #""processor_kwargs": {"model_max_length": 9}"#)
        #expect(limited.model.maxTokens == 9)
        let cased = try embedder(
            "bert-mini", "sentence_bert_config.json", with: #""tokenizer_args": {"do_lower_case": false}"#)
        #expect(cased.model.tokenizer.contains("cased"))
    }

    @Test func poolingWithoutAMode() throws {
        let copy = try ModelCopy(of: "bert-mini")
        try copy.write(
            "1_Pooling/config.json",
            Array(#"{"word_embedding_dimension": 32, "pooling_mode_cls_token": false}"#.utf8))
        #expect(try Embedder(modelAt: copy.path, configuration: .init(threads: 1)).model.pooling == [.mean])
    }

    /// Every object of a tokenizer.json, however deep, refuses a member that is not known.
    @Test(arguments: ["wordpiece", "xlmr", "qwen3", "gemma", "roberta", "modernbert"])
    func everyPartOfATokenizer(_ name: String) throws {
        let path = Goldens.path("published/tokenizers/\(name).json")
        let file = try TestFolder.read(path)
        let folder = try TestFolder(["config.json": #"{"model_type": "modernbert"}"#])
        let places = Self.places(file, [])
        #expect(places.count >= 5)
        for place in places {
            var bytes: [UInt8] = []
            JSONText.append(Self.adding(to: file, at: place[...]), to: &bytes)
            try folder.write("tokenizer.json", bytes)
            let error = #expect(throws: MartletError.self, "\(place)") {
                try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
            }
            #expect(error?.message.contains("frobnicate") == true, "\(place): \(error?.message ?? "")")
        }
    }

    /// The paths of the file's own object, of its parts and their parts, and of the first added token.
    private static func places(_ json: JSONValue, _ path: [String]) -> [[String]] {
        let skipped = [
            "vocab", "merges", "special_tokens", "single", "pair", "sep", "cls", "pattern", "padding",
        ]
        var found: [[String]] = json.object == nil ? [] : [path]
        for member in json.object?.members ?? [] where !skipped.contains(member.key) {
            found += places(member.value, path + [member.key])
        }
        let elements = path == ["added_tokens"] ? json.array?.prefix(1) : json.array?[...]
        for (index, element) in (elements ?? []).enumerated() {
            found += places(element, path + ["\(index)"])
        }
        return found
    }

    private static func adding(to json: JSONValue, at path: ArraySlice<String>) -> JSONValue {
        guard let key = path.first else {
            let member = JSONObject.Member(key: "frobnicate", value: .bool(true))
            return .object(JSONObject((json.object?.members ?? []) + [member]))
        }
        let rest = path.dropFirst()
        if let index = Int(key), let array = json.array {
            return .array(array.enumerated().map { $0 == index ? adding(to: $1, at: rest) : $1 })
        }
        return .object(
            JSONObject(
                (json.object?.members ?? []).map {
                    .init(key: $0.key, value: $0.key == key ? adding(to: $0.value, at: rest) : $0.value)
                }))
    }

    /// A tensor that nothing reads may be a part of the model.
    @Test(arguments: [
        ("linear.weight", true), ("encoder.layer.1.extra.weight", true), ("classifier.weight", false),
        ("cls.predictions.bias", false),
    ])
    func leftoverTensors(_ name: String, _ isRefused: Bool) throws {
        let folder = try ModelCopy(of: "bert-mini")
        let source = try TestFolder.withTensor(ModelCopy.bytes("bert-mini", "model.safetensors"), name)
        try folder.write("model.safetensors", source)
        guard isRefused else {
            #expect(
                try Embedder(modelAt: folder.path, configuration: .init(threads: 1)).model.dimensions == 32)
            return
        }
        let error = #expect(throws: MartletError.self) {
            try Embedder(modelAt: folder.path, configuration: .init(threads: 1))
        }
        #expect(
            error?.code == .unsupportedModel && error?.message.contains(name) == true,
            "\(error?.message ?? "")")
    }

    /// docs/MODELS.md holds the table of all members; this test writes what it should be.
    @Test func theTableOfTheDocumentation() throws {
        var lines = ["| file | member | what is done with it |", "|---|---|---|"]
        for table in ConfigurationMembers.tables {
            for use in [ConfigurationMembers.Use.honoured, .checked, .harmless] {
                let names = table.members.filter { $0.use == use }.map { "`\($0.name)`" }
                if !names.isEmpty {
                    lines.append("| \(table.file) | \(names.joined(separator: ", ")) | \(use.rawValue) |")
                }
            }
        }
        for row in TokenizerMembers.rows {
            let part = row.part == "tokenizer.json" ? "" : ", `\(row.part)`"
            for (names, use) in [
                (row.honoured, ConfigurationMembers.Use.honoured), (row.checked, .checked),
                (row.harmless, .harmless),
            ] where !names.isEmpty {
                let list = names.map { "`\($0)`" }.joined(separator: ", ")
                lines.append("| tokenizer.json\(part) | \(list) | \(use.rawValue) |")
            }
        }
        for row in GeneralMembers.rows {
            lines.append(
                "| config.json | \(row.names.map { "`\($0)`" }.joined(separator: ", ")) | \(row.reason) |")
        }
        let page = Goldens.path("../../docs/MODELS.md")
        let text = String(decoding: try ModelCopy.read(page), as: UTF8.self)
        #expect(
            text.contains(lines.joined(separator: "\n")),
            "docs/MODELS.md should hold:\n\(lines.joined(separator: "\n"))")
    }
}

extension TestFolder {
    /// A safetensors file with one more tensor of a single number.
    static func withTensor(_ bytes: [UInt8], _ name: String) throws -> [UInt8] {
        let length = Int(bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        let data = bytes[(8 + length)...]
        var header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
        let end = try #require(header.lastIndex(of: "}"))
        let entry =
            #", "\#(name)": {"dtype": "F32", "shape": [1], "data_offsets": [\#(data.count), \#(data.count + 4)]}}"#
        header.replaceSubrange(end..<header.endIndex, with: entry)
        return safetensors(header, data + [0, 0, 128, 63])
    }

    /// The bytes of a safetensors file with another header over the same data.
    static func withHeader(_ bytes: [UInt8], _ change: (String) -> String) -> [UInt8] {
        let length = Int(bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        return safetensors(
            change(String(decoding: bytes[8..<8 + length], as: UTF8.self)), bytes[(8 + length)...])
    }

    private static func safetensors(_ header: String, _ data: ArraySlice<UInt8>) -> [UInt8] {
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { Array($0) } + Array(padded.utf8)
            + data
    }
}
