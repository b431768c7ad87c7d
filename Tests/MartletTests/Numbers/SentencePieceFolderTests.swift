import MartletCompute
import MartletJSON
import MartletTokenizers
import Testing

@testable import Martlet

/// A folder with a SentencePiece file and no tokenizer.json: the ids are those of the sentencepiece library,
/// inside the family's frame.
@Suite("SentencePiece files in model folders")
struct SentencePieceFolderTests {
    private static func golden(_ name: String) -> String {
        Goldens.path("../MartletTokenizersTests/Goldens/SentencePiece/" + name)
    }

    private func folder(_ name: String, model: String, _ files: [String: String]) throws -> TestFolder {
        let folder = try TestFolder(files)
        try folder.write(name, ModelCopy.read(Self.golden(model + ".model")))
        return folder
    }

    /// A text with the ids that the library gives it, without its frame.
    private func cases(_ model: String) throws -> [(text: String, ids: [Int32])] {
        let json = try JSONValue.parse(ModelCopy.read(Self.golden("models.json")))
        return try #require(json[model]?.array).compactMap { row in
            let text = try #require(row[0]?.string)
            // What the library takes for text, a tokenizer takes for the token of that name; and it drops
            // visible spaces at the end.
            guard !["<s>", "</s>", "<unk>", "<mask>", "<pad>", "\u{2581}"].contains(where: text.contains)
            else { return nil }
            return (text, try #require(row[1]?.array).map { Int32(try #require($0.int)) })
        }
    }

    @Test(arguments: [
        ("XLMRobertaTokenizer", "sentencepiece.bpe.model", "unigram", #""add_prefix_space": true"#),
        ("T5TokenizerFast", "spiece.model", "unigram", #""extra_ids": 0"#),
        ("LlamaTokenizer", "tokenizer.model", "pairs", #""legacy": false"#),
        ("LlamaTokenizer", "tokenizer.model", "pairs", #""add_bos_token": true, "add_eos_token": true"#),
        ("GemmaTokenizer", "tokenizer.model", "pairs", #""add_bos_token": false, "add_eos_token": true"#),
    ])
    func frames(_ type: String, _ file: String, _ model: String, _ flags: String) throws {
        let folder = try folder(
            file, model: model, ["tokenizer_config.json": "{\"tokenizer_class\": \"\(type)\", \(flags)}"])
        let tokenizer = try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
        let cases = try cases(model)
        #expect(cases.count > 60)
        for (text, ids) in cases {
            let expected: [Int32] =
                switch type {
                case "XLMRobertaTokenizer": [0] + ids.map { $0 == 0 ? 3 : $0 + 1 } + [2]
                case "T5TokenizerFast": ids + [2]
                default:
                    (flags.contains("bos_token\": false") ? [] : [1]) + ids
                        + (flags.contains("eos_token\": true") ? [2] : [])
                }
            #expect(tokenizer.encode(text).ids == expected, "\(type): \(text.debugDescription)")
        }
    }

    @Test func theModelTypeIsEnough() throws {
        let folder = try folder(
            "sentencepiece.bpe.model", model: "unigram", ["config.json": #"{"model_type": "xlm-roberta"}"#])
        #expect(
            try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path)).encode("").ids == [0, 2])
    }

    @Test(arguments: [
        [:], ["config.json": #"{"model_type": "xlnet"}"#],
        ["tokenizer_config.json": #"{"tokenizer_class": "CamembertTokenizer"}"#],
        [
            "tokenizer_config.json": #"{"tokenizer_class": "AlbertTokenizer"}"#,
            "config.json": #"{"model_type": "xlm-roberta"}"#,
        ],
    ])
    func otherFamiliesAreRefused(_ files: [String: String]) throws {
        let folder = try folder("spiece.model", model: "unigram", files)
        let error = #expect(throws: MartletError.self) {
            try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
        }
        #expect(error?.code == .unsupportedModel && error?.message.contains("tokenizer.json") == true)
        #expect(error?.file?.hasSuffix("spiece.model") == true)
    }

    @Test func brokenFilesAreRefused() throws {
        let bytes = try ModelCopy.read(Self.golden("unigram.model"))
        for count in [0, 1, 100, bytes.count - 1] {
            let folder = try TestFolder(["tokenizer_config.json": #"{"tokenizer_class": "T5Tokenizer"}"#])
            try folder.write("spiece.model", Array(bytes[..<count]))
            let error = #expect(throws: MartletError.self) {
                try TokenizerFiles.tokenizer(folder: ModelFolder(path: folder.path))
            }
            #expect(
                error?.code == .invalidModel && error?.file?.hasSuffix("spiece.model") == true,
                "\(count) bytes")
        }
    }
}
