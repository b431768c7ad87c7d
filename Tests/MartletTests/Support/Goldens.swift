import MartletJSON
import Testing

/// Committed results of sentence-transformers and PyTorch, see Scripts/pipeline-goldens.py and
/// Scripts/encoder-goldens.py.
enum Goldens {
    /// Tests/Fixtures, found from this file's place in the checkout.
    static func path(_ name: String, from file: String = #filePath) -> String {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return (parts + ["Fixtures", name[...]]).joined(separator: "/")
    }

    static func json(_ name: String) throws -> JSONValue { try TestFolder.read(path("goldens/" + name)) }

    /// The numbers of `values` in Scripts/pipeline-goldens.py.
    static func values(_ count: Int, seed: UInt32) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / 8_388_608 - 1
        }
    }
}

extension JSONValue {
    func floats(_ key: String) throws -> [Float] {
        try #require(self[key]?.array).map { Float(try #require($0.double)) }
    }

    func ints(_ key: String) throws -> [Int] {
        try #require(self[key]?.array).map { try #require($0.int) }
    }

    func int(_ key: String) throws -> Int { try #require(self[key]?.int) }
    func string(_ key: String) throws -> String { try #require(self[key]?.string) }
}

func expectClose(
    _ found: [Float], _ expected: [Float], within tolerance: Float = 2e-6, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard found.count == expected.count else {
        Issue.record(
            "\(what): \(found.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    for (index, (a, b)) in zip(found, expected).enumerated() where !(abs(a - b) <= tolerance * max(1, abs(b)))
    {
        Issue.record("\(what): value \(index) is \(a), expected \(b)", sourceLocation: sourceLocation)
        return
    }
}
