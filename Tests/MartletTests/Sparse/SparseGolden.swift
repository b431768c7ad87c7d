import MartletJSON
import MartletSystem
import Testing

@testable import Martlet

/// One line of a sparse model's goldens: a text and its vector, see Scripts/sparse-goldens.py.
struct SparseGolden: Sendable {
    let text: String
    let role: TextRole?
    let limit: Int?
    let tokens: Int
    let vector: SparseEmbedding

    static func folder(_ model: String) -> String { Goldens.path("sparse/\(model)") }

    /// The lines of a file of goldens as JSON.
    static func lines(_ path: String) throws -> [JSONValue] {
        let file = try MappedFile(path: path)
        let lines = file.region.withUnsafeBytes { $0.split(separator: UInt8(ascii: "\n")).map { Array($0) } }
        let rows = try lines.map { try JSONValue.parse($0) }
        try #require(!rows.isEmpty)
        return rows
    }

    static func read(_ model: String) throws -> [SparseGolden] {
        try lines(folder(model) + "/goldens.jsonl").map { json in
            SparseGolden(
                text: try json.string("text"), role: try TextRole(golden: json["role"]),
                limit: json["max"]?.int,
                tokens: try json.int("tokens"),
                vector: try SparseEmbedding(indices: json.ints("indices"), values: json.floats("values")))
        }
    }
}

extension TextRole {
    init?(golden json: JSONValue?) throws {
        switch json?.string {
        case "query"?: self = .query
        case "document"?: self = .document
        default: return nil
        }
    }
}

extension SparseEmbedder {
    /// The vectors of golden rows in their order, rows of a kind in one call.
    func embed(_ rows: [SparseGolden]) throws -> [SparseEmbedding] {
        var found = [SparseEmbedding?](repeating: nil, count: rows.count)
        struct Call: Hashable {
            let role: TextRole?
            let limit: Int?
        }
        for (call, indices) in Dictionary(
            grouping: rows.indices, by: { Call(role: rows[$0].role, limit: rows[$0].limit) })
        {
            let vectors = try embedBlocking(
                indices.map { rows[$0].text }, as: call.role, options: .init(maxActiveDimensions: call.limit))
            #expect(vectors.usage.tokens == indices.reduce(0) { $0 + rows[$1].tokens })
            for (index, vector) in zip(indices, vectors) { found[index] = vector }
        }
        return try found.map { try #require($0) }
    }
}

/// How far sparse vectors are from the expected ones.
struct SparseAgreement: CustomStringConvertible {
    var worst: Float = 1
    var mean: Float = 0
    /// Dimensions above `epsilon` that one of the two has and the other has not.
    var strays: [String] = []

    init(_ found: [SparseEmbedding], _ rows: [SparseGolden], epsilon: Float = 1e-4) {
        for (vector, row) in zip(found, rows) {
            let cosine =
                row.vector.count == 0 && vector.count == 0
                ? 1 : (try? vector.cosineSimilarity(to: row.vector)) ?? -1
            worst = min(worst, cosine)
            mean += cosine / Float(rows.count)
            for (a, b) in [(vector, row.vector), (row.vector, vector)] {
                let other = Set(b.indices)
                for (index, value) in zip(a.indices, a.values)
                where abs(value) > epsilon && !other.contains(index) {
                    strays.append("\(row.text.prefix(20)): \(index)")
                }
            }
        }
    }

    var description: String { "worst \(worst), mean \(mean), strays \(strays.prefix(5))" }
}
