#if Command

import MartletData
import MartletTestSupport
import Testing

@testable import MartletCLI

@Suite struct TextSinkTests {
    private func write(_ rows: VectorRows) async throws -> String {
        let folder = try TemporaryFolder()
        let record = Record(text: "two words", id: .text("a"), index: 0, source: "in", line: 1)
        var sink = OutputFormat.text.open(try .file("\(folder.path)/out"))
        _ = try await sink.begin(VectorSchema(width: 2))
        try await sink.write(RowBatch(records: [record], rows: rows))
        try await sink.finish()
        return try folder.text("out")
    }

    @Test func `a vector is its norm and its first numbers`() async throws {
        let rows = DenseRows(count: 1, width: 2, elements: .float32([0.5, -1]))
        #expect(
            try await write(.dense(rows))
                == "a  \"two words\"\n    2 dimensions, norm 1.1180\n    0.5000 -1.0000\n")
    }

    @Test func `token vectors are a line for each token, whatever is in it`() async throws {
        let rows = MultiVectorRows(
            tokens: [["[CLS]", "\"\n"]], dimensions: 2, vectors: [0.5, -1, 1e-10, 3.25])
        #expect(
            try await write(.multiVector(rows)) == """
                a  "two words"
                    2 tokens × 2 dimensions
                    [CLS]   0.5000  -1.0000
                    "       0.0000   3.2500

                """)
        let wide = MultiVectorRows(tokens: [["x"]], dimensions: 7, vectors: [1, 2, 3, 4, 5, 6, 7])
        #expect(
            try await write(.multiVector(wide))
                .hasSuffix(
                    "    1 token × 7 dimensions\n    x   1.0000   2.0000   3.0000   4.0000   5.0000   6.0000 …\n"
                ))
    }

    @Test func `a sparse vector is its largest dimensions`() async throws {
        let row = SparseRow(indices: [2, 70], values: [0.5, 3.25], dimensions: 300, tokens: ["a", "b"])
        #expect(
            try await write(.sparse([row])) == """
                a  "two words"
                    2 of 300 dimensions
                      3.2500  b
                      0.5000  a

                """)
    }
}

#endif
