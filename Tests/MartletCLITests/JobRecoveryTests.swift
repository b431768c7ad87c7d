#if Command

import MartletTestSupport
import Testing

/// What the built command does where ids, inputs and outputs are not the plain case. Serialized: each run loads
/// a model.
@Suite(.serialized) struct JobRecoveryTests {
    private let folder: TemporaryFolder
    private var store: [String] { ["--to", "martlet:\(folder.path)/c.martlet"] }
    private var journal: [String] { store + ["--only-changed", "--journal", "\(folder.path)/changes"] }

    init() throws { folder = try TemporaryFolder() }

    /// Embeds records, given as `"id":…,"text":…`.
    private func embed(_ records: [String], _ arguments: [String]) throws -> Command.Ended {
        let input = try folder.file("in.jsonl", records.map { "{\($0)}\n" }.joined())
        return try Command.run(["embed", "-f", input, "--id", "id", "--threads", "1"] + arguments)
    }

    private func rows() throws -> Int {
        try Command.run(["collection", "export", "\(folder.path)/c.martlet"]).lines.count
    }

    @Test func idsThatLookAlikeAreTwo() throws {
        let both = ["\"id\":\"caf\u{E9}\",\"text\":\"one\"", "\"id\":\"cafe\u{301}\",\"text\":\"two\""]
        let first = try embed(both, journal)
        #expect(first.status == 0 && !first.error.contains("earlier row"), "\(first.error)")
        let again = try embed(both, journal + ["--prune"])
        #expect(again.error.contains("2 records unchanged, 0 rows removed"), "\(again.error)")
        let pruned = try embed([both[1]], journal + ["--prune"])
        #expect(pruned.error.contains("1 record unchanged, 1 row removed"), "\(pruned.error)")
    }

    @Test func idsThatTheStoreTakesForOneAreTold() throws {
        let run = try embed(["\"id\":1,\"text\":\"one\"", "\"id\":\"1\",\"text\":\"two\""], store)
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error.contains("1 row had the id of an earlier row"), "\(run.error)")
    }

    /// A column of numbers that becomes one of texts is the same rows to a store of texts.
    @Test func aRowWhoseIDBecomesATextIsNotRemoved() throws {
        #expect(try embed(["\"id\":1,\"text\":\"one\"", "\"id\":2,\"text\":\"two\""], journal).status == 0)
        let texts = ["\"id\":\"1\",\"text\":\"one\""]
        let pruned = try embed(texts, journal + ["--prune"])
        #expect(pruned.error.contains("0 records unchanged, 1 row removed"), "\(pruned.error)")
        #expect(try rows() == 1)
        let again = try embed(texts, journal + ["--prune"])
        #expect(again.error.contains("1 record unchanged, 0 rows removed"), "\(again.error)")
    }

    /// A record that is left out is no reason to fail where others have their rows, or to remove its row.
    @Test func aChangedRecordThatIsSkippedKeepsItsRow() throws {
        let good = ["\"id\":1,\"text\":\"one\"", "\"id\":2,\"text\":\"two\""]
        #expect(try embed(good, journal).status == 0)
        let before = try rows()
        let skipping = try embed(
            [good[0], "\"id\":2,\"text\":null"], journal + ["--prune", "--on-error", "skip"])
        #expect(skipping.status == 0 && skipping.error.contains("1 record skipped"), "\(skipping.error)")
        #expect(skipping.error.contains("no rows were removed"), "\(skipping.error)")
        #expect(try rows() == before)
        let none = try embed(["\"id\":3,\"text\":null"], ["--format", "jsonl", "--on-error", "skip"])
        #expect(none.status == 1 && none.error.contains("nothing is left"), "\(none.error)")
    }

    @Test func anotherOutputIsNotTheJobs() throws {
        let arguments = ["-o", "\(folder.path)/v.npy", "--resume"]
        let records = (0..<3).map { "\"id\":\($0),\"text\":\"text \($0)\"" }
        #expect(try embed(records, arguments).status == 0)
        let input = "\(folder.path)/in.jsonl"
        let again = try Command.run(["embed", "-f", input, "--id", "id", "--threads", "1"] + arguments)
        #expect(again.status == 0 && again.error.contains("has all 3 rows"), "\(again.error)")
        #expect(try Command.run(["embed", "a cat", "-o", "\(folder.path)/v.npy"]).status == 0)
        let other = try Command.run(["embed", "-f", input, "--id", "id", "--threads", "1"] + arguments)
        #expect(other.status == 1, "\(other.error)")
        #expect(other.error.contains("v.npy: is not the file that the job of"), "\(other.error)")
    }
}

#endif
