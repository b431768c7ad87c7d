import MartletTestSupport
import Testing

@testable import MartletData

/// What other writers of Parquet do that the format allows.
@Suite struct ParquetWritersTests {
    private static let goldens = String(#filePath.dropLast("ParquetWritersTests.swift".count)) + "Goldens"

    private func records(_ name: String) throws -> [Given] {
        readAll(ParquetReader(try .file("\(Self.goldens)/\(name).parquet"), fields: FieldNames()))
    }

    /// `empty-group`: pyarrow 26, groups of 2, 0 and 1 rows; it writes 0 for the place of pages that are not
    /// there. `fastparquet`: fastparquet 2026.9; it names no type for the elements of an empty list.
    @Test(arguments: ["empty-group", "fastparquet"])
    func `rows are those that were written`(name: String) throws {
        #expect(
            try records(name) == [
                .text("eins", .literal("1"), 1), .text("zwei", .literal("2"), 2),
                .text("drei", .literal("3"), 3),
            ])
    }

    @Test func `going on passes over a group without rows`() async throws {
        let source = FileSource([.file("\(Self.goldens)/empty-group.parquet", .parquet)])
        let all = try source.readAll()
        for (count, checkpoint) in try source.positions().enumerated() {
            var rest: [Record] = []
            for try await batch in source.batches(after: checkpoint) { rest += batch.records }
            #expect(rest == Array(all.dropFirst(count)), "after \(count)")
        }
    }

    @Test func `an encoding that is not read is named with the setting that avoids it`() throws {
        let message = "\(try records("delta"))"
        #expect(message.contains("encoding DELTA_BYTE_ARRAY") && message.contains("PARQUET_VERSION V1"))
        #expect(!message.contains("write it again with pandas or DuckDB"))
    }
}
