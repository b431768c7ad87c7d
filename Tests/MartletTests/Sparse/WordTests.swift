import MartletJSON
import MartletMiniLM
import MartletSystem
import Testing

@testable import Martlet

/// Words, their stems and hashes, and what BM25 and BM42 make of them: fastembed's results, see
/// Scripts/word-goldens.py.
@Suite("BM25 and BM42")
struct WordTests {
    private func lines(_ name: String) throws -> [String] {
        let file = try MappedFile(path: Goldens.path("words/" + name))
        return file.region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").map(
            String.init)
    }

    private func goldens(_ name: String) throws -> [SparseGolden] {
        try SparseGolden.lines(Goldens.path("words/" + name)).map { json in
            SparseGolden(
                text: try json.string("text"), role: try TextRole(golden: json["role"]), limit: nil,
                tokens: try json.int("tokens"),
                vector: try SparseEmbedding(indices: json.ints("indices"), values: json.floats("values")))
        }
    }

    @Test func stems() throws {
        let pairs = try lines("stems.txt").map {
            $0.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(pairs.count > 1500)
        let wrong = pairs.filter { EnglishStemmer.stem($0[0]) != $0[1] }
        #expect(
            wrong.isEmpty,
            "\(wrong.prefix(20).map { "\($0[0]): \(EnglishStemmer.stem($0[0])), expected \($0[1])" })")
    }

    /// Values of the author's own test, and of each length of a rest.
    @Test func hashes() {
        #expect(WordHash.murmur3([]) == 0)
        #expect(WordHash.murmur3(Array("test".utf8)) == 0xba6b_d213)
        #expect(WordHash.murmur3(Array("Hello, world!".utf8)) == 0xc036_3e43)
        #expect(WordHash.murmur3(Array("The quick brown fox jumps over the lazy dog".utf8)) == 0x2e4f_f723)
    }

    @Test func bm25() throws {
        let embedder = try SparseEmbedder(BM25(), threads: 2)
        for row in try goldens("bm25.jsonl") {
            let found = try embedder.embedBlocking([row.text], as: row.role)
            #expect(found[0].indices == row.vector.indices, "\(row.text.prefix(40))")
            expectClose(found[0].values, row.vector.values, "\(row.text.prefix(40))")
            #expect(found.usage.tokens == row.tokens, "\(row.text.prefix(40))")
        }
        #expect(embedder.model.kind == .sparse && embedder.token(at: 5) == nil)
        let text = "The cook cooks; she is cooking."
        #expect(try embedder.words(of: text) == [WordHash.index("cook"): "cook"])
        #expect(
            try embedder.words(of: text, options: .init(prompt: "Pasta ")).values.sorted() == [
                "cook", "pasta",
            ])
        #expect(throws: MartletError.self) { try SparseEmbedder(BM25(language: "german")) }
        #expect(throws: MartletError.self) { try SparseEmbedder(BM25(b: 2)) }
        let german = try SparseEmbedder(BM25(language: "german", stopWords: ["der"], stems: false))
        #expect(try german.embedBlocking(["der Hund"])[0].indices == [WordHash.index("hund")])
    }

    /// The built-in model has quantised weights: fastembed's float32 weights differ a little.
    @Test func bm42() throws {
        let embedder = try SparseEmbedder(BM42(), of: .miniLM, configuration: .init(precision: .f32))
        let rows = try goldens("bm42.jsonl")
        for row in rows {
            let found = try embedder.embedBlocking([row.text], as: row.role)
            #expect(found[0].indices == row.vector.indices, "\(row.text.prefix(40))")
            expectClose(found[0].values, row.vector.values, within: 0.02, "\(row.text.prefix(40))")
            #expect(found.usage.tokens == row.tokens)
        }
        let documents = rows.filter { $0.role == .document }
        let together = try embedder.embedBlocking(documents.map(\.text), as: .document)
        for (row, vector) in zip(documents, together) {
            #expect(try embedder.embedBlocking([row.text], as: .document)[0] == vector)
        }
        #expect(throws: MartletError.self) { try SparseEmbedder(BM42(alpha: 0), of: .miniLM) }
    }
}
