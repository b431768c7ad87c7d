import MartletModels
import MartletJSON
import Testing

@testable import Martlet

@Suite("The pipeline is read from a model folder")
struct PipelineFolderTests {
    private static let modules =
        #"[{"idx":0,"path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}"#
    private static let meanPooling = #"{"word_embedding_dimension":4,"pooling_mode_mean_tokens":true}"#

    private func read(_ files: [String: String], pooling: Pooling = .native) throws -> PipelineDescription {
        let folder = try TestFolder(files)
        return try PipelineDescription(folder: ModelFolder(path: folder.path), pooling: pooling)
    }

    private func withModules(
        _ rest: String = "", pooling: String = meanPooling, _ files: [String: String] = [:]
    ) -> [String: String] {
        ["modules.json": Self.modules + rest + "]", "1_Pooling/config.json": pooling].merging(files) {
            _, new in new
        }
    }

    @Test(arguments: [
        ("bert-mini", "mean → normalize", 32, 224),
        ("bert-dense", "mean → dense(48→24, tanh) → normalize", 24, 128),
        ("bert-narrow", "weighted_mean → normalize", 20, 64), ("bert-odd", "cls", 36, 48),
        ("bert-silu", "max", 40, 96),
    ])
    func folders(_ name: String, _ line: String, _ dimensions: Int, _ maxTokens: Int) throws {
        let path = Goldens.path("models/" + name)
        let hidden = try #require(try TestFolder.read(path + "/config.json")["hidden_size"]?.int)
        let pipeline = try PipelineDescription(folder: ModelFolder(path: path + "/"))
        #expect(pipeline.description == line)
        #expect(try pipeline.dimensions(hiddenSize: hidden) == dimensions)
        #expect(pipeline.maxTokens == maxTokens)
        #expect(pipeline.similarity == .cosine && pipeline.includePrompt && pipeline.notes.isEmpty)
    }

