import MartletTestSupport
import Testing

@testable import MartletData

/// A source that goes on from any of its checkpoints gives exactly the records after it.
@Suite struct CheckpointTests {
    private static func content(_ format: InputFormat) -> String {
        switch format {
        case .jsonl: "{\"id\":1,\"text\":\"a\"}\n\n{\"text\":\"b\\n\"}\n{\"id\":\"x\",\"text\":\"\"}"
        case .json: "[\n {\"id\":1,\n\"text\":\"a\"} , \"plain\",\n{\"text\":\"b\"}\n]\n"
        case .csv: "\u{FEFF}id,text\n1,a\n\n2,\"two\nlines\"\n3,c\n"
        case .tsv: "id\ttext\n1\ta\n2\tb\n"
        case .file: "one\ntext\n"
        default: "\u{FEFF}first\nsecond\r\n\nfourth"
        }
    }

    private func records(_ source: FileSource, after checkpoint: Checkpoint?) async throws -> [(
        Record, Checkpoint
    )] {
        var result: [(Record, Checkpoint)] = []
        for try await batch in source.batches(after: checkpoint) {
            // The checkpoint after the batch stands for its last record.
            result += batch.records.map { ($0, batch.end) }
        }
        return result
    }

    @Test(arguments: InputFormat.all.filter { !["parquet", "arrow"].contains($0.name) })
    func `records go on from every position`(format: InputFormat) async throws {
        let folder = try TemporaryFolder()
        let paths = [try folder.file("a", Self.content(format)), try folder.file("b", Self.content(format))]
        let inputs: [FileSource.Input] =
            [.text("given", name: "argument 1")] + paths.map { .file($0, format) } + [
                .text("last", name: "argument 2")
            ]
        let source = FileSource(inputs)
        let all = try source.readAll()
        let positions = try source.positions()
        #expect(positions.count == all.count + 2)
        for (count, checkpoint) in positions.enumerated() {
            let rest = try await records(source, after: checkpoint).map(\.0)
            #expect(rest == Array(all.dropFirst(count)), "\(format) after \(count): \(checkpoint)")
        }
    }

    @Test func `the end of a batch is a position to go on from`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("in", (0..<500).map { "line \($0)\n" }.joined())
        let source = FileSource([.file(path, .lines)])
        let all = try source.readAll()
        var given = 0
        for try await batch in source.batches(after: nil) {
            given += batch.records.count
            #expect(batch.end.index == given)
            #expect(try await records(source, after: batch.end).map(\.0) == Array(all[given...]))
        }
        #expect(given == 500)
    }

    @Test func `bad records count, also across a checkpoint`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("in", "{\"text\":\"a\"}\nbad\n{\"text\":\"b\"}\n")
        let source = FileSource([.file(path, .jsonl)], badRecords: .skip)
        var skipped: [Int] = []
        var texts: [Int] = []
        for try await batch in source.batches(after: nil) {
            skipped += batch.skipped.map(\.index)
            texts += batch.records.map(\.index)
        }
        #expect(skipped == [1])
        #expect(texts == [0, 2])
    }

    @Test func `a checkpoint of a changed input is refused`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("in", "a\nb\n")
        let source = FileSource([.file(path, .lines)])
        let checkpoint = try #require(try source.positions().dropFirst().first)
        #expect(try await records(source, after: checkpoint).map(\.0.text) == ["b"])
        _ = try folder.file("in", "a\nb\nc\n")
        let error = await #expect(throws: DataError.self) { try await records(source, after: checkpoint) }
        #expect(error?.code == .changedInput)
        let other = FileSource([.file(path, .lines)], fields: FieldNames(text: "body"))
        await #expect(throws: DataError.self) { try await records(other, after: checkpoint) }
    }
}
