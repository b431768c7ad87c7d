#if Command

import MartletTestSupport
import MartletHub
import MartletJSON
import Testing

@testable import MartletCLI

/// The commands over the cache, and `--model` by name. None of them opens a connection.
@Suite(.serialized) struct HubCommandTests {
    private static let commit = "0000000000000000000000000000000000000001"
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs a line with a cache of its own; the last element is the status.
    private func run(_ line: String) throws -> [String] {
        try Shell.run(
            "export HF_HUB_CACHE='\(folder.path)/hub' HF_ENDPOINT=http://127.0.0.1:9; unset HF_HUB_OFFLINE; "
                + "\(line); echo status $?; rm -rf '\(folder.path)/hub'")
    }

    /// A line that puts a tiny model of the fixtures into the cache, under a name.
    private func add(_ repository: String, _ model: String = "models/bert-mini") -> String {
        let place = "$HF_HUB_CACHE/models--\(repository.replacing("/", with: "--"))"
        return "mkdir -p \(place)/refs \(place)/snapshots; printf \(Self.commit) > \(place)/refs/main; "
            + "ln -s '\(ProcessTests.fixtures)/\(model)' \(place)/snapshots/\(Self.commit)"
    }

    private var fixture: String { "'\(ProcessTests.fixtures)/models/bert-mini'" }

    @Test func `an empty cache says where it is and what to do`() throws {
        let printed = try run("martlet list")
        #expect(
            printed == [
                "martlet: no models in \(folder.path)/hub; martlet list --known shows what martlet pull knows by name",
                "status 0",
            ])
        #expect(try run("martlet list --json") == ["[]", "status 0"])
    }

    @Test func `known models are listed`() throws {
        let printed = try run("martlet list --known")
        #expect(printed.count == KnownModels.all.count + 2)
        #expect(printed.contains { $0.hasPrefix("nomic-embed-text-v1.5 ") && $0.contains("8192") })
        let value = try JSONValue.parse(utf8: try run("martlet list --known --json")[0])
        #expect(value.array?.count == KnownModels.all.count)
        #expect(value[0]?["dimensions"]?.int == 384)
    }

    /// `martlet list --known --markdown` makes the table.
    @Test func `the page of models has the table of the list`() throws {
        let root = ProcessTests.fixtures.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
            .joined(separator: "/")
        let page = String(decoding: try readFile("\(root)/docs/MODELS.md"), as: UTF8.self)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("| name | other names |") })
        let table = lines[start...].prefix { $0.hasPrefix("|") }
        let expected = KnownModelsPage.markdown.split(separator: "\n")
        #expect(table.count == expected.count)
        for (found, row) in zip(table, expected) { #expect(found == row) }
    }

    @Test func `cached models are listed, shown and removed`() throws {
        let printed = try run(
            "\(add("test/mini")); martlet list; martlet list --json; martlet show test/mini; martlet rm test/mini; martlet list -h | head -1"
        )
        #expect(printed[0].hasPrefix("model      revision "))
        #expect(printed[1].hasPrefix("test/mini  main "))
        #expect(printed[1].hasSuffix("  yes"))
        let value = try JSONValue.parse(utf8: printed[2])
        #expect(value[0]?["repository"]?.string == "test/mini")
        #expect(value[0]?["problem"]?.isNull == true)
        #expect(printed.contains("commit      \(Self.commit)"))
        #expect(printed.contains { $0.hasPrefix("martlet: removed test/mini, 1 commit, ") })
        #expect(try run("martlet rm test/mini").last == "status 1")
    }

    @Test func `a model is shown by any of its names`() throws {
        let printed = try run("martlet show snowflake-arctic-embed:m")
        #expect(printed.contains("repository    Snowflake/snowflake-arctic-embed-m"))
        #expect(printed.contains("cached        no"))
        let value = try JSONValue.parse(utf8: try run("martlet show nomic-embed-text --json")[0])
        #expect(value["prompts"]?["query"]?.string == "search_query: ")
        #expect(value["cached"]?.isNull == true)
        #expect(try run("martlet show some/thing").last == "status 1")
    }

    @Test func `--model takes the name of a model in the cache`() throws {
        let options = "--precision f32 --format jsonl"
        let byPath = try run("martlet embed -m \(fixture) \(options) hello")
        #expect(byPath.last == "status 0")
        #expect(try run("\(add("test/mini")); martlet embed -m test/mini \(options) hello") == byPath)
        #expect(try run("\(add("test/mini")); martlet tokenize -m test/mini hello").last == "status 0")
        #expect(
            try run("\(add("test/mini")); martlet inspect test/mini | grep ^model").first?.hasPrefix(
                "model         test/mini (") == true)
    }

    @Test func `a cached model that reads a corpus is used by name`() throws {
        let options =
            "--precision f32 --format jsonl -q --corpus-sample '\(try folder.file("sample.txt", "zopa\nbalo\n"))'"
        let byPath = try run(
            "martlet embed -m '\(ProcessTests.fixtures)/contextual/cde' \(options) --prompt 'search_query: ' zuge"
        )
        #expect(byPath.last == "status 0", "\(byPath)")
        let added = add("jxm/cde-small-v1", "contextual/cde")
        #expect(
            try run("\(added); martlet embed -m cde-small-v1 \(options) --prompt 'search_query: ' zuge")
                == byPath)
        #expect(try run("\(added); martlet inspect cde-small-v1 | grep ^makes").last == "status 0")
    }

    @Test func `a model that is not there is never fetched`() throws {
        for command in ["embed -m", "inspect", "tokenize -m", "compare a b -m", "bench -m"] {
            let printed = try run("martlet \(command) bge-small-en-v1.5 < /dev/null")
            #expect(
                printed == [
                    "martlet: error: BAAI/bge-small-en-v1.5 is not in \(folder.path)/hub; run: martlet pull bge-small-en-v1.5",
                    "status 1",
                ])
        }
        #expect(try run("martlet embed -m all-minilm --dimensions 1 a").last == "status 0", "it is built in")
        #expect(try run("martlet embed -m ./none a")[0].contains("there is no model at ./none"))
        #expect(try run("martlet embed -m nonesuch a")[0].contains("is not a known model"))
    }

    @Test func `the list's prompts count where the files have none, and inspect says so`() throws {
        let cached = add("intfloat/e5-small-v2")
        let printed = try run("\(cached); martlet inspect e5-small-v2")
        #expect(printed.contains { $0.hasPrefix("prompt query") && $0.hasSuffix("\"query: \"") })
        #expect(
            printed.contains {
                $0.hasPrefix("note") && $0.contains("are the published ones of intfloat/e5-small-v2")
            })
        let options = "--precision f32 --format jsonl"
        let asQuery = try run("\(cached); martlet embed -m e5-small-v2 \(options) --as query hello")
        #expect(asQuery == (try run("martlet embed -m \(fixture) \(options) 'query: hello'")))
        // Without a role nothing is put before the text, as with the files alone.
        #expect(
            try run("\(cached); martlet embed -m e5-small-v2 \(options) hello")
                == run("martlet embed -m \(fixture) \(options) hello"))
    }

    @Test func `offline pulls open no connection`() throws {
        let printed = try run("martlet pull --offline test/mini")
        #expect(printed.last == "status 1")
        #expect(printed[0].contains("offline nothing is fetched"))
        #expect(try run("HF_HUB_OFFLINE=1 martlet pull test/mini").last == "status 1")
        #expect(
            try run("\(add("test/mini")); martlet pull --offline test/mini") == [
                "\(folder.path)/hub/models--test--mini/snapshots/\(Self.commit)", "status 0",
            ])
        #expect(try run("martlet pull 'no such name'").last == "status 2")
    }
}