    @Test func promptsAndRoles() throws {
        let prompts = try PipelineDescription(folder: ModelFolder(path: Goldens.path("models/bert-dense")))
            .prompts
        #expect(prompts.dictionary == ["query": "query: ", "document": "passage: "])
        #expect(try prompts.text(for: nil) == "passage: ")
        #expect(try prompts.text(for: .query) == "query: ")
        #expect(try prompts.text(for: .document) == "passage: ")
        #expect(try prompts.text(for: TextRole(promptName: "query")) == "query: ")
        let error = #expect(throws: MartletError.self) {
            try prompts.text(for: TextRole(promptName: "title"))
        }
        #expect(error?.code == .invalidOption)
        #expect(
            error?.message == #"this model has no prompt "title": it has the prompts "query", "document""#)
        #expect(
            try Prompts().text(for: .query) == "" && Prompts().text(for: .document) == ""
                && Prompts().text(for: nil) == "")
        #expect(try Prompts([.init(name: "passage", text: "p: ")]).text(for: .document) == "p: ")
    }

    @Test(arguments: [
        (#"{"pooling_mode":"cls"}"#, [PoolingMode.cls]),
        (#"{"pooling_mode":["mean","lasttoken"]}"#, [.mean, .last]),
        (#"{"pooling_mode":"mean_sqrt_len_tokens","pooling_mode_cls_token":true}"#, [.meanSqrtLen]),
        (
            #"{"pooling_mode_lasttoken":true,"pooling_mode_mean_tokens":true,"pooling_mode_cls_token":true}"#,
            [.cls, .mean, .last]
        ),
        (
            #"{"pooling_mode_weightedmean_tokens":true,"pooling_mode_max_tokens":true}"#,
            [.max, .weightedMean]
        ),
    ])
    func spellingsOfPooling(_ config: String, _ modes: [PoolingMode]) throws {
        #expect(try read(withModules(pooling: config)).pooling == modes)
    }

    @Test func theSettingsOfAFolder() throws {
        let files = withModules(
            pooling: #"{"pooling_mode":"cls","include_prompt":false}"#,
            [
                "sentence_roberta_config.json": #"{"max_seq_length":7,"do_lower_case":true}"#,
                "tokenizer_config.json": #"{"model_max_length":512}"#,
                "config_sentence_transformers.json":
                    #"{"similarity_fn_name":"dot","truncate_dim":2,"prompts":{"a":"x","b":null}}"#,
            ])
        let pipeline = try read(files)
        #expect(pipeline.maxTokens == 7 && pipeline.lowercases && !pipeline.includePrompt)
        #expect(
            pipeline.similarity == .dot && pipeline.defaultDimensions == 2
                && pipeline.prompts.dictionary == ["a": "x", "b": ""])
        #expect(pipeline.description == "cls(without prompt) → cut(2)")
        #expect(try read(files, pooling: .max).pooling == [.max])
        let endless = try read(
            withModules(["tokenizer_config.json": #"{"model_max_length":1000000000000000019884624838656}"#]))
        #expect(endless.maxTokens == nil)
    }

    private func withModules(_ files: [String: String]) -> [String: String] { withModules("", files) }

    @Test func aPlainTransformerNeedsAPooling() throws {
        let files = ["config.json": "{}", "tokenizer_config.json": #"{"model_max_length":512}"#]
        let error = #expect(throws: MartletError.self) { try read(files) }
        #expect(error?.code == .missingFile)
        #expect(error?.message.contains("modules.json is missing") == true && error?.remedy == .choosePooling)
        let pipeline = try read(files, pooling: .cls)
        #expect(pipeline.description == "cls" && pipeline.maxTokens == 512)
        let empty = #expect(throws: MartletError.self) { try read([:], pooling: .cls) }
        #expect(empty?.message.contains("is not a model folder") == true)
    }

    @Test func modulesAfterPooling() throws {
        let folder = try TestFolder(
            withModules(
                Self.dense + #",{"path":"3_LN","type":"sentence_transformers.models.LayerNorm"}"#,
                [
                    "2_Dense/config.json":
                        #"{"in_features":4,"out_features":2,"bias":false,"activation_function":"torch.nn.Identity"}"#,
                    "3_LN/config.json": #"{"dimension":2}"#,
                ]))
        let weights: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
        try folder.write(
            "2_Dense/model.safetensors", TestFolder.safetensors([("linear.weight", [2, 4], weights)]))
        try folder.write(
            "3_LN/model.safetensors",
            TestFolder.safetensors([("norm.weight", [2], [1, 2]), ("norm.bias", [2], [3, 4])]))
        let pipeline = try PipelineDescription(folder: ModelFolder(path: folder.path))
        #expect(pipeline.description == "mean → dense(4→2, identity) → layer_norm(2)")
        guard case .dense(let dense) = pipeline.stages[0], case .layerNorm(let norm) = pipeline.stages[1]
        else {
            Issue.record("expected dense and layer norm")
            return
        }
        #expect(
            dense.weight == weights && dense.bias == nil && norm.weight == [1, 2] && norm.bias == [3, 4])
        let mismatch = #expect(throws: MartletError.self) { try pipeline.dimensions(hiddenSize: 5) }
        #expect(mismatch?.message.contains("dense takes 4 dimensions but gets 5 from mean pooling") == true)

        try folder.write(
            "2_Dense/model.safetensors", TestFolder.safetensors([("linear.weight", [4, 2], weights)]))
        let shape = #expect(throws: MartletError.self) {
            try PipelineDescription(folder: ModelFolder(path: folder.path))
        }
        #expect(
            shape?.message.contains("linear.weight") == true
                && shape?.message.contains("2_Dense/model.safetensors") == true)
        try folder.write("2_Dense/model.safetensors", [1, 2, 3])
        let short = #expect(throws: MartletError.self) {
            try PipelineDescription(folder: ModelFolder(path: folder.path))
        }
        #expect(short?.code == .invalidModel && short?.file?.hasSuffix("2_Dense/model.safetensors") == true)
    }

    struct Broken: Sendable {
        var rest = ""
        var pooling = PipelineFolderTests.meanPooling
        var files: [String: String] = [:]
        let code: MartletError.Code
        let parts: [String]
    }

    private static let dense = #",{"path":"2_Dense","type":"sentence_transformers.models.Dense"}"#
    static let broken: [Broken] = [
        Broken(
            rest: #",{"path":"2_CNN","type":"sentence_transformers.models.CNN"}"#, code: .unsupportedModel,
            parts: [
                "modules.json", #"module 2 is "sentence_transformers.models.CNN""#,
                "Transformer, StaticEmbedding, Pooling, Dense",
            ]),
        Broken(
            rest: #",{"path":"","type":"custom_st.Normalize"}"#, code: .unsupportedModel,
            parts: ["custom_st.Normalize"]),
        Broken(
            rest: #",{"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}"#,
            code: .unsupportedModel, parts: ["once"]),
        Broken(
            rest: #",{"path":"../x","type":"sentence_transformers.models.Dense"}"#, code: .invalidModel,
            parts: ["leads out of"]),
        Broken(
            rest: #",{"path":"/etc","type":"sentence_transformers.models.Dense"}"#, code: .invalidModel,
            parts: ["leads out of"]),
        Broken(rest: #",{"path":3}"#, code: .invalidModel, parts: ["module 2", #""type" and "path""#]),
        Broken(rest: ",7", code: .invalidModel, parts: ["module 2"]),
        Broken(
            files: ["modules.json": "{}"], code: .invalidModel,
            parts: ["modules.json", "expected a list of modules, found an object"]),
        Broken(files: ["modules.json": "[]"], code: .invalidModel, parts: ["no module of type Transformer"]),
        Broken(
            files: ["modules.json": "[{"], code: .invalidModel,
            parts: ["modules.json", "is no JSON", "line 1"]),
        Broken(files: ["modules.json": ""], code: .invalidModel, parts: ["modules.json", "is no JSON"]),
        Broken(
            files: ["modules.json": #"[{"path":"","type":"sentence_transformers.models.Transformer"}]"#],
            code: .invalidModel,
            parts: ["no module of type Pooling", "choose a pooling"]),
        Broken(
            files: ["modules.json": #"[{"path":"x","type":"sentence_transformers.models.Normalize"}]"#],
            code: .unsupportedModel,
            parts: ["expected after Pooling"]),
        Broken(
            files: ["modules.json": #"[{"path":"x","type":"sentence_transformers.models.WordEmbeddings"}]"#],
            code: .unsupportedModel,
            parts: ["WordEmbeddings"]),
        Broken(pooling: "{}", code: .invalidModel, parts: ["1_Pooling/config.json", "no pooling mode"]),
        Broken(
            pooling: #"{"pooling_mode_mean_tokens":"yes"}"#, code: .invalidModel,
            parts: ["pooling_mode_mean_tokens", #""yes""#]),
        Broken(
            pooling: #"{"pooling_mode_attention":true}"#, code: .unsupportedModel,
            parts: ["pooling_mode_attention"]),
        Broken(
            pooling: #"{"pooling_mode":"median"}"#, code: .unsupportedModel,
            parts: [#""median""#, "weightedmean"]),
        Broken(pooling: #"{"pooling_mode":[]}"#, code: .invalidModel, parts: ["empty list"]),
        Broken(
            pooling: #"{"pooling_mode":["mean",3]}"#, code: .invalidModel, parts: ["pooling_mode", "found 3"]),
        Broken(
            pooling: "[1]", code: .invalidModel,
            parts: ["1_Pooling/config.json", "expected an object, found an array"]),
        Broken(rest: dense, code: .missingFile, parts: ["2_Dense/config.json is missing"]),
        Broken(
            rest: dense, files: ["2_Dense/config.json": #"{"out_features":2}"#], code: .invalidModel,
            parts: ["in_features", "missing"]),
        Broken(
            rest: dense, files: ["2_Dense/config.json": #"{"in_features":-4,"out_features":2}"#],
            code: .invalidModel,
            parts: ["in_features", "found -4"]),
        Broken(
            rest: dense,
            files: [
                "2_Dense/config.json": #"{"in_features":4,"out_features":2,"activation_function":"my.Act"}"#
            ],
            code: .unsupportedModel, parts: ["my.Act", "tanh"]),
        Broken(
            rest: dense,
            files: [
                "2_Dense/config.json":
                    #"{"in_features":4,"out_features":2,"module_input_name":"token_embeddings"}"#
            ],
            code: .unsupportedModel, parts: ["token_embeddings"]),
        Broken(
            rest: dense, files: ["2_Dense/config.json": #"{"in_features":4,"out_features":2}"#],
            code: .missingFile,
            parts: ["2_Dense/model.safetensors is missing"]),
        Broken(
            rest: dense,
            files: [
                "2_Dense/config.json": #"{"in_features":4,"out_features":2}"#,
                "2_Dense/pytorch_model.bin": "x",
            ],
            code: .unsupportedModel, parts: ["2_Dense/pytorch_model.bin", "neither GGUF nor safetensors"]),
        Broken(
            files: ["sentence_bert_config.json": #"{"max_seq_length":0}"#], code: .invalidModel,
            parts: ["sentence_bert_config.json", "max_seq_length", "found 0"]),
        Broken(
            files: ["sentence_bert_config.json": #"{"transformer_task":"fill-mask"}"#],
            code: .unsupportedModel, parts: ["fill-mask"]),
        Broken(
            files: ["tokenizer_config.json": #"{"model_max_length":"long"}"#], code: .invalidModel,
            parts: ["model_max_length", "long"]),
        Broken(
            files: ["config_sentence_transformers.json": #"{"similarity_fn_name":"chebyshev"}"#],
            code: .unsupportedModel,
            parts: ["chebyshev", "cosine"]),
        Broken(
            files: ["config_sentence_transformers.json": #"{"prompts":{"a":"x"},"default_prompt_name":"b"}"#],
            code: .invalidModel,
            parts: ["default_prompt_name", #""b""#, #""a""#]),
        Broken(
            files: ["config_sentence_transformers.json": #"{"prompts":["a"]}"#], code: .invalidModel,
            parts: ["prompts", "an array"]),
        Broken(
            files: ["config_sentence_transformers.json": #"{"prompts":{"a":1}}"#], code: .invalidModel,
            parts: [#"prompt "a""#, "a number"]),
    ]

    @Test(arguments: broken)
    func brokenFolders(_ item: Broken) {
        let error = #expect(throws: MartletError.self) {
            try read(withModules(item.rest, pooling: item.pooling, item.files))
        }
        #expect(error?.code == item.code)
        for part in item.parts {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "") should contain \(part)")
        }
        #expect(error?.message.contains("\n") == false && error?.file != nil)
    }

    @Test func aMissingPoolingFile() {
        let error = #expect(throws: MartletError.self) { try read(["modules.json": Self.modules + "]"]) }
        #expect(
            error?.code == .missingFile && error?.message.contains("1_Pooling/config.json is missing") == true
        )
    }
}
