import MartletJSON
import Testing

@testable import Martlet

/// DeBERTa's pieces without tokenizer.json, see Scripts/deberta-goldens.py.
@Suite("Pieces of DeBERTa")
struct PieceTests {
    private static let path = Goldens.path("pieces/deberta-v3")

    @Test func idsAndVectors() throws {
        let embedder = try Embedder(
            modelAt: Self.path, configuration: .init(threads: 1, precision: .f32))
        let rows = try SparseGolden.lines(Self.path + "/goldens.jsonl")
        let found = try embedder.embedBlocking(rows.map { try $0.string("text") })
        for (vector, row) in zip(found, rows) {
            let text = try row.string("text")
            let ids = try #require(row["ids"]?.array).compactMap(\.int)
            #expect(try embedder.tokenize(text).ids == ids, "\(text.debugDescription)")
            let cosine = try vector.cosineSimilarity(to: Embedding(row.floats("embedding")))
            #expect(cosine >= 0.99999, "\(text.debugDescription): \(cosine)")
        }
    }

    /// The same file says nothing of another class's words.
    @Test func anotherClass() throws {
        let folder = try TestFolder()
        for name in ["config.json", "model.safetensors", "spm.model", "tokenizer_config.json"] {
            try folder.write(name, ModelCopy.read("\(Self.path)/\(name)"))
        }
        try folder.write("tokenizer_config.json", Array(#"{"tokenizer_class": "AlbertTokenizer"}"#.utf8))
        let error = #expect(throws: MartletError.self) {
            try Embedder(modelAt: folder.path, configuration: .init(threads: 1, pooling: .mean))
        }
        #expect(error?.message.contains("AlbertTokenizer") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("spm.model") == true)
    }
}