/// What a pull says, without pulling.
@Suite struct PullProgressTests {
    private let progress: PullProgress
    private let files = [
        PulledFile(path: "config.json", size: 612, digest: "a", wasCached: true),
        PulledFile(path: "model.safetensors", size: 4 << 20, digest: "b", wasCached: false),
        PulledFile(path: "vocab.txt", size: 2048, digest: "c", wasCached: false),
    ]

    init() { progress = PullProgress() }

    @Test func `lines that stay`() {
        var progress = progress
        let plan = PullEvent.planned(files: files)
        #expect(progress.note(.finished(file: files[0]), name: "x") == nil, "index files are no news")
        progress.add(plan, at: 0)
        #expect(progress.note(plan, name: "x") == "pulling x: 2 files, 4.0 MiB; 1 cached")
        #expect(progress.note(.finished(file: files[2]), name: "x") == "vocab.txt  2.0 KiB")
        #expect(
            progress.note(
                .retrying(file: "f", reason: "host: status 503", pause: .milliseconds(1500)), name: "x")
                == "f: host: status 503; trying again in 1.5 s")
        #expect(progress.note(.planned(files: [files[0]]), name: "x") == nil)
    }

    @Test func `the bar shows all files, the speed since the first bytes, and the file that grows`() {
        var progress = progress
        #expect(progress.line(at: 0) == nil)
        progress.add(.planned(files: files), at: 0)
        // 1 MiB came with an earlier pull.
        progress.add(.received(file: files[1], bytes: 1 << 20), at: 10)
        progress.add(.received(file: files[1], bytes: 2 << 20), at: 12)
        let line = progress.line(at: 12)
        // With the files beside it, that is not quite the half.
        #expect(
            line
                == "\(ProgressBar.bar(0.499))  2.0 MiB of 4.0 MiB  512.0 KiB/s  4.0 s left  model.safetensors 50 %",
            "\(line ?? "")")
        progress.add(.finished(file: files[1]), at: 14)
        #expect(progress.line(at: 14)?.contains("model.safetensors") == false)
    }

    @Test func `sizes and days`() {
        #expect(
            [0, 612, 1024, 466_247, 90_868_376].map(Format.fileSize) == [
                "0 B", "612 B", "1.0 KiB", "455.3 KiB", "86.7 MiB",
            ])
        let days = [
            (0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_735_689_599, "2024-12-31"),
            (1_772_323_200, "2026-03-01"),
            (-1, "1969-12-31"),
        ]
        for (seconds, day) in days { #expect(Format.day(seconds) == day) }
    }

    @Test func `tables stand in columns`() {
        var table = Table(["name", "size"], numbers: [1])
        table.add(["a", "1"])
        table.add(["long\nname", "22"])
        #expect(table.text == "name       size\na             1\nlong name    22\n")
    }
}

#endif
