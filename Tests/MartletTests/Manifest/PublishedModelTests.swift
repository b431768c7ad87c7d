import MartletJSON
import MartletModels
import Testing

@testable import Martlet

/// Every known model, with the files and the members that its repository publishes, is read as
/// sentence-transformers reads it: see Scripts/published-goldens.py.
@Suite("Known models as published")
struct PublishedModelTests {
    private static let models =
        (try? SparseGolden.lines(Goldens.path("published/models.jsonl"))) ?? []

    @Test func thereAreModels() { #expect(Self.models.count >= 80) }

    @Test(arguments: models.indices)
    func model(_ index: Int) throws {
        let golden = Self.models[index]
        let name = try golden.string("repository")
        let folder = try PublishedModel.folder(golden)
        let expected = try #require(golden["expected"])
        let configuration = ModelConfiguration(threads: 1, precision: .f32)
        if golden["kind"]?.string == "reranker" {
            let reranker = try Reranker(modelAt: folder.path, configuration: configuration)
            guard let scores = expected["scores"]?.array?.compactMap(\.double) else { return }
            let pairs = [("zopa", "balo turi"), ("Gemu?", "zopa zopa 12")]
            for (pair, score) in zip(pairs, scores) {
                let found = try reranker.scoresBlocking(of: [pair.1], for: pair.0)[0]
                #expect(abs(Double(found) - score) < 2e-4, "\(name): \(found), expected \(score)")
            }
            return
        }
        let embedder = try Embedder(modelAt: folder.path, configuration: configuration)
        let model = embedder.model
        #expect(try model.maxTokens == expected.int("limit"), "\(name)")
        let pooling = try PoolingMode(configName: expected.string("pooling"))?.pooling
        #expect(model.pooling == [pooling], "\(name)")
        #expect(model.normalizes == expected["normalizes"]?.bool, "\(name)")
        #expect(try model.dimensions == expected.int("dimensions"), "\(name)")
        #expect(try model.similarity.rawValue == expected.string("similarity"), "\(name)")
        #expect(model.defaultPromptName == expected["default"]?.string, "\(name)")
        // sentence-transformers adds the empty prompts "query" and "document" to those of a model.
        for member in try #require(expected["prompts"]?.object).members {
            #expect(model.prompts[member.key] ?? "" == member.value.string ?? "", "\(name), \(member.key)")
        }
        let rows = golden["vectors"]?.array ?? []
        let found = try embedder.embedBlocking(rows.map { try $0.string("text") })
        for (vector, row) in zip(found, rows) {
            let cosine = try vector.cosineSimilarity(to: Embedding(row.floats("embedding")))
            #expect(cosine >= 0.99999, "\(name), \(row["text"]?.string?.prefix(20) ?? ""): \(cosine)")
        }
    }
}

/// The folder of a model of Scripts/published-goldens.py.
enum PublishedModel {
    static func folder(_ golden: JSONValue) throws -> TestFolder {
        let folder = try TestFolder()
        for file in golden["files"]?.object?.members ?? [] {
            var bytes: [UInt8] = []
            JSONText.append(file.value, to: &bytes)
            try folder.write(file.key, bytes)
        }
        let tokenizer = try golden.string("tokenizer")
        try folder.write(
            "tokenizer.json", ModelCopy.read(Goldens.path("published/tokenizers/\(tokenizer).json")))
        let seeds = golden["values"]
        try folder.write(
            "model.safetensors",
            TestFolder.safetensors(
                tensors(golden["tensors"]) { seeds?[$0]?.string ?? $0 }))
        for module in golden["modules"]?.object?.members ?? [] {
            try folder.write(
                module.key + "/model.safetensors",
                TestFolder.safetensors(tensors(module.value) { module.key + "/" + $0 }))
        }
        return folder
    }

    private static func tensors(_ shapes: JSONValue?, seed: (String) -> String) throws -> [(
        name: String, shape: [Int], values: [Float]
    )] {
        (shapes?.object?.members ?? []).map { member in
            let shape = (member.value.array ?? []).compactMap(\.int)
            return (member.key, shape, values(seed(member.key), shape))
        }
    }

    /// Numbers from a linear congruential generator that begins with the name's checksum: `values` in the
    /// script.
    private static func values(_ name: String, _ shape: [Int]) -> [Float] {
        var state = crc32(name)
        return (0..<shape.reduce(1, *)).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            let x = Float(state >> 8) / 8_388_608 - 1
            if shape.count < 2 { return x * 0.25 + (name.hasSuffix("weight") ? 1 : 0) }
            return name.contains("embed") ? x * 0.75 : x * (2 / Float(shape[shape.count - 1]).squareRoot())
        }
    }

    private static func crc32(_ text: String) -> UInt32 {
        var crc = UInt32.max
        for byte in text.utf8 {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xedb8_8320 }
        }
        return ~crc
    }
}
