import MartletData
import MartletTestSupport
import Testing

@testable import MartletJobs

/// Inputs and outputs that change between the runs of a job.
extension FileJobTests {
    private func lines(_ range: Range<Int>, changed: Set<Int> = []) -> String {
        range.map {
            "{\"id\":\"r\($0)\",\"text\":\"text \($0)\(changed.contains($0) ? " new" : "")\"}\n"
        }.joined()
    }

    @Test func `an input that changes again while changes are embedded costs no rows`() async throws {
        let input = try folder.file("a.jsonl", lines(0..<600))
        _ = try await run("kept", .npy, keepsRows: true, over: input)
        // Rows from 300 on are new, and the run ends among them; then half of them become what they were.
        _ = try folder.file("a.jsonl", lines(0..<1000, changed: Set(300..<600)))
        await #expect(throws: Counting.Killed.self) {
            try await run("kept", .npy, failing: "text 900", keepsRows: true, over: input)
        }
        _ = try folder.file("a.jsonl", lines(0..<1001, changed: Set(300..<450)))
        let (state, reused) = try await run("kept", .npy, keepsRows: true, over: input)
        #expect(state == .changed)
        // The first run has 450 of these texts, and the second one more.
        #expect(reused > 450 && reused < 1000, "\(reused)")
        _ = try await run("fresh", .npy, over: input)
        #expect(try folder.contents("kept") == folder.contents("fresh"))
        #expect(!folder.exists("kept.earlier.job"))
    }

    @Test func `a first run that ended leaves its rows to the next input`() async throws {
        let input = try folder.file("a.jsonl", lines(0..<600))
        await #expect(throws: Counting.Killed.self) {
            try await run("kept", .npy, failing: "text 450", keepsRows: true, over: input)
        }
        _ = try folder.file("a.jsonl", lines(0..<610))
        let (state, reused) = try await run("kept", .npy, keepsRows: true, over: input)
        #expect(state == .changed && reused > 60, "\(reused)")
        _ = try await run("fresh", .npy, over: input)
        #expect(try folder.contents("kept") == folder.contents("fresh"))
    }

    @Test func `another file under the output's name is not taken for the job's`() async throws {
        let input = try folder.file("a.jsonl", lines(0..<100))
        for keepsRows in [false, true] {
            let name = keepsRows ? "kept" : "out"
            _ = try await run(name, .npy, keepsRows: keepsRows, over: input)
            let whole = try folder.contents(name)
            guard case .finished = try await run(name, .npy, keepsRows: keepsRows, over: input).state else {
                Issue.record("the job is not finished")
                return
            }
            _ = try folder.file(name, [UInt8](repeating: 0, count: whole.count + 1))
            guard keepsRows else {
                let error = await #expect(throws: DataError.self) { try await run(name, .npy, over: input) }
                #expect(error?.description.contains("is not the file that the job of") == true)
                continue
            }
            // Nothing has to be embedded to make it again.
            let (state, reused) = try await run(name, .npy, keepsRows: true, over: input)
            #expect(state == .changed && reused == 100)
            #expect(try folder.contents(name) == whole)
        }
    }

    @Test func `parts of two states of an input do not merge`() async throws {
        let input = try folder.file("a.jsonl", lines(0..<600))
        _ = try await run("merged", .npy, shard: .init(number: 1, of: 2), over: input)
        _ = try folder.file("a.jsonl", lines(0..<590))
        _ = try await run("merged", .npy, shard: .init(number: 2, of: 2), over: input)
        let fewer = #expect(throws: DataError.self) { try FileMerge(into: "\(folder.path)/merged") }
        #expect(fewer?.description.contains("of 590 records, and the first of 600") == true)
        folder.remove("merged.2-of-2.job")
        _ = try folder.file("a.jsonl", lines(0..<600, changed: [3]))
        _ = try await run("merged", .npy, shard: .init(number: 2, of: 2), over: input)
        let other = #expect(throws: DataError.self) { try FileMerge(into: "\(folder.path)/merged") }
        #expect(other?.description.contains("with other ids or texts") == true)
    }

    /// Each machine has the file under a path and with a time of its own.
    @Test func `parts of copies of an input merge`() async throws {
        let first = try folder.file("a.jsonl", lines(0..<300))
        let second = try folder.file("b.jsonl", lines(0..<300))
        _ = try await run("merged", .npy, shard: .init(number: 1, of: 2), over: first)
        _ = try await run("merged", .npy, shard: .init(number: 2, of: 2), over: second)
        try await FileMerge(into: "\(folder.path)/merged").run()
        _ = try await run("whole", .npy, over: first)
        #expect(try folder.contents("merged") == folder.contents("whole"))
    }

    /// A database says of its rows what it gave, not whether it changed before its second half was read.
    @Test func `a part goes on only over the records that were counted`() async throws {
        func part(_ texts: [String], after checkpoint: Checkpoint?) async throws -> [RecordBatch] {
            let source = FileSource(texts.map { .text($0, name: "argument") })
            let digest = source.digest
            var batches: [RecordBatch] = []
            var start = checkpoint
            // As a database does, it does not see from its digest that a later record is another one.
            start?.source = (digest ?? "") + (checkpoint?.source.drop { $0 != " " } ?? "")
            let shard = try await ShardSource.reading(.init(number: 1, of: 1), of: source)
            for try await batch in shard.batches(after: start) { batches.append(batch) }
            return batches
        }
        let end = try #require(try await part(["a", "b"], after: nil).last).end
        #expect(try await part(["a", "b"], after: end).flatMap(\.records).isEmpty)
        let error = await #expect(throws: DataError.self) { try await part(["a", "b", "c"], after: end) }
        #expect(error?.description.contains("has 3 records, and had 2") == true)
    }

    @Test(arguments: ["s", "", "out of 3:ff", "a of b of c", "of "])
    func `a position says which records its input had, whatever its source is called`(source: String) throws {
        var contents = InputContents()
        let plain = Checkpoint(source: source, index: 2, input: 1, offset: 20, lines: 2, key: "k")
        contents.add(RecordBatch(records: [Record(text: "é", index: 0, source: "in")], end: plain))
        let stated = contents.stated(in: plain)
        #expect(InputContents(statedIn: stated) == contents)
        #expect(InputContents.whole(of: stated) == plain)
        #expect(InputContents.whole(of: stated).source == source)
    }

    /// A part of an earlier version does not say which records its input had.
    @Test(arguments: [1, 2])
    func `parts of two versions merge`(older: Int) async throws {
        let input = try folder.file("a.jsonl", lines(0..<300))
        for number in 1...2 {
            _ = try await run("merged", .npy, shard: .init(number: number, of: 2), over: input)
        }
        let path = "\(folder.path)/merged.\(older)-of-2.job"
        let log = try JobLog(SystemLogFile(path))
        let (header, last) = (try #require(log.header), try #require(log.last))
        let batches = try log.rowFrames().map { try log.batch(at: $0.offset) }
        try log.begin(header)
        for batch in batches { try log.append(batch) }
        try log.commit(InputContents.whole(of: last.checkpoint))
        try log.finish()
        _ = try FileMerge(into: "\(folder.path)/merged")
        var other = header
        other.source = "another"
        try log.begin(other)
        try log.commit(InputContents.whole(of: last.checkpoint))
        try log.finish()
        let error = #expect(throws: DataError.self) { try FileMerge(into: "\(folder.path)/merged") }
        #expect(error?.code == .changedInput)
    }

    /// Its log has another name then, and the lock has to be on the new one.
    @Test func `a second run over a changed input waits for the first`() async throws {
        let input = try folder.file("a.jsonl", lines(0..<100))
        _ = try await run("kept", .npy, keepsRows: true, over: input)
        let path = "\(folder.path)/kept"
        let first = try FileJob(writing: path, as: .npy, header(source: "new", keepsRows: true))
        #expect(first.state == .changed)
        let error = #expect(throws: DataError.self) {
            try FileJob(writing: path, as: .npy, header(source: "new", keepsRows: true))
        }
        #expect(error?.reason.contains("another run") == true)
        // One that was faster, and has ended since.
        let begun = #expect(throws: DataError.self) {
            try FileJob.lockOfNewLog("\(folder.path)/kept.earlier.job")
        }
        #expect(begun?.reason.contains("another run") == true)
        withExtendedLifetime(first) {}
    }

    @Test func `more parts than records have an end each`() async throws {
        let input = try folder.file("a.jsonl", lines(0..<2))
        for number in 1...3 {
            _ = try await run("merged", .npy, shard: .init(number: number, of: 3), over: input)
        }
        let merge = try FileMerge(into: "\(folder.path)/merged")
        #expect(merge.rows == 2 && merge.parts == 3)
    }
}
