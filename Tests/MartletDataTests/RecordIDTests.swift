import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct RecordIDTests {
    private static let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")

    @Test func `ids that look alike and have other bytes are two`() {
        #expect(Self.composed == Self.decomposed, "Swift's strings are equal")
        #expect(RecordID.text(Self.composed) != .text(Self.decomposed))
        #expect(Set([Self.composed, Self.decomposed, Self.composed].map { RecordID.text($0) }).count == 2)
        #expect(RecordID.text("1") != .literal("1") && RecordID.none != .text(""))
        #expect(RecordID.null == .literal("null") && RecordID.null != .text("null"))
    }

    /// Parquet and Arrow say which ids are missing; as texts both would be `null`.
    @Test(arguments: [(OutputFormat.parquet, InputFormat.parquet), (.arrow, .arrow)])
    func `an id that is null is missing in columns`(output: OutputFormat, input: InputFormat) async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/out"
        let records = [RecordID.null, .text("null"), .literal("7"), .none].enumerated().map {
            Record(text: "", id: $0.element, index: $0.offset, source: "in")
        }
        try await writeAll(
            RowBatch(
                records: records,
                rows: .dense(DenseRows(count: 4, width: 1, elements: .float32([1, 2, 3, 4])))),
            to: try output.sink(writingTo: path), VectorSchema(width: 1))
        let source = FileSource(
            [.file(path, input)], fields: FieldNames(text: "id"), badRecords: .skip)
        var found: [String?] = [nil, nil, nil, nil]
        for try await batch in source.batches(after: nil) {
            for record in batch.records { found[record.index] = record.text }
        }
        #expect(found == [nil, "null", "7", nil])
    }
}
