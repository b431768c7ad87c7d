import Testing

@testable import Martlet

/// GGUF files as llama.cpp's converter writes them give llama.cpp's ids and vectors, see
/// Scripts/llama-goldens.py.
@Suite("GGUF files of llama.cpp")
struct LlamaTests {
    static let names = [
        "bert", "bert-cased", "distilbert", "roberta", "xlm-roberta", "nomic-bert", "nomic-bert-moe",
        "jina-bert-v2", "qwen2", "qwen3",
        "modern-bert", "eurobert", "gemma-embedding", "llama",
    ]

    private func embedder(_ name: String, _ precision: Precision) throws -> Embedder {
        // The converter gives Llama's form no pooling.
        try Embedder(
            modelAt: Goldens.path("llama/\(name).gguf"),
            configuration: .init(threads: 1, precision: precision, pooling: name == "llama" ? .last : .native)
        )
    }

    @Test(arguments: names)
    func vectors(_ name: String) throws {
        let rows = try GoldenRow.read(path: "llama/\(name).jsonl")
        let agreement = Agreement(try embedder(name, .f32).embed(rows), rows)
        #expect(agreement.worst >= 0.9999, "\(name): \(agreement)")
    }

    @Test(arguments: names)
    func tokens(_ name: String) throws {
        let embedder = try embedder(name, .f32)
        for row in try GoldenRow.read(path: "llama/\(name).jsonl") {
            #expect(try embedder.tokenize(row.text).ids == row.ids, "\(name): \(row.text.prefix(40))")
        }
    }
}
