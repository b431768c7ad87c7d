import MartletJSON
import MartletSystem
import Testing

@testable import Martlet

/// A tiny classifier's folder and what sentence-transformers makes of pairs: see
/// Scripts/classifier-goldens.py.
struct TinyClassifier {
    let path: String
    let rows: [Row]

    struct Row {
        let input: ClassifierInput
        let ids: [Int]
        let types: [Int32]
        let total: Int
        let logits: [Float]
        let scores: [Float]

        var isPair: Bool { if case .pair = input { true } else { false } }
    }

    init(_ name: String) throws {
        path = Goldens.path("classifiers/" + name)
        let file = try MappedFile(path: path + "/goldens.jsonl")
        let lines = file.region.withUnsafeBytes { $0.split(separator: UInt8(ascii: "\n")).map { Array($0) } }
        rows = try lines.map { line in
            let json = try JSONValue.parse(line)
            let texts = try #require(json["texts"]?.array).map { try #require($0.string) }
            return Row(
                input: texts.count == 2 ? .pair(texts[0], texts[1]) : .text(texts[0]),
                ids: try json.ints("ids"),
                types: json["types"]?.array == nil ? [] : try json.ints("types").map { Int32($0) },
                total: try json.int("total"),
                logits: try json.floats("logits"), scores: try json.floats("scores"))
        }
        try #require(!rows.isEmpty)
    }

    func reranker(_ precision: Precision = .f32, _ isa: InstructionSet? = nil, threads: Int = 2) throws
        -> Reranker
    {
        try Reranker(
            modelAt: path, configuration: .init(threads: threads, precision: precision, instructionSet: isa))
    }

    /// The numbers of all rows in one call, before any activation.
    func logits(_ reranker: Reranker) throws -> [[Float]] {
        try reranker.predictBlocking(rows.map(\.input), options: .init(activation: .raw)).map {
            $0.map(\.score)
        }
    }
}

/// How near numbers are to golden ones.
struct LogitAgreement: CustomStringConvertible {
    /// The largest difference, relative to the golden number where that is larger than 1.
    var difference: Float = 0
    /// The cosine of all numbers of a case.
    var cosine = 0.0

    init(_ found: [[Float]], _ expected: [[Float]]) {
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (found, expected) in zip(found, expected) {
            guard found.count == expected.count else {
                difference = .infinity
                return
            }
            for (a, b) in zip(found, expected) {
                let d = abs(a - b) / max(1, abs(b))
                if !(d <= difference) { difference = d }
                (ab, aa, bb) = (
                    ab + Double(a) * Double(b), aa + Double(a) * Double(a), bb + Double(b) * Double(b)
                )
            }
        }
        cosine = ab / (aa * bb).squareRoot()
    }

    var description: String { "largest difference \(difference), cosine \(cosine)" }
}
