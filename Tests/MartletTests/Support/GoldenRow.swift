import MartletCompute
import MartletJSON
import MartletSystem
import Testing

@testable import Martlet

/// One line of a golden file: a text, how it was embedded, and what sentence-transformers made of it.
struct GoldenRow: Sendable {
    let text: String
    let options: EmbedOptions
    let role: TextRole?
    /// Empty where the file gives none.
    let ids: [Int]
    let tokens: Int
    /// Tokens before truncation; nil where the file does not say.
    let total: Int?
    let embedding: [Float]
    /// [tokens][hidden], for rows without pooling.
    let tokenVectors: [[Float]]

    /// The rows of Tests/Fixtures/goldens/`name`.jsonl.
    static func read(_ name: String) throws -> [GoldenRow] { try read(path: "goldens/\(name).jsonl") }

    /// The rows of a file in Tests/Fixtures.
    static func read(path: String) throws -> [GoldenRow] {
        let file = try MappedFile(path: Goldens.path(path))
        let lines = file.region.withUnsafeBytes { $0.split(separator: UInt8(ascii: "\n")).map { Array($0) } }
        let rows = try lines.map { try GoldenRow(JSONValue.parse($0)) }
        try #require(!rows.isEmpty)
        return rows
    }

    private init(_ json: JSONValue) throws {
        text = try json.string("text")
        let fields = json["options"]
        options = EmbedOptions(
            pooling: fields?["pooling"]?.string.flatMap(Pooling.init) ?? .native,
            dimensions: fields?["dimensions"]?.int,
            normalize: fields?["normalize"]?.bool,
            truncation: fields?["truncation"]?.string.flatMap(TruncationPolicy.init) ?? .native,
            prompt: fields?["prompt"]?.string)
        role =
            switch fields?["role"]?.string {
            case "query"?: .query
            case "document"?: .document
            default: nil
            }
        ids = json["ids"] == nil ? [] : try json.ints("ids")
        tokens = try json.int("tokens")
        total = json["total"]?.int
        embedding = json["embedding"] == nil ? [] : try json.floats("embedding")
        tokenVectors = try (json["tokenVectors"]?.array ?? []).map { row in
            try #require(row.array).map { Float(try #require($0.double)) }
        }
    }

    /// What rows must share to go through one call.
    struct Call: Hashable {
        let options: EmbedOptions
        let role: TextRole?
    }
}

extension Embedder {
    /// The vectors of golden rows, in their order; rows with the same options go through one call.
    func embed(_ rows: [GoldenRow]) throws -> [Embedding] {
        var found = [Embedding](repeating: [], count: rows.count)
        let calls = Dictionary(grouping: rows.indices) {
            GoldenRow.Call(options: rows[$0].options, role: rows[$0].role)
        }
        for (call, indices) in calls {
            let vectors = try embedBlocking(
                indices.map { rows[$0].text }, as: call.role, options: call.options)
            #expect(vectors.usage.tokens == indices.reduce(0) { $0 + rows[$1].tokens })
            if indices.allSatisfy({ rows[$0].total != nil }) {
                let cut = indices.enumerated().filter { rows[$1].total ?? 0 > rows[$1].tokens }.map(\.offset)
                #expect(vectors.usage.truncatedInputs == cut)
            }
            for (vector, index) in zip(vectors, indices) { found[index] = vector }
        }
        return found
    }
}

/// How far vectors are from the expected ones.
struct Agreement: CustomStringConvertible {
    var worst: Float = 1
    var mean: Float = 0
    var worstText = ""
    /// The largest absolute difference, for vectors longer than 1 relative to the longest value of the
    /// expected vector.
    var difference: Float = 0

    init(_ found: [Embedding], _ rows: [GoldenRow]) {
        for (vector, row) in zip(found, rows) {
            let expected = Embedding(row.embedding)
            guard vector.count == expected.count else {
                Issue.record("\(row.text.prefix(40)): \(vector.count) dimensions, expected \(expected.count)")
                continue
            }
            let cosine = (try? vector.cosineSimilarity(to: expected)) ?? -1
            mean += cosine / Float(rows.count)
            if !(cosine >= worst) { (worst, worstText) = (cosine, row.text) }
            let scale = max(1, expected.reduce(0) { max($0, abs($1)) })
            for (a, b) in zip(vector, expected) where !(abs(a - b) / scale <= difference) {
                difference = abs(a - b) / scale
            }
        }
    }

    var description: String {
        "worst \(worst) (\"\(worstText.prefix(30))\"), mean \(mean), difference \(difference)"
    }
}

extension InstructionSet {
    /// Those that this machine has, best first.
    static var here: [InstructionSet] { Kernels.available.compactMap { InstructionSet(rawValue: $0.name) } }
}

extension [Embedding] {
    /// The bits of every number.
    var bits: [[UInt32]] { map { $0.map(\.bitPattern) } }
}

extension Embeddings {
    var bits: [UInt32] { floats.map(\.bitPattern) }
}

func embedder(
    _ model: String, _ precision: Precision = .f32, _ isa: InstructionSet? = nil, threads: Int = 2,
    batch: Int? = nil
) throws -> Embedder {
    try Embedder(
        modelAt: Goldens.path("models/" + model),
        configuration: ModelConfiguration(
            threads: threads, precision: precision, instructionSet: isa, maxBatchTokens: batch))
}

let tinyModels = ["bert-mini", "bert-odd", "bert-dense", "bert-narrow", "bert-silu"]
