#if Command

import MartletTestSupport
import MartletData
import MartletJSON
import MartletSystem
import Testing

@testable import MartletCLI

/// The built command, as a user runs it. Serialized: each one loads a model.
@Suite(.serialized) struct ProcessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `version and help end with 0 on stdout`() throws {
        let version = try Command.run(["--version"])
        #expect(version.text == BuildFacts.current.description + "\n")
        #expect(version.text.hasPrefix(RootCommand.version))
        #expect(version.status == 0)
        let commands = [
            "embed", "rerank", "compare", "inspect", "tokenize", "pull", "list", "show", "rm", "convert",
            "verify", "bench",
        ]
        for command in commands {
            let help = try Command.run([command, "--help"])
            #expect(help.status == 0)
            #expect(help.text.contains("EXAMPLES"), "\(command)")
            #expect(help.error.isEmpty)
        }
    }

    static let usageErrors: [([String], String)] = [
        (["embed", "--bogus"], "Unknown option '--bogus'"), (["bogus"], "bogus"),
        (["embed", "a", "--threads", "0"], "--threads 0"),
        (["embed", "a", "--threads", "x"], "x"), (["embed", "a", "--isa", "mmx"], "mmx"),
        (["embed", "a", "--dimensions", "0"], "--dimensions 0"),
        (["embed", "a", "--dimensions", "99999"], "--dimensions 99999"),
        (["embed", "a", "-q", "-v"], "--quiet and --verbose"),
        (["embed", "a", "--field", "x"], "--field"),
        (["embed", "a", "--output-precision", "int8"], "--ranges"),
        (["compare", "a"], "at least two texts"), (["verify", "x"], "golden"),
        (["convert", "x"], "--output"),
        (["tokenize", "a", "--no-truncate", "--truncate", "start"], "contradict"),
        (["inspect", "a", "--model", "b"], "twice"),
        (["verify", "a", "b", "--threshold", "7"], "--threshold"),
        (["compare", "a", "b", "--pooling", "none"], "'none' is invalid"),
        (["bench", "--pooling", "none"], "'none' is invalid"),
        (["chunk", "--pooling", "mean", "a"], "--pooling is about the vectors of --embed"),
        (["inspect", "--pooling", "none"], "'none' is invalid"),
        (["embed", "a", "--pooling", "none", "--dimensions", "8"], "use another pooling"),
        (["embed", "a", "--pooling", "none", "-o", "x.npy"], "use --format jsonl or json"),
        (["index", "a", "-o", "b", "--language", "turkish"], "use none, which finds words as they are"),
        (["embed", "a", "--pooling", "some"], "mean_sqrt_len, weighted_mean, none"),
    ]

    @Test(arguments: usageErrors)
    func `usage errors end with 2`(arguments: [String], expected: String) throws {
        let ended = try Command.run(arguments)
        #expect(ended.status == 2)
        #expect(ended.output.isEmpty)
        #expect(ended.error.hasPrefix("martlet: error: "))
        #expect(ended.error.contains(expected), "\(ended.error)")
    }

    @Test func `arguments, lines and files give the same vectors`() throws {
        let arguments = try Command.run(["embed", "a cat", "a dog"])
        #expect(arguments.status == 0)
        #expect(arguments.error.isEmpty)
        #expect(arguments.lines.count == 2)
        #expect(arguments.text.hasPrefix("{\"index\":0,\"embedding\":["))
        let lines = try Command.run(["embed"], input: "a cat\na dog\n")
        #expect(lines.output == arguments.output)
        let file = try folder.file("x.jsonl", "{\"text\":\"a cat\"}\n{\"text\":\"a dog\"}")
        #expect(try Command.run(["embed", "-f", file]).output == arguments.output)
        #expect(
            try Command.run(
                ["embed", "-f", "-", "--field", "text"], input: "{\"text\":\"a cat\"}\n{\"text\":\"a dog\"}"
            ).output
                == arguments.output)
        #expect(try Command.run(["embed", "-"], input: "a cat\r\na dog").output == arguments.output)
    }

    @Test func `ids are kept, in order`() throws {
        let input = "{\"id\":\"x\",\"text\":\"a\"}\n{\"id\":7,\"text\":\"b\"}\n{\"id\":1.50,\"text\":\"c\"}\n"
        let ended = try Command.run(
            ["embed", "--field", "text", "--id", "id", "--dimensions", "2"], input: input)
        #expect(
            ended.lines.map { $0.prefix { $0 != "," } } == ["{\"id\":\"x\"", "{\"id\":7", "{\"id\":1.50"])
    }

    @Test func `blank lines are texts and are reported`() throws {
        let ended = try Command.run(["embed", "--dimensions", "2"], input: "a\n\n  \nb\n")
        #expect(ended.status == 0)
        #expect(ended.lines.count == 4)
        #expect(ended.error == "martlet: 2 texts empty or blank\n")
        #expect(try Command.run(["embed", "--dimensions", "2", "--quiet"], input: "a\n\n").error.isEmpty)
    }

    @Test func `an empty input is no error`() throws {
        let ended = try Command.run(["embed", "--format", "json"])
        #expect(ended.status == 0)
        #expect(ended.text == "[]\n")
    }

    @Test func `a bad line stops with 1, and what came before it is written`() throws {
        let ended = try Command.run(
            ["embed", "--dimensions", "2"],
            input: Array("a\nb\n".utf8) + [0xC3, 0x28, 0x0A] + Array("c\n".utf8))
        #expect(ended.status == 1)
        #expect(ended.lines.count == 2)
        #expect(ended.error.hasPrefix("martlet: error: <stdin>:3: not UTF-8 at byte 1 (0xC3); "))
        #expect(ended.error.utf8.count { $0 == 0x0A } == 1)
    }

    @Test func `--on-error skip goes on and counts`() throws {
        let input = "{\"text\":\"a\"}\n{\"body\":\"b\"}\nnot json\n{\"text\":\"c\"}\n"
        let stopped = try Command.run(["embed", "--field", "text", "--dimensions", "1"], input: input)
        #expect(stopped.status == 1)
        #expect(stopped.error.contains("<stdin>:2: no member \"text\""))
        let skipped = try Command.run(
            ["embed", "--field", "text", "--dimensions", "1", "--on-error", "skip"], input: input)
        #expect(skipped.status == 0)
        #expect(skipped.lines.map { $0.prefix(10) } == ["{\"index\":0", "{\"index\":3"])
        #expect(skipped.error.contains("<stdin>:3: not a JSON object"))
        #expect(skipped.error.hasSuffix("martlet: warning: 2 records skipped\n"))
    }

    @Test func `long texts are cut with a warning, or are an error`() throws {
        let long = (0..<2000).map { _ in "word" }.joined(separator: " ")
        let cut = try Command.run(["embed", "--dimensions", "1"], input: "short\n\(long)\n")
        #expect(cut.status == 0)
        #expect(cut.error.contains("martlet: warning: 1 text of 2 was longer"))
        #expect(cut.error.contains("(first: <stdin>:2)"))
        let shorter = try Command.run([
            "embed", "--dimensions", "1", "--max-tokens", "8", "one two three four five six seven eight",
        ])
        #expect(shorter.error.contains("longer than the model's 8 tokens"))
        let failed = try Command.run(
            ["embed", "--dimensions", "1", "--truncate", "error"], input: "short\n\(long)\n")
        #expect(failed.status == 1)
        #expect(failed.lines.count == 1)
        #expect(
            failed.error.hasPrefix("martlet: error: <stdin>:2: the text has 2002 tokens"), "\(failed.error)")
        let skipped = try Command.run(
            ["embed", "--dimensions", "1", "--truncate", "error", "--on-error", "skip"],
            input: "short\n\(long)\nlast\n")
        #expect(skipped.status == 0)
        #expect(skipped.lines.count == 2)
    }

    @Test func `JSONL on stdin without --field gets a hint`() throws {
        let input = "{\"text\":\"a\"}\n"
        #expect(
            try Command.run(["embed", "--dimensions", "1"], input: input).error.contains(
                "name the member that holds the text with --field")
        )
        #expect(
            try Command.run(["embed", "--dimensions", "1", "--input", "lines"], input: input).error.isEmpty)
    }

    @Test func `a file's name given as a text is embedded, with a warning`() throws {
        let path = try folder.file("a.jsonl", "{}")
        for arguments in [
            ["embed", path], ["compare", path, "b"], ["tokenize", path],
            ["rerank", "--by-similarity", "b", path],
        ] {
            let ended = try Command.run(arguments)
            #expect(ended.status == 0 && !ended.output.isEmpty)
            #expect(ended.error.contains("to read the file of that name: -f \(path)"), "\(arguments)")
        }
        #expect(try Command.run(["embed", "-q", path]).error.isEmpty)
        #expect(try Command.run(["rerank", "-q", "--by-similarity", "b", path]).error.isEmpty)
    }

    @Test func `a missing file is found before any work is done`() throws {
        let out = "\(folder.path)/out.jsonl"
        let ended = try Command.run(["embed", "-f", "\(folder.path)/none.jsonl", "-o", out])
        #expect(ended.status == 1)
        #expect(
            ended.error.hasPrefix(
                "martlet: error: \(folder.path)/none.jsonl: cannot be opened: No such file or directory; "))
        #expect(throws: SystemFailure.self) { try readFile(out) }
    }

    @Test func `-o names the format, and npy reads back`() throws {
        let path = "\(folder.path)/x.npy"
        #expect(try Command.run(["embed", "a", "b", "-o", path]).status == 0)
        let file = try NPYArray(readFile(path), name: path)
        #expect(file.rows == 2)
        let raw = try Command.run(["embed", "a", "b", "--format", "f32"]).output
        #expect(raw.count == file.values.count * 4)
        #expect(try Array(readFile(path)[128...]) == raw)
        #expect(
            try Command.run(["embed", "a", "b", "--format", "npy"]).output == readFile(path), "through a pipe"
        )
        #expect(
            try Command.run(["embed", "a", "b", "--format", "npy"], output: "\(folder.path)/y.npy").status
                == 0)
        #expect(try folder.contents("y.npy") == readFile(path), "through a redirection")
    }

    @Test func `bits and half floats`() throws {
        let bits = try Command.run(["embed", "a", "--dimensions", "16", "--output-precision", "ubinary"])
        let vector = try #require(try JSONValue.parse(bits.output)["embedding"]?.array)
        #expect(vector.count == 2)
        #expect(vector.allSatisfy { (0...255).contains($0.int ?? -1) })
        let half = try Command.run([
            "embed", "a", "--dimensions", "16", "--output-precision", "float16", "--format", "npy",
        ])
        #expect(half.output.count == 128 + 32)
    }

    @Test func `int8 takes its ranges from rows`() throws {
        let ranges = "\(folder.path)/r.npy"
        #expect(try Command.run(["embed", "a", "b", "c", "--dimensions", "8", "-o", ranges]).status == 0)
        let ended = try Command.run([
            "embed", "a", "b", "c", "--dimensions", "8", "--output-precision", "int8", "--ranges", ranges,
        ])
        #expect(ended.status == 0)
        let values = try ended.lines.flatMap {
            try JSONValue.parse(utf8: String($0))["embedding"]?.array ?? []
        }.compactMap(\.int)
        #expect(values.count == 24)
        #expect(values.min() == -128)
        #expect(values.max() == 127)
    }

    @Test(arguments: ["json", "jsonl", "npy", "f32", "csv", "text", "parquet"])
    func `a full disk ends with 1 and one line`(format: String) throws {
        let ended = try Command.run(["embed", "a", "--format", format, "-o", "/dev/full"])
        #expect(ended.status == 1)
        #expect(
            ended.error.hasPrefix("martlet: error: /dev/full: cannot be written: No space left on device"))
        #expect(ended.error.utf8.count { $0 == 0x0A } == 1)
    }

    @Test func `ids and skipped rows of an npy are beside it`() throws {
        let input = try folder.file(
            "in.jsonl", "{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"b\"}\n{\"id\":7,\"text\":\"y\"}\n")
        let path = "\(folder.path)/out.npy"
        let ended = try Command.run(["embed", "-f", input, "--id", "id", "--on-error", "skip", "-o", path])
        #expect(ended.status == 0, "\(ended.error)")
        let meta = try JSONValue.parse(folder.contents("out.npy.meta.json"))
        #expect(meta["ids"] == .array([.string("a"), .integer(7)]))
        #expect(meta["skipped"]?[0]?["index"] == .integer(1))
        let refused = try Command.run(["embed", "-f", input, "--id", "id", "--format", "npy"])
        #expect(refused.status == 2 && refused.error.contains("-o"))
        let told = try Command.run(
            ["embed", "--field", "text", "--format", "f32"], input: "{\"id\":1,\"text\":\"x\"}\n")
        #expect(told.status == 0 && told.error.contains("has no place for them"))
    }

    @Test func `nothing left of the records is an error`() throws {
        let ended = try Command.run(["embed", "--field", "text", "--on-error", "skip"], input: "{}\n{}\n")
        #expect(ended.status == 1)
        #expect(ended.error.contains("all 2 records were skipped"))
        let ranked = try Command.run(
            ["rerank", "--by-similarity", "q", "--field", "text", "--on-error", "skip"], input: "{}\n")
        #expect(ranked.status == 1)
    }

    @Test func `a file alone and standard input give the same rows`() throws {
        let path = try folder.file("lines.txt", "one\ntwo\n")
        let file = try Command.run(["embed", "-f", path, "--dimensions", "2", "-v"])
        #expect(file.output == (try Command.run(["embed", "--dimensions", "2"], input: "one\ntwo\n").output))
        #expect(file.lines.count == 2)
        #expect(
            file.error.contains("\(path): 2 texts, one for each line; --input file makes the file one text"))
        let many = try Command.run(["embed", "-f", path, path, "--dimensions", "2", "-v"])
        #expect(
            many.lines.count == 2 && many.error.contains("2 plain text files, each one text; --input lines"))
    }

    @Test func `arrays of JSON are records, on standard input too`() throws {
        let array = "[{\"text\":\"a\"},\n{\"text\":\"b\"}]"
        let path = try folder.file("a.json", array)
        let file = try Command.run(["embed", "-f", path, "--dimensions", "2"])
        #expect(file.lines.count == 2)
        #expect(
            try Command.run(["embed", "--field", "text", "--dimensions", "2"], input: array).output
                == file.output)
    }

    @Test func `a mistyped command and a negative number are named`() throws {
        for (arguments, expected) in [
            (["embde", "a"], "did you mean embed?"), (["help", "embde"], "did you mean embed?"),
            (["embed", "a", "--threads", "-1"], "--threads -1"),
        ] {
            let ended = try Command.run(arguments)
            #expect(ended.status == 2)
            #expect(ended.error.contains(expected), "\(ended.error)")
        }
    }

    @Test func `a closed pipe ends quietly, and an endless stdin is read no further`() throws {
        let command = try Command(["embed", "--dimensions", "2"])
        command.send("first\n")
        #expect(command.readLine().hasPrefix("{\"index\":0"))
        command.closeOutput()
        command.send(String(repeating: "y\n", count: 200_000))  // ends when the command has gone
        let ended = try command.wait()
        #expect(ended.status == 0)
        #expect(ended.error.isEmpty)
    }

    @Test func `a slow pipe is answered line by line`() throws {
        let command = try Command(["embed", "--dimensions", "1"])
        for index in 0..<5 {
            command.send("line \(index)\n")
            #expect(command.readLine().hasPrefix("{\"index\":\(index),"))
        }
        command.closeInput()
        #expect(try command.wait().status == 0)
    }

    @Test(arguments: [
        ("json", 130, SIGINT), ("npy", 130, SIGINT), ("jsonl", 130, SIGINT), ("csv", 143, SIGTERM),
    ])
    func `an interruption leaves a valid file`(format: String, status: Int32, number: Int32) throws {
        let path = "\(folder.path)/out"
        let command = try Command(["embed", "--dimensions", "4", "--format", format, "-o", path])
        command.send("one\ntwo\n")
        // The command waits for a third line; the rows of the first two are on the disk once their text is.
        let whole = format == "npy" ? 128 + 32 : 60
        while ((try? readFile(path).count) ?? 0) < whole { usleep(2000) }
        kill(command.identifier, number)
        let ended = try command.wait()
        #expect(ended.status == status)
        #expect(ended.error.contains("holds 2 rows, the last of <stdin>:2; to go on"))
        let bytes = try readFile(path)
        switch format {
        case "json": #expect(try JSONValue.parse(bytes).array?.count == 2)
        case "npy": #expect(try NPYArray(bytes, name: path).rows == 2)
        default: #expect(bytes.last == 0x0A)
        }
    }

    @Test func `inspect prints the pipeline first, and JSON`() throws {
        let text = try Command.run(["inspect"])
        #expect(text.status == 0)
        #expect(text.lines.first?.contains(" → ") == true)
        let value = try JSONValue.parse(Command.run(["inspect", "--json"]).output)
        #expect(value["dimensions"]?.int == 384)
        #expect(value["max_tokens"]?.int == 256)
        #expect(value["pooling"]?.string == "mean")
    }

    @Test func `tokenize gives ids and tokens a line`() throws {
        let ended = try Command.run(["tokenize", "hello"])
        #expect(ended.status == 0)
        let value = try JSONValue.parse(ended.output)
        #expect(value["ids"]?.array?.count == value["tokens"]?.array?.count)
        #expect(value["tokens"]?.array?.first?.string == "[CLS]")
        #expect(value["truncated"] == nil)
        let long = String(repeating: "word ", count: 400)
        #expect(try JSONValue.parse(Command.run(["tokenize", long]).output)["truncated"] == .bool(true))
        let whole = try JSONValue.parse(Command.run(["tokenize", long, "--no-truncate"]).output)
        #expect(whole["ids"]?.array?.count == 402)
    }

    @Test func `bench gives numbers of this machine`() throws {
        let ended = try Command.run([
            "bench", "--tokens", "64", "--queries", "3", "--lengths", "16", "--json",
        ])
        #expect(ended.status == 0)
        let value = try JSONValue.parse(ended.output)
        #expect(value["lengths"]?[0]?["tokens_per_second"]?.double ?? 0 > 0)
        #expect(value["query"]?["count"]?.int == 3)
        #expect(value["peak_memory_bytes"]?.int ?? 0 > 1 << 20)
    }

    /// `Tests/Fixtures` of the package.
    static let fixtures =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        + "/Fixtures"

    @Test func `verify passes on the reference's vectors, and fails over the threshold`() throws {
        let model = "\(Self.fixtures)/models/bert-mini"
        let goldens = "\(Self.fixtures)/goldens/bert-mini.jsonl"
        let passed = try Command.run([
            "verify", model, goldens, "--precision", "f32", "--json", "--threshold", "0.99999",
        ])
        #expect(passed.status == 0, "\(passed.error)")
        let value = try JSONValue.parse(passed.output)
        #expect(value["passed"] == .bool(true))
        #expect(value["worst_cosine"]?.double ?? 0 > 0.99999)
        #expect(value["texts"]?.int ?? 0 > 10)

        let embedding = try #require(
            try JSONValue.parse(Command.run(["embed", "a", "--model", model]).output)["embedding"]?.array)
        let wrong = embedding.map { "\(-($0.double ?? 0))" }.joined(separator: ",")
        let file = try folder.file("wrong.jsonl", "{\"text\":\"a\",\"embedding\":[\(wrong)]}\n")
        let failed = try Command.run(["verify", model, file])
        #expect(failed.status == 1)
        #expect(failed.text.contains("FAILED"))
        #expect(failed.error.contains("wrong.jsonl:1: cosine -1.0"))
        let short = try folder.file("short.jsonl", "{\"text\":\"a\",\"embedding\":[1]}\n")
        #expect(
            try Command.run(["verify", model, short]).error.contains("1 numbers expected, the model gives"))
        #expect(try Command.run(["verify", model, try folder.file("empty.jsonl", "")]).status == 1)
    }

    @Test func `convert writes a file that gives the same vectors`() throws {
        let model = "\(Self.fixtures)/models/bert-mini"
        let target = "\(folder.path)/mini.gguf"
        let ended = try Command.run(["convert", model, "-o", target, "--type", "f32"])
        #expect(ended.status == 0)
        #expect(ended.error.hasPrefix("martlet: wrote \(target): "))
        let f32 = ["--precision", "f32"]
        #expect(
            try Command.run(["embed", "a text", "--model", target] + f32).output
                == Command.run(["embed", "a text", "--model", model] + f32).output)
        let unknown = try Command.run(["convert", model, "-o", "\(folder.path)/x.gguf", "--type", "q9"])
        #expect(unknown.status == 2)
        #expect(unknown.error.contains("q8_0"))
    }

    @Test func `no model there is one line that names it`() throws {
        let ended = try Command.run(["embed", "a", "--model", "\(folder.path)/none"])
        #expect(ended.status == 1)
        #expect(ended.error.contains("\(folder.path)/none"))
        #expect(ended.error.utf8.count { $0 == 0x0A } == 1)
    }
}

#endif
