#if Command

import MartletJSON
import MartletSystem
import MartletTestSupport
import Testing

/// Jobs of the built command. Serialized: each run loads a model.
@Suite(.serialized) struct JobCommandTests {
    private let folder: TemporaryFolder
    private let input: String

    init() throws {
        folder = try TemporaryFolder()
        input = try folder.file(
            "in.jsonl", (0..<1200).map { "{\"id\":\($0),\"text\":\"sentence \($0) of a job\"}\n" }.joined())
    }

    private func arguments(_ output: String, _ more: [String] = ["--resume"]) -> [String] {
        ["embed", "-f", input, "--id", "id", "--threads", "1", "-o", "\(folder.path)/\(output)"] + more
    }

    @Test(arguments: ["v.npy", "v.parquet"])
    func killedRunsGoOn(name: String) throws {
        let whole = try Command.run(arguments("whole-\(name)", []))
        #expect(whole.status == 0, "\(whole.error)")
        var (kills, wait) = (0, useconds_t(60_000))
        for _ in 0..<12 {
            let command = try Command(arguments(name))
            command.closeInput()
            usleep(wait)
            kill(command.identifier, SIGKILL)
            let ended = try command.wait()
            if ended.status == 0 { break }
            #expect(ended.status == 1000 + SIGKILL, "\(ended.error)")
            kills += 1
            wait = wait * 3 / 2
        }
        #expect(kills > 0)
        let last = try Command.run(arguments(name))
        #expect(last.status == 0, "\(last.error)")
        #expect(try folder.contents(name) == folder.contents("whole-\(name)"))
        #expect(!folder.exists("\(name).partial"))
    }

    /// A bad record may be left out, or mended, without beginning again.
    @Test func aBadRecordIsLeftOutLater() throws {
        let bad = try folder.file(
            "bad.jsonl", "{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":\"broken\n{\"id\":3,\"text\":\"c\"}\n"
        )
        let arguments = ["embed", "-f", bad, "--id", "id", "-o", "\(folder.path)/b.jsonl", "--resume"]
        let stopped = try Command.run(arguments)
        #expect(stopped.status == 1 && stopped.error.contains("bad.jsonl:2"), "\(stopped.error)")
        let skipping = try Command.run(arguments + ["--on-error", "skip"])
        #expect(skipping.status == 0, "\(skipping.error)")
        #expect(try folder.contents("b.jsonl").split(separator: 10).count == 2)
    }

    @Test func filesThatAreReadAreNotReplaced() throws {
        let report = try Command.run(["embed", "-f", input, "-o", "\(folder.path)/v.npy", "--report", input])
        #expect(report.status == 2 && report.error.contains("--report would replace it"), "\(report.error)")
        let facts = try folder.file("w.npy.meta.json", "a cat\n")
        let companion = try Command.run(["embed", "-f", facts, "-o", "\(folder.path)/w.npy"])
        #expect(companion.status == 2 && folder.exists("w.npy.meta.json"), "\(companion.error)")
    }

