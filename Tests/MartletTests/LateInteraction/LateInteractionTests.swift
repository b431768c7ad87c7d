import MartletJSON
import Testing

@testable import Martlet

/// One line of a late interaction model's goldens, see Scripts/late-interaction-goldens.py.
private struct MultiGolden {
    let text: String
    let role: TextRole
    let rows: Int
    let first: [Float]
    let middle: [Float]
    let last: [Float]
    let mean: [Float]

    static func folder(_ model: String) -> String { Goldens.path("multi/\(model)") }

    static func read(_ model: String) throws -> (rows: [MultiGolden], scores: [[Float]]) {
        let lines = try SparseGolden.lines(folder(model) + "/goldens.jsonl")
        let rows = try lines.dropLast().map { json in
            MultiGolden(
                text: try json.string("text"), role: try #require(try TextRole(golden: json["role"])),
                rows: try json.int("rows"),
                first: try json.floats("first"), middle: try json.floats("middle"),
                last: try json.floats("last"),
                mean: try json.floats("mean"))
        }
        let scores = try #require(lines.last?["scores"]?.array).map { row in
            try #require(row.array).map { Float(try #require($0.double)) }
        }
        return (rows, scores)
    }

    /// The worst cosine of the vectors that the golden has, and the largest difference of the mean.
    func agreement(_ found: MultiVectorEmbedding) -> (cosine: Float, difference: Float) {
        guard found.count == rows else { return (-1, .infinity) }
        let vectors = found.vectors
        let pairs = [(vectors[0], first), (vectors[rows / 2], middle), (vectors[rows - 1], last)]
        let cosine = pairs.map { (try? $0.cosineSimilarity(to: Embedding($1))) ?? -1 }.min() ?? 0
        let difference =
            mean.indices.map { index in abs(vectors.reduce(0) { $0 + $1[index] } / Float(rows) - mean[index])
            }.max() ?? 0
        return (cosine, difference)
    }
}

/// Every kind of folder gives the vectors of sentence-transformers, alone and in company.
@Suite("MultiVectorEmbedder")
struct LateInteractionTests {
    static let models = ["multi-vector-encoder", "pylate", "colbert"]

