import Martlet
import MartletData
import MartletTestSupport
import Testing

@testable import MartletJobs

/// Only what has changed goes into a database.
@Suite struct ChangeTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/changes" }

    init() throws { folder = try TemporaryFolder() }

    private func header(_ weights: String = "test:1") -> JobHeader {
        let identity = ModelIdentity(
            space: VectorSpace(model: "test", weights: weights, dimensions: 2),
            computation: Computation(precision: "f32", device: "cpu"))
        return JobHeader(
            format: "table t", schema: VectorSchema(width: 2, identity: identity), settings: [], source: "")
    }

    private func records(_ texts: [String]) -> [Record] {
        texts.enumerated().map {
            Record(
                text: $0.element, id: $0.offset % 2 == 0 ? .text("\($0.offset)") : .literal("\($0.offset)"),
                index: $0.offset, source: "in", line: $0.offset + 1)
        }
    }

    @Test func `a record is unchanged if its id had that text`() throws {
        var journal = try ChangeJournal(path, header())
        let first = records(["a", "b", "c"])
        for record in first { #expect(try !journal.isUnchanged(record)) }
        try journal.add(first)
        // A line that was cut off.
        let whole = try folder.contents("changes")
        _ = try folder.file("changes", String(decoding: whole, as: UTF8.self) + "{\"id\":\"9\",\"sha")
        journal = try Self.reopened(&journal, path, header())
        #expect(journal.count == 3)
        let second = records(["a", "B", "c"])
        #expect(try second.map { try journal.isUnchanged($0) } == [true, false, true])
        try journal.add([second[1]])
        #expect(journal.unchanged == 2 && journal.gone.isEmpty)
        journal = try Self.reopened(&journal, path, header())
        #expect(try journal.isUnchanged(second[1]))
        #expect(Set(journal.gone) == [.text("0"), .text("2")])
        try journal.finish(removing: [.text("0")])
        journal = try Self.reopened(&journal, path, header())
        #expect(journal.count == 2)
        // A number and a text are two ids.
        #expect(try !journal.isUnchanged(Record(text: "c", id: .literal("2"), index: 2, source: "in")))
    }

    /// As the next run opens it, when the lock of this one is gone.
    private static func reopened(_ journal: inout ChangeJournal, _ path: String, _ header: JobHeader) throws
        -> ChangeJournal
    {
        journal = try ChangeJournal(path + ".other", header)
        return try ChangeJournal(path, header)
    }

    @Test func `another model, another file and a record without an id are refused`() throws {
        do { _ = try ChangeJournal(path, header()) }
        let error = #expect(throws: DataError.self) { try ChangeJournal(path, header("test:2")) }
        #expect(error?.code == .changedInput)
        let journal = try ChangeJournal(path, header())
        #expect(throws: DataError.self) { try ChangeJournal(path, header()) }
        let missing = #expect(throws: DataError.self) {
            try journal.isUnchanged(Record(text: "a", index: 4, source: "in", line: 5))
        }
        #expect(missing?.place == "in:5")
        let other = try folder.file("notes", "not a journal\n")
        #expect(throws: DataError.self) { try ChangeJournal(other, header()) }
    }

    @Test func `ids that look alike are two`() throws {
        let journal = try ChangeJournal(path, header())
        let both = ["caf\u{E9}", "cafe\u{301}"].map {
            Record(text: $0, id: .text($0), index: 0, source: "in")
        }
        for record in both { #expect(try !journal.isUnchanged(record)) }
        try journal.add(both)
        #expect(journal.count == 2 && journal.gone.isEmpty)
        for record in both { #expect(try journal.isUnchanged(record)) }
    }

    /// A column of numbers that becomes one of texts: places that store texts alone know one row for both.
    @Test func `a row whose record has another kind of id stays`() throws {
        var journal = try ChangeJournal(path, header())
        try journal.add(
            [RecordID.literal("1"), .literal("2")].map {
                Record(text: "a", id: $0, index: 0, source: "in")
            })
        journal = try Self.reopened(&journal, path, header())
        let record = Record(text: "a", id: .text("1"), index: 0, source: "in")
        #expect(try !journal.isUnchanged(record))
        try journal.add([record])
        let gone = journal.gone
        #expect(Set(gone) == [.literal("1"), .literal("2")])
        let removed = journal.withoutRecord(gone) { id in
            if case .literal(let text) = id { .text(text) } else { id }
        }
        #expect(removed == [.literal("2")])
        #expect(Set(journal.withoutRecord(gone) { $0 }) == Set(gone))
        try journal.finish(removing: gone)
        #expect(journal.count == 1)
    }

    /// Whichever text the destination has, the last one of the input is there after each run.
    @Test func `of records with one id the last one stays`() throws {
        let twice = ["one", "two"].map { Record(text: $0, id: .text("a"), index: 0, source: "in") }
        var journal = try ChangeJournal(path, header())
        for _ in 0..<3 {
            let changed = try twice.filter { record in try !journal.isUnchanged(record) }
            #expect(changed.last?.text == "two")
            try journal.add(changed)
            journal = try Self.reopened(&journal, path, header())
        }
        #expect(try !journal.isUnchanged(twice[0]))
        #expect(try journal.isUnchanged(twice[0]), "the same text again")
    }

    /// The record of a row may be one of those that could not be read.
    @Test func `no row is gone while records cannot be read`() async throws {
        let input = try folder.file(
            "in.jsonl",
            """
            {"id":"a","text":"one"}
            {"id":"b","text":null}
            {"id":"c","text":"x"}

            """)
        var journal = try ChangeJournal(path, header())
        try journal.add(
            [("a", "one"), ("b", "two"), ("c", "x")].map {
                Record(text: $0.1, id: .text($0.0), index: 0, source: "in")
            })
        journal = try Self.reopened(&journal, path, header())
        let source = FileSource(
            [.file(input, .jsonl)], fields: FieldNames(id: "id"), badRecords: .skip)
        var unchanged = 0
        for try await batch in ChangedRecords(source, since: journal).batches(after: nil) {
            #expect(batch.records.isEmpty)
            unchanged += batch.unchanged
        }
        #expect(unchanged == 2 && journal.unread == 1 && journal.gone.isEmpty)
    }
}
