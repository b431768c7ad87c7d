import Testing

@testable import Martlet

/// Every kind of sparse model gives the vectors of sentence-transformers, alone and in company.
@Suite("SparseEmbedder")
struct SparseEmbedderTests {
    static let models = [
        "splade-bert", "splade-bert-untied", "splade-distilbert", "splade-xlm-roberta", "splade-mpnet",
        "splade-electra",
        "splade-modernbert", "splade-gte-idf", "bge-m3",
    ]

    @Test(arguments: models, InstructionSet.here)
    func f32(_ model: String, _ isa: InstructionSet) throws {
        let rows = try SparseGolden.read(model)
        let embedder = try SparseEmbedder(
            modelAt: SparseGolden.folder(model),
            configuration: .init(threads: 2, precision: .f32, instructionSet: isa))
        let found = try embedder.embed(rows)
        let agreement = SparseAgreement(found, rows)
        #expect(agreement.worst >= 0.99999 && agreement.strays.isEmpty, "\(model), \(isa): \(agreement)")
        for (row, vector) in zip(rows, found) {
            let alone = try embedder.embedBlocking(
                [row.text], as: row.role, options: .init(maxActiveDimensions: row.limit))[0]
            #expect(alone == vector, "\(model), \(isa): \(row.text.prefix(20)) alone")
        }
        #expect(embedder.model.kind == .sparse && embedder.model.dimensions == 300)
    }

    /// Bounds for random weights, with a margin to what was measured.
    @Test(arguments: models)
    func narrowPrecisions(_ model: String) throws {
        let rows = try SparseGolden.read(model)
        for (precision, worst, mean) in [(Precision.bf16, Float(0.92), Float(0.995)), (.int8, 0.8, 0.98)] {
            let embedder = try SparseEmbedder(
                modelAt: SparseGolden.folder(model), configuration: .init(threads: 2, precision: precision))
            let found = try embedder.embed(rows)
            let agreement = SparseAgreement(found, rows);
            #expect(
                agreement.worst >= worst && agreement.mean >= mean, "\(model), \(precision): \(agreement)")
            for (row, vector) in zip(rows, found).suffix(3) {
                #expect(
                    try embedder.embedBlocking([row.text], as: row.role)[0] == vector,
                    "\(model), \(precision)")
            }
        }
    }

    @Test func wrongDoor() throws {
        for model in ["splade-bert", "splade-gte-idf", "splade-xlm-roberta"] {
            let error = #expect(throws: MartletError.self) {
                try Embedder(modelAt: SparseGolden.folder(model))
            }
            #expect(
                error?.message.contains("use SparseEmbedder") == true
                    && [.loadAs(.sparse), .choosePooling].contains(error?.remedy))
        }
        let error = #expect(throws: MartletError.self) {
            try SparseEmbedder(modelAt: Goldens.path("models/bert-mini"))
        }
        #expect(error?.message.contains("use Embedder") == true && error?.remedy == .loadAs(.embedder))
    }

    @Test func pipelineIsTold() throws {
        let info = try SparseEmbedder(modelAt: SparseGolden.folder("splade-gte-idf")).model
        #expect(info.pipeline.hasSuffix("GTE(2 × 36, 3 heads) → MLM head(300) → log1p(log1p(relu)) → max"))
        #expect(
            info.notes == [
                "queries: WordPiece, 300 tokens, lowercase → weight of each token, without the encoder"
            ])
    }

    /// What a queue of its own needs gives the same vectors.
    @Test func textByText() throws {
        let embedder = try SparseEmbedder(
            modelAt: SparseGolden.folder("splade-gte-idf"), configuration: .init(precision: .f32))
        let engine = try #require(embedder.core.engine)
        let texts = try SparseGolden.read("splade-gte-idf").filter { $0.role == .document }.map(\.text)
        let whole = try embedder.embedBlocking(texts, as: .document)
        let inputs = try texts.map { try embedder.core.input($0, role: .document, .init()) }
        let tokens = inputs.compactMap { if case .tokens(let text) = $0 { text } else { nil } }
        let found = embedder.core.forward(tokens, on: engine.makeWorker(), .init())
        #expect(found == Array(whole))
        guard case .vector(let query, _, _) = try embedder.core.input(texts[5], role: .query, .init()) else {
            Issue.record("a query needs no encoder")
            return
        }
        #expect(try embedder.embedBlocking([texts[5]], as: .query)[0] == query)
    }

    @Test func oddCalls() throws {
        let embedder = try SparseEmbedder(
            modelAt: SparseGolden.folder("splade-xlm-roberta"), configuration: .init(precision: .f32))
        #expect(throws: MartletError.self) {
            try embedder.embedBlocking(["a"], as: nil, options: .init(maxActiveDimensions: 0))
        }
        #expect(try embedder.embedBlocking([]).isEmpty)
        #expect(
            embedder.token(at: 5) == "a" && embedder.token(at: 300) == nil && embedder.token(at: -1) == nil)
    }

    @Test func truncation() throws {
        let embedder = try SparseEmbedder(
            modelAt: SparseGolden.folder("splade-gte-idf"), configuration: .init(precision: .f32))
        let long = String(repeating: "zuge ", count: 90)
        for role in [TextRole.query, .document] {
            #expect(try embedder.embedBlocking(["a", long], as: role).usage.truncatedInputs == [1])
            #expect(throws: MartletError.self) {
                try embedder.embedBlocking([long], as: role, options: .init(truncation: .error))
            }
        }
    }
}
