#if Hub

import Testing

@testable import MartletHub

/// Which of a repository's files are fetched.
@Suite struct SelectionTests {
    private func select(_ files: [String], _ variant: String? = nil, _ texts: [String: String] = [:]) throws
        -> [String]
    {
        let selection = FileSelection(repository: "org/x", all: files, variant: variant)
        #expect(selection.indices == texts.keys.sorted(), "what is read first")
        return try selection.files(texts.mapValues { Array($0.utf8) })
    }

    private func message(_ files: [String], _ variant: String? = nil) throws -> String {
        try #require(throws: HubError.self) { try select(files, variant) }.message
    }

    /// A modules.json with modules in these folders.
    private static func modules(_ paths: String...) -> String {
        "["
            + paths.map { #"{"type": "sentence_transformers.models.X", "path": "\#($0)"}"# }.joined(
                separator: ", ") + "]"
    }

    @Test func `a plain transformer`() throws {
        let files = [
            "config.json", "vocab.txt", "model.safetensors", "pytorch_model.bin", "tf_model.h5", "model.onnx",
            "modeling.py", "README.md",
            "q8.gguf", "fp16/model.safetensors", ".gitattributes",
        ]
        #expect(try select(files) == ["config.json", "vocab.txt", "model.safetensors"])
    }

    /// Newer transformers writes the template of a chat, which says how a reranker is asked about a pair, to
    /// a file of its own.
    @Test func `the words around a pair`() throws {
        let files = ["chat_template.jinja", "config.json", "tokenizer.json", "model.safetensors"]
        #expect(try select(files + ["additional_chat_templates/other.jinja"]) == files)
    }

    @Test func `a SentencePiece file, where there is no tokenizer.json`() throws {
        let files = ["config.json", "sentencepiece.bpe.model", "tokenizer_config.json", "model.safetensors"]
        #expect(try select(files) == files)
        #expect(try select(files + ["tokenizer.json"]).contains("sentencepiece.bpe.model") == false)
        for name in ["spiece.model", "tokenizer.model"] {
            #expect(try select([name, "model.safetensors"]).first == name)
        }
    }

