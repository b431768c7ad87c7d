import MartletJSON
import MartletSystem
import Testing

@testable import Martlet

/// Models that look vectors up: against model2vec and sentence-transformers, see Scripts/static-goldens.py.
@Suite("Static models give the numbers of model2vec")
struct StaticModelTests {
    private func path(_ name: String) -> String { Goldens.path("static/" + name) }

    private func rows(_ name: String) throws -> [(text: String, ids: [Int], vector: [Float])] {
        let file = try MappedFile(path: path(name) + "/goldens.jsonl")
        let lines = file.region.withUnsafeBytes { $0.split(separator: UInt8(ascii: "\n")).map { Array($0) } }
        return try lines.map { line in
            let json = try JSONValue.parse(line)
            return (try json.string("text"), try json.ints("ids"), try json.floats("embedding"))
        }
    }

    /// model2vec keeps means in the type of its vectors, which is 16 bits in "weighted".
    @Test(
        arguments: [("potion", Float(1e-6)), ("weighted", 1e-3), ("static-embedding", 1e-6)],
        [Precision.f32, .auto])
    func vectors(_ model: (name: String, tolerance: Float), _ precision: Precision) throws {
        let embedder = try Embedder(
            modelAt: path(model.name), configuration: .init(threads: 2, precision: precision))
        let rows = try rows(model.name)
        let together = try embedder.embedBlocking(rows.map(\.text))
        for (row, vector) in zip(rows, together) {
            expectClose(
                vector.values, row.vector, within: model.tolerance, "\(model.name): \(row.text.prefix(40))")
            #expect(try embedder.tokenize(row.text).ids == row.ids, "\(model.name): \(row.text.prefix(40))")
            #expect(try embedder.embedBlocking([row.text])[0].map(\.bitPattern) == vector.map(\.bitPattern))
        }
        #expect(together.usage.tokens == rows.reduce(0) { $0 + $1.ids.count })
    }

    /// A text is cut at 24 tokens, and at 24 times the median length of a token before that.
    @Test func cuts() throws {
        let embedder = try Embedder(modelAt: path("potion"), configuration: .init(threads: 1))
        #expect(
            embedder.model.maxTokens == 24 && embedder.model.architecture == "static"
                && embedder.model.precision == "f32")
        #expect(embedder.model.pipeline.hasSuffix("STATIC(300 × 20) → mean → normalize"))
        let texts = ["balo", String(repeating: "balo ", count: 40), String(repeating: "z", count: 400)]
        #expect(try embedder.embedBlocking(texts).usage.truncatedInputs == [1, 2])
        let error = #expect(throws: MartletError.self) {
            try embedder.embedBlocking(texts, options: .init(truncation: .error))
        }
        #expect(error?.code == .inputTooLong && error?.inputIndex == 1)
        let wider = try Embedder(modelAt: path("potion"), configuration: .init(threads: 1, maxTokens: 400))
        #expect(try wider.embedBlocking(texts).usage.truncatedInputs.isEmpty)
        let whole = try Embedder(modelAt: path("static-embedding"))
        #expect(try whole.embedBlocking(texts).usage.truncatedInputs.isEmpty && whole.model.notes.count == 1)
    }

    /// A folder of model2vec without modules.json says in config.json whether vectors have length 1.
    @Test func withoutModules() throws {
        let folder = try TestFolder()
        for name in ["config.json", "model.safetensors", "tokenizer.json"] {
            try folder.write(name, ModelCopy.read(path("potion") + "/" + name))
        }
        try folder.write(
            "config.json", Array(#"{"model_type":"model2vec","normalize":true,"max_length":24}"#.utf8))
        let rows = try rows("potion")
        let found = try Embedder(modelAt: folder.path).embedBlocking(rows.map(\.text))
        for (row, vector) in zip(rows, found) {
            expectClose(vector.values, row.vector, within: 1e-6, row.text)
        }
    }

    @Test func damaged() throws {
        let folder = try TestFolder()
        for name in ["config.json", "modules.json", "tokenizer.json"] {
            try folder.write(name, ModelCopy.read(path("potion") + "/" + name))
        }
        let missing = #expect(throws: MartletError.self) { try Embedder(modelAt: folder.path) }
        #expect(missing?.code == .missingFile && missing?.message.contains("model.safetensors") == true)
        try folder.write(
            "model.safetensors",
            TestFolder.safetensors([("embeddings", [2, 20], [Float](repeating: 0, count: 40))]))
        let short = #expect(throws: MartletError.self) { try Embedder(modelAt: folder.path) }
        #expect(short?.message.contains("only 2 rows") == true)
        try folder.write(
            "model.safetensors",
            TestFolder.safetensors([("embeddings", [40], [Float](repeating: 0, count: 40))]))
        let flat = #expect(throws: MartletError.self) { try Embedder(modelAt: folder.path) }
        #expect(flat?.message.contains("rows and dimensions") == true)
        try folder.write(
            "model.safetensors",
            TestFolder.safetensors([
                ("embeddings", [300, 2], [Float](repeating: 1, count: 600)), ("weights", [2], [1, 2]),
            ]))
        let weights = #expect(throws: MartletError.self) { try Embedder(modelAt: folder.path) }
        #expect(weights?.message.contains("2 weights for 300 tokens") == true)
    }
}
