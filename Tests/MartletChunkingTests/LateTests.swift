import Martlet
import MartletJSON
import MartletMiniLM
import Testing

@testable import MartletChunking

/// Late chunking against transformers; Scripts/late-goldens.py writes the goldens.
@Suite struct LateTests {
    struct Row {
        let model: String
        let text: String
        let chunks: [Chunk]
        let limit: Int
        let context: Int
        let prompt: String
        let embeddings: [[Float]]

        init(_ json: JSONValue) throws {
            model = try #require(json["model"]?.string)
            let text = try #require(json["text"]?.string)
            limit = try #require(json["limit"]?.int)
            context = try #require(json["context"]?.int)
            prompt = try #require(json["prompt"]?.string)
            let source = SourceText(text)
            chunks = try #require(json["spans"]?.array).enumerated().map { index, span in
                let ends = try #require(span.array).map { try #require($0.int) }
                let range = ends[0]..<ends[1]
                return Chunk(index: index, range: range, text: source.text(in: range), tokens: 0)
            }
            embeddings = try #require(json["embeddings"]?.array).map { vector in
                try #require(vector.array).map { Float(try #require($0.double)) }
            }
            self.text = text
        }

        static func read(_ model: String) throws -> [Row] {
            let lines = try Tokenizers.read(Tokenizers.testsFolder("Fixtures/goldens/late.jsonl")).split(
                separator: 0x0A)
            return try lines.map { try Row(JSONValue.parse(Array($0))) }.filter { $0.model == model }
        }
    }

    static func embedder(_ model: String, maxTokens: Int, _ precision: Precision = .f32) throws -> Embedder {
        let configuration = ModelConfiguration(threads: 1, precision: precision, maxTokens: maxTokens)
        guard model != "minilm" else { return try Embedder(.miniLM, configuration: configuration) }
        return try Embedder(
            modelAt: Tokenizers.testsFolder("Fixtures/models/\(model)"), configuration: configuration)
    }

    @Test(arguments: ["bert-mini", "bert-dense", "minilm"])
    func equalsTheReference(model: String) async throws {
        let rows = try Row.read(model)
        #expect(rows.count == 12)
        for row in rows {
            let embedder = try Self.embedder(model, maxTokens: row.limit)
            let vectors = try await embedder.embedLate(
                row.chunks, of: Document(row.text), options: EmbedOptions(prompt: row.prompt),
                context: row.context)
            #expect(vectors.count == row.embeddings.count)
            for (vector, expected) in zip(vectors, row.embeddings) {
                let difference = zip(vector, expected).map { abs($0 - $1) }.max() ?? 1
                #expect(difference < 3e-6, "\(row.text.prefix(20)) \(row.limit)")
            }
            let blocking = try embedder.embedLateBlocking(
                row.chunks, of: Document(row.text), options: EmbedOptions(prompt: row.prompt),
                context: row.context)
            #expect(blocking == vectors)
        }
    }

    /// The context is what late chunking is for: the same sentence has other vectors behind other ones.
    @Test func contextMatters() async throws {
        let embedder = try Embedder(.miniLM)
        let counter = try embedder.tokenCounter()
        func vector(_ first: String) async throws -> Embedding {
            let text = first + " It has a large harbour."
            let chunks = try SentenceChunker(size: .init(maxTokens: 14)).chunks(
                of: Document(text), measuring: counter)
            #expect(chunks.count == 2)
            return try await embedder.embedLate(chunks, of: Document(text))[1]
        }
        let city = try await embedder.embed("Hamburg")
        let near = try await vector("Hamburg is a city in the north.")
        let far = try await vector("The recipe calls for two eggs.")
        let (close, distant) = (try near.cosineSimilarity(to: city), try far.cosineSimilarity(to: city))
        #expect(close > distant + 0.1)
    }

    @Test func markupIsReadAsItsVisibleText() async throws {
        let embedder = try Embedder(.miniLM)
        let counter = try embedder.tokenCounter()
        let html = Document("<h1>Kitchen</h1><p>Boil a litre.</p><h1>Garden</h1><p>Cut the roses.</p>")
        let chunks = try HTMLChunker().chunks(of: html, measuring: counter)
        #expect(chunks.map(\.text) == ["Kitchen\n\nBoil a litre.\n\n", "Garden\n\nCut the roses."])
        let text = Document(chunks.map(\.text).joined())
        let plain = chunks.map { chunk in
            let start = chunks[..<chunk.index].reduce(0) { $0 + $1.text.utf8.count }
            return Chunk(
                index: chunk.index, range: start..<start + chunk.text.utf8.count, text: chunk.text,
                tokens: chunk.tokens)
        }
        #expect(try await embedder.embedLate(chunks, of: html) == embedder.embedLate(plain, of: text))
    }

    @Test func windowsAreOfWholeChunks() throws {
        let spans = (0..<20).map { $0 * 10..<($0 + 1) * 10 }
        let windows = try LateWindows.windows(spans, limit: 62, context: 25) { $0.count + 2 }
        #expect(windows.first == LateWindow(range: 0..<60, chunks: 0..<6))
        #expect(windows[1] == LateWindow(range: 40..<100, chunks: 6..<10))
        #expect(windows.map(\.chunks).reduce(into: []) { $0 += Array($1) } == Array(0..<20))
        let error = #expect(throws: ChunkingError.self) {
            try LateWindows.windows([0..<100], limit: 62, context: 0) { $0.count + 2 }
        }
        #expect(error?.message == "chunk 0 has 102 tokens and the model takes 62; make smaller chunks")
    }

    @Test func whatIsNotPossibleIsRefused() throws {
        let embedder = try Embedder(.miniLM)
        let document = Document("the cat sat. ")
        let chunks = try TokenChunker().chunks(of: document, measuring: embedder.tokenCounter())
        func refusal(_ body: () throws -> Embeddings) -> String {
            #expect(throws: ChunkingError.self) { try body() }?.message ?? ""
        }
        #expect(
            refusal {
                try embedder.embedLateBlocking(chunks, of: document, options: EmbedOptions(pooling: .cls))
            }
            .contains("pooling is cls"))
        #expect(
            refusal { try embedder.embedLateBlocking(chunks, of: Document("the"), context: 1) }.contains(
                "does not follow"))
        #expect(
            refusal { try embedder.embedLateBlocking(chunks, of: document, context: 256) }.contains(
                "expected 0 to less than"))
        let blank = [Chunk(index: 0, range: 0..<2, text: "  ", tokens: 2)]
        #expect(refusal { try embedder.embedLateBlocking(blank, of: Document("  ")) }.contains("no tokens"))
        let fixed = try Embedder(modelAt: Tokenizers.testsFolder("Fixtures/static/potion"))
        #expect(refusal { try fixed.embedLateBlocking(chunks, of: document) }.contains("static"))
        #expect(try embedder.embedLateBlocking([], of: document).isEmpty)
    }
}