    @Test func `modules in folders, of several only those that are used`() throws {
        let files = [
            "modules.json", "0_Transformer/config.json", "0_Transformer/model.safetensors",
            "0_Transformer/tokenizer.json",
            "0_Transformer/sentence_bert_config.json", "1_Pooling/config.json", "2_Dense_256/config.json",
            "2_Dense_256/model.safetensors",
            "2_Dense_1024/config.json", "2_Dense_1024/model.safetensors", "2_Dense_1024/pytorch_model.bin",
        ]
        let modules = Self.modules("0_Transformer", "1_Pooling", "2_Dense_1024")
        #expect(
            try select(files, nil, ["modules.json": modules]) == [
                "0_Transformer/config.json", "0_Transformer/sentence_bert_config.json",
                "0_Transformer/tokenizer.json",
                "1_Pooling/config.json", "2_Dense_1024/config.json", "modules.json",
                "0_Transformer/model.safetensors",
                "2_Dense_1024/model.safetensors",
            ])
    }

    @Test func `an index names files that are there`() throws {
        let files = ["config.json", "model.safetensors.index.json", "a.safetensors"]
        let error = try #require(throws: HubError.self) {
            try select(
                files, nil,
                [
                    "model.safetensors.index.json":
                        #"{"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}"#
                ])
        }
        #expect(error.message.contains("names \"b.safetensors\", which is not there"))
    }

    private static let gguf = [
        "README.md", "m-Q4_K_M.gguf", "m-Q8_0.gguf", "m-FP16.gguf", "mmproj-F16.gguf", "config.json",
    ]

    @Test func `one GGUF file`() throws {
        #expect(try select(Self.gguf) == ["m-Q8_0.gguf"])
        #expect(try select(Self.gguf, "fp16") == ["m-FP16.gguf"])
        #expect(try select(Self.gguf, "m-Q4_K_M.gguf") == ["m-Q4_K_M.gguf"])
        #expect(try select(["deep/only.gguf"]) == ["deep/only.gguf"])
        #expect(try select(["m.F16.gguf", "m.Q6_K.gguf"]) == ["m.F16.gguf"])
        // Weights of the other form are there, and GGUF was asked for.
        #expect(try select(["model.safetensors", "m-Q8_0.gguf"], "Q8_0") == ["m-Q8_0.gguf"])
    }

    @Test func `which file is meant must be clear`() throws {
        #expect(try message(Self.gguf, "Q5_0").contains("has no GGUF file \"Q5_0\"; it has m-FP16.gguf"))
        #expect(
            try message(["config.json", "model.safetensors"], "Q8_0").contains(
                "has no GGUF file \"Q8_0\"; it has none; pull "))
        #expect(try message(["a-Q8_0.gguf", "b-Q8_0.gguf"], "Q8_0").contains("more than one"))
        #expect(try message(["a.gguf", "b.gguf"]).contains("several GGUF files"))
        #expect(FileSelection.matches("Q4_NL", in: ["m-IQ4_NL.gguf"]).isEmpty)
        // The whole name goes before an end.
        #expect(try select(["a-bert.gguf", "bert.gguf"], "bert") == ["bert.gguf"])
    }

    @Test func `what torch wrote, else an export in floats`() throws {
        let files = [
            "config.json", "tokenizer.json", "pytorch_model.bin", "onnx/model.onnx", "onnx/model_fp16.onnx",
            "flax_model.msgpack",
        ]
        #expect(try select(files) == ["config.json", "tokenizer.json", "pytorch_model.bin"])
        #expect(try select(files + ["q.gguf"]) == ["q.gguf"])
        let exports =
            files.filter { $0 != "pytorch_model.bin" } + [
                "onnx/model.onnx_data", "onnx/model.onnx_data_1", "onnx/model_q4.onnx",
            ]
        #expect(
            try select(exports) == [
                "config.json", "tokenizer.json", "onnx/model.onnx_data", "onnx/model.onnx_data_1",
                "onnx/model.onnx",
            ])
        #expect(try select(exports + ["model.onnx"]) == ["config.json", "tokenizer.json", "model.onnx"])
        #expect(
            try select(["config.json", "model_optimized.onnx"]) == ["config.json", "model_optimized.onnx"])
    }

    @Test func `where a pickle may be in the place of an export`() throws {
        func choice(_ files: [String], _ texts: [String: String] = [:]) throws -> String? {
            try FileSelection(repository: "org/x", all: files, variant: nil).torchBesideExport(
                texts.mapValues { Array($0.utf8) })
        }
        #expect(try choice(["pytorch_model.bin", "onnx/model.onnx"]) == "pytorch_model.bin")
        for files in [
            ["pytorch_model.bin"], ["onnx/model.onnx"],
            ["pytorch_model.bin", "model.onnx", "model.safetensors"], ["q.gguf"],
        ] {
            #expect(try choice(files) == nil)
        }
        let modules = ["modules.json": Self.modules("0_Transformer", "1_Dense")]
        let files = [
            "0_Transformer/model.onnx", "0_Transformer/pytorch_model.bin", "1_Dense/pytorch_model.bin",
            "model.onnx",
        ]
        #expect(try choice(files, modules) == "0_Transformer/pytorch_model.bin")
        let selection = FileSelection(repository: "org/x", all: files, variant: nil)
        let texts = modules.mapValues { Array($0.utf8) }
        #expect(try selection.files(texts) == Array(files[1...2]))
        #expect(try selection.files(texts, pickles: [files[1]]) == [files[0], files[2]])
    }

    @Test func `an export of the encoder, beside modules with weights of their own`() throws {
        let files = [
            "modules.json", "config.json", "onnx/model.onnx", "1_Pooling/config.json", "2_Dense/config.json",
            "2_Dense/model.safetensors",
            "3_Dense/config.json", "3_Dense/pytorch_model.bin",
        ]
        let modules = Self.modules("", "1_Pooling", "2_Dense", "3_Dense")
        #expect(Set(try select(files, nil, ["modules.json": modules])) == Set(files))
    }

    @Test func `a router's modules are fetched`() throws {
        let files = [
            "modules.json", "router_config.json", "document_0_Transformer/config.json",
            "document_0_Transformer/model.safetensors",
            "query_0_SparseStaticEmbedding/model.safetensors", "query_0_SparseStaticEmbedding/tokenizer.json",
            "onnx/model.onnx",
            "other/model.safetensors",
        ]
        let types = #"""
            {"types": {"query_0_SparseStaticEmbedding": "s", "document_0_Transformer": "t"},
             "structure": {"query": ["query_0_SparseStaticEmbedding"], "document": ["document_0_Transformer"]}}
            """#
        let texts = ["modules.json": Self.modules(""), "router_config.json": types]
        #expect(Set(try select(files, nil, texts)) == Set(files.dropLast(2)))
        #expect(throws: HubError.self) {
            try select(
                files, nil,
                texts.merging([
                    "router_config.json": #"{"types": {"../x": "s"}, "structure": {"query": ["../x"]}}"#
                ]) { $1 })
        }
    }

    @Test func `a repository without weights for us says what it has`() throws {
        #expect(
            try message(["config.json", "tf_model.h5", "onnx/model_q4.onnx"]).contains(
                "(it has *.onnx, *.h5)"))
        #expect(
            try message([]).contains(
                "has neither model.safetensors nor pytorch_model.bin nor a GGUF file nor onnx/model.onnx;"))
    }
}

#endif