    /// Rows of one id replace each other, which is told; chunks have ids of their own.
    @Test func rowsThatReplaceOthersAreTold() throws {
        let twice = try folder.file(
            "t.jsonl", "{\"id\":\"a\",\"text\":\"one\"}\n{\"id\":\"a\",\"text\":\"two\"}\n")
        let store = "martlet:\(folder.path)/t.martlet"
        let run = try Command.run(["embed", "-f", twice, "--to", store])
        #expect(run.status == 0 && run.error.contains("1 row had the id of an earlier row"), "\(run.error)")
        #expect(run.error.contains("t.jsonl:2"))
        let text = try folder.file("t.txt", (0..<400).map { "word \($0)" }.joined(separator: " "))
        let chunks = try Command.run(["chunk", "-f", text, "--size", "100"])
        let file = try folder.file("chunks.jsonl", chunks.text)
        let kept = try Command.run(["embed", "-f", file, "--field", "text", "--to", store])
        #expect(kept.status == 0 && !kept.error.contains("earlier row"), "\(kept.error)")
        let exported = try Command.run(["collection", "export", "\(folder.path)/t.martlet"])
        #expect(exported.lines.count == 1 + chunks.lines.count && chunks.lines.count > 4)
        let null = try folder.file("n.jsonl", "{\"id\":null,\"text\":\"one\"}\n")
        let refused = try Command.run(["embed", "-f", null, "--to", store])
        #expect(
            refused.status == 1 && refused.error.contains("n.jsonl:1: the id is null"), "\(refused.error)")
    }

    @Test func anInterruptionCommitsAndSaysHowToGoOn() throws {
        let command = try Command(arguments("v.npy"))
        command.closeInput()
        while folder.size("v.npy.job") < 100_000, folder.size("v.npy") < 0 { usleep(1200) }
        kill(command.identifier, SIGINT)
        let ended = try command.wait()
        if ended.status == 130 {
            #expect(ended.error.contains("v.npy.job; the same command goes on"), "\(ended.error)")
            let listed = try Command.run(["jobs", "\(folder.path)/v.npy.job"])
            #expect(listed.text.contains("  stopped  "), "\(listed.text)")
        }
        let again = try Command.run(
            arguments("v.npy", ["--resume", "--report", "\(folder.path)/report.json"]))
        #expect(again.status == 0, "\(again.error)")
        if ended.status == 130 {
            #expect(again.error.contains("going on after"), "\(again.error)")
            let report = try JSONValue.parse(folder.contents("report.json"))
            #expect(report["rows"]?.int == 1200)
            #expect(report["texts"]?.int.map { $0 < 1200 } == true)
        }
    }

    @Test func anotherModelOrOptionIsRefusedByName() throws {
        #expect(try Command.run(arguments("v.npy")).status == 0)
        let cut = try Command.run(arguments("v.npy", ["--resume", "--dimensions", "8"]))
        #expect(
            cut.status == 1 && cut.error.contains("v.npy.job: holds a job with")
                && cut.error.contains("dimensions"), "\(cut.error)")
        let precise = try Command.run(arguments("v.npy", ["--resume", "--precision", "f32"]))
        #expect(precise.status == 1 && precise.error.contains("precision"), "\(precise.error)")
        let side = try Command.run(arguments("v.npy", ["--resume", "--truncate", "start"]))
        #expect(side.status == 1 && side.error.contains("--truncate native, and now start"), "\(side.error)")
        _ = try folder.file("in.jsonl", "{\"id\":1,\"text\":\"other\"}\n")
        let changed = try Command.run(arguments("v.npy"))
        #expect(changed.status == 1 && changed.error.contains("has changed since"), "\(changed.error)")
    }

    @Test func whatCannotBeReadAgainIsRefused() throws {
        let stream = try Command.run(["embed", "-o", "\(folder.path)/v.npy", "--resume"], input: "a\n")
        #expect(stream.status == 2 && stream.error.contains("--resume"), "\(stream.error)")
        let nowhere = try Command.run(["embed", "-f", input, "--resume"])
        #expect(nowhere.status == 2 && nowhere.error.contains("-o"), "\(nowhere.error)")
        let part = try Command.run(arguments("v.npy", ["--shard", "4/3"]))
        #expect(part.status == 2 && part.error.contains("k from 1 to n"), "\(part.error)")
    }

    @Test func optionsOfFilesAndDatabasesAreNotMixed() throws {
        let to = ["embed", "-f", input, "--to", "sqlite:\(folder.path)/out.db"]
        let journal = try Command.run(to + ["--only-changed"])
        #expect(journal.status == 2 && journal.error.contains("--journal"), "\(journal.error)")
        let resume = try Command.run(to + ["--resume"])
        #expect(
            resume.status == 2 && resume.error.contains("the same command goes on"), "\(resume.error)")
        let part = try Command.run(to + ["--shard", "1/2"])
        #expect(part.status == 2 && part.error.contains("--shard is for files"), "\(part.error)")
    }

    @Test func memoryIsHeldToItsLimit() throws {
        let small = try Command.run(arguments("v.npy", ["--resume", "--max-memory", "8MiB"]))
        #expect(small.status == 2 && small.error.contains("needs"), "\(small.error)")
        #expect(!folder.exists("v.npy.job"))
        for more in [["--only-changed"], ["--method", "bm25"], ["--pooling", "none"]] {
            let refused = try Command.run(arguments("v.jsonl", ["--max-memory", "2GiB"] + more))
            #expect(refused.status == 2 && refused.error.contains("--max-memory"), "\(refused.error)")
        }
        #expect(try Command.run(arguments("v.npy", ["--max-memory", "12 apples"])).status == 2)
        let report = "\(folder.path)/report.json"
        // The memory of this process is none of the command's.
        let large = [UInt8](repeating: 1, count: 400 << 20)
        let held = try Command.run(
            arguments("v.npy", ["--resume", "--max-memory", "350MiB", "--report", report]))
        #expect(large.last == 1 && held.status == 0, "\(held.error)")
        let peak = try JSONValue.parse(folder.contents("report.json"))["peak_memory_bytes"]?.int
        #expect(peak.map { $0 > 1 << 20 && $0 < 350 << 20 } == true)
        #expect(try Command.run(arguments("whole.npy", [])).status == 0)
        #expect(try folder.contents("v.npy") == folder.contents("whole.npy"))
    }

    @Test func partsMerge() throws {
        #expect(try Command.run(arguments("whole.csv", [])).status == 0)
        for number in 1...3 {
            #expect(try Command.run(arguments("v.csv", ["--shard", "\(number)/3"])).status == 0)
        }
        let merged = try Command.run(["merge", "\(folder.path)/v.csv"])
        #expect(merged.status == 0, "\(merged.error)")
        #expect(try folder.contents("v.csv") == folder.contents("whole.csv"))
    }

    @Test func onlyWhatHasChangedIsEmbedded() throws {
        #expect(try Command.run(arguments("v.npy", ["--only-changed"])).status == 0)
        _ = try folder.file(
            "in.jsonl", (0..<1203).map { "{\"id\":\($0),\"text\":\"sentence \($0) of a job\"}\n" }.joined())
        let report = "\(folder.path)/report.json"
        let again = try Command.run(arguments("v.npy", ["--only-changed", "--report", report]))
        #expect(again.status == 0, "\(again.error)")
        let value = try JSONValue.parse(folder.contents("report.json"))
        #expect(value["reused"]?.int == 1200 && value["rows"]?.int == 1203)
        #expect(try Command.run(arguments("whole.npy", [])).status == 0)
        #expect(try folder.contents("v.npy") == folder.contents("whole.npy"))
    }
}

#endif
