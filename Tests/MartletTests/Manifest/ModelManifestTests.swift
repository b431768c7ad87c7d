import Testing

@testable import Martlet

/// One reader says what a model is, from its configuration alone.
@Suite("The manifest of a model")
struct ModelManifestTests {
    @Test(arguments: [
        ("models/bert-mini", [ModelKind.embedder]), ("sparse/splade-bert", [.sparse]),
        ("multi/pylate", [.lateInteraction]),
        ("multi/multi-vector-encoder", [.lateInteraction]), ("multi/colbert", [.lateInteraction]),
        ("classifiers/bert-cross", [.reranker]),
        ("classifiers/bert-labels", [.classifier]), ("classifiers/qwen3-reranker", [.reranker, .embedder]),
        ("classifiers/qwen3-reranker-cross", [.reranker]), ("contextual/cde", [.contextual]),
        ("llama/bert.gguf", [.embedder]),
        ("classifiers/bert-cross/model.gguf", [.reranker]),
    ])
    func kinds(_ path: String, _ kinds: [ModelKind]) throws {
        let source = ModelSource.path(Goldens.path(path))
        #expect(try ModelManifest.read(from: source).kinds == kinds)
    }

    @Test func whatAFolderSays() throws {
        let manifest = try ModelManifest.read(from: .path(Goldens.path("models/bert-dense")))
        #expect(
            manifest.format == .folder && manifest.family == "bert" && manifest.pooling == [.mean]
                && manifest.poolsPrompt)
        #expect(
            manifest.prompts == ["query": "query: ", "document": "passage: "] && manifest.limits.tokens == 128
        )
        #expect(manifest.modules.map(\.name) == ["Transformer", "Pooling", "Dense", "Normalize"])
        #expect(manifest.modules.map(\.path) == ["", "1_Pooling", "2_Dense", "3_Normalize"])
    }

    @Test func theBuiltInModel() throws {
        let manifest = try ModelManifest.read(from: .path(Goldens.path("llama/qwen3.gguf")))
        #expect(manifest.format == .gguf && manifest.family == "qwen3" && !manifest.pooling.isEmpty)
    }

    /// An adapter is told from a model whose download is incomplete.
    @Test func anAdapterAlone() throws {
        let folder = try TestFolder([
            "adapter_config.json":
                #"{"peft_type": "LORA", "r": 8, "lora_alpha": 8, "base_model_name_or_path": "org/base"}"#
        ])
        let error = #expect(throws: MartletError.self) { try Embedder(modelAt: folder.path) }
        #expect(error?.code == .unsupportedModel && error?.message.contains("an adapter of org/base") == true)
    }
}