    @Test(arguments: models, InstructionSet.here)
    func f32(_ model: String, _ isa: InstructionSet) throws {
        let (rows, scores) = try MultiGolden.read(model)
        let embedder = try MultiVectorEmbedder(
            modelAt: MultiGolden.folder(model),
            configuration: .init(threads: 2, precision: .f32, instructionSet: isa))
        var found: [[MultiVectorEmbedding]] = []
        for role in [TextRole.query, .document] {
            let rows = rows.filter { $0.role == role }
            let vectors = try embedder.embedBlocking(rows.map(\.text), as: role)
            for (row, text) in zip(rows, vectors) {
                let (cosine, difference) = row.agreement(text)
                #expect(
                    cosine >= 0.99999 && difference < 1e-4,
                    "\(model), \(isa), \(role): \(row.text.prefix(30)): \(text.count) rows")
                #expect(
                    try embedder.embedBlocking([row.text], as: role)[0] == text,
                    "\(row.text.prefix(20)) alone")
            }
            found.append(Array(vectors))
        }
        for (query, expected) in zip(found[0], scores) {
            expectClose(
                try found[1].map { try query.maxSim($0) }, expected, within: 2e-5, "\(model), \(isa): scores")
        }
        #expect(embedder.model.kind == .lateInteraction && embedder.model.dimensions == 24)
    }

    @Test(arguments: models)
    func narrowPrecisions(_ model: String) throws {
        let rows = try MultiGolden.read(model).rows
        for (precision, worst) in [(Precision.bf16, Float(0.998)), (.int8, 0.97)] {
            let embedder = try MultiVectorEmbedder(
                modelAt: MultiGolden.folder(model), configuration: .init(threads: 2, precision: precision))
            for role in [TextRole.query, .document] {
                let rows = rows.filter { $0.role == role }
                let vectors = try embedder.embedBlocking(rows.map(\.text), as: role)
                for (row, text) in zip(rows, vectors) {
                    #expect(
                        row.agreement(text).cosine >= worst,
                        "\(model), \(precision), \(role): \(row.text.prefix(30))")
                }
                #expect(try embedder.embedBlocking([rows[9].text], as: role)[0] == vectors[9])
            }
        }
    }

    /// bge-m3's third kind of vectors: all tokens but the first.
    @Test func bgeM3() throws {
        let embedder = try MultiVectorEmbedder(
            modelAt: SparseGolden.folder("bge-m3"), configuration: .init(precision: .f32))
        for json in try SparseGolden.lines(SparseGolden.folder("bge-m3") + "/goldens.jsonl") {
            let found = try embedder.embedBlocking([json.string("text")])[0]
            #expect(found.count == (try json.int("tokens")) - 1)
            for (vector, key) in [(found.vectors[0], "first"), (found.vectors[found.count - 1], "last")] {
                #expect(try vector.cosineSimilarity(to: Embedding(json.floats(key))) >= 0.99999)
            }
        }
    }

    @Test func ranking() async throws {
        let (rows, scores) = try MultiGolden.read("colbert")
        let embedder = try MultiVectorEmbedder(
            modelAt: MultiGolden.folder("colbert"), configuration: .init(precision: .f32))
        let texts = rows.filter { $0.role == .document }.map(\.text)
        let best = try await embedder.rank(texts, for: rows[8].text)
        #expect(best.count == texts.count)
        expectClose(best.map(\.score), best.map { scores[8][$0.index] }, within: 2e-5, "scores by rank")
        #expect(zip(best, best.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(try await embedder.rank(texts, for: rows[8].text, limit: 2) == Array(best.prefix(2)))
    }

    @Test func textByText() throws {
        let embedder = try MultiVectorEmbedder(
            modelAt: MultiGolden.folder("colbert"), configuration: .init(precision: .f32))
        let texts = try MultiGolden.read("colbert").rows.prefix(12).map(\.text)
        let inputs =
            try texts.map { try embedder.core.input($0, role: .query, .init()) } + [
                embedder.core.input("zuge", role: .document, .init())
            ]
        let found = embedder.core.forward(inputs, on: embedder.core.engine.makeWorker())
        #expect(found.dropLast().compactMap { $0 } == Array(try embedder.embedBlocking(texts, as: .query)))
        #expect(found.last == (try embedder.embedBlocking(["zuge"])[0]))
    }

    @Test func truncationAndUsage() throws {
        let embedder = try MultiVectorEmbedder(
            modelAt: MultiGolden.folder("colbert"), configuration: .init(precision: .f32))
        let long = String(repeating: "zuge ", count: 60)
        let queries = try embedder.embedBlocking(["a", long], as: .query)
        #expect(
            queries.usage.truncatedInputs == [1] && queries.usage.tokens == 64
                && queries.map(\.count) == [32, 32])
        #expect(try embedder.embedBlocking([long], as: .document).usage.tokens == 44)
        #expect(throws: MartletError.self) {
            try embedder.embedBlocking([long], as: .query, options: .init(truncation: .error))
        }
        #expect(try embedder.embedBlocking([]).isEmpty)
    }

    /// Queries that are filled up to a least length keep the limit of their own; one below that length is
    /// none.
    @Test func theLimitOfQueriesBesideALeastLength() throws {
        func embedder(_ limit: Int) throws -> MultiVectorEmbedder {
            let folder = try TestFolder()
            for name in [
                "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "modules.json",
                "config_sentence_transformers.json", "1_Dense/config.json", "1_Dense/model.safetensors",
                "2_Dense/config.json", "2_Dense/model.safetensors", "3_MultiVectorMask/config.json",
                "4_Normalize/config.json",
            ] {
                try folder.write(
                    name, ModelCopy.read(MultiGolden.folder("multi-vector-encoder") + "/" + name))
            }
            let expansion = #"{"strategy": "min", "attend": false, "token": "[MASK]", "length": 20}"#
            try folder.write(
                "sentence_bert_config.json",
                Array(#"{"query_length": \#(limit), "query_expansion": \#(expansion)}"#.utf8))
            return try MultiVectorEmbedder(modelAt: folder.path, configuration: .init(precision: .f32))
        }
        let texts = [String(repeating: "zuge ", count: 60), "zuge"]
        #expect(try embedder(25).embedBlocking([texts[0]], as: .query).usage.tokens == 25)
        #expect(try embedder(25).embedBlocking([texts[1]], as: .query).usage.tokens == 20)
        let error = #expect(throws: MartletError.self) { try embedder(19) }
        #expect(error?.message.contains("query_length") == true)
    }

    @Test func wrongDoors() throws {
        for model in ["multi-vector-encoder", "pylate"] {
            let error = #expect(throws: MartletError.self) {
                try Embedder(modelAt: MultiGolden.folder(model))
            }
            #expect(error?.remedy == .loadAs(.lateInteraction), "\(error?.message ?? "")")
        }
        for (path, kind) in [
            (Goldens.path("models/bert-mini"), ModelKind.embedder),
            (SparseGolden.folder("splade-bert"), .sparse),
        ] {
            let error = #expect(throws: MartletError.self) { try MultiVectorEmbedder(modelAt: path) }
            #expect(error?.remedy == .loadAs(kind), "\(error?.message ?? "")")
        }
        let error = #expect(throws: MartletError.self) {
            try SparseEmbedder(modelAt: MultiGolden.folder("pylate"))
        }
        #expect(error?.remedy == .loadAs(.lateInteraction), "\(error?.message ?? "")")
    }

    @Test func pipelineIsTold() throws {
        let info = try MultiVectorEmbedder(modelAt: MultiGolden.folder("colbert")).model
        #expect(info.pipeline.hasSuffix("BERT(2 × 36, 3 heads) → dense(36→24) of each token → normalize"))
        #expect(
            info.notes.contains(
                "queries are filled up or cut to 32 tokens with the mask token, which the query's own do not attend to"
            ))
        #expect(info.notes.contains("32 tokens have no vector in documents"))
    }
}
