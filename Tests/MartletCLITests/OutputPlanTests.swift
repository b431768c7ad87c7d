#if Command

import MartletTestSupport
import ArgumentParser
import Martlet
import MartletData
import Testing

@testable import MartletCLI

@Suite struct OutputFormatTests {
    @Test func `file names say the format`() {
        #expect(OutputFormat.forFile("a.npy") == .npy)
        #expect(OutputFormat.forFile("a.b/x.JSONL") == .jsonl)
        #expect(OutputFormat.forFile("a.npy/x") == nil)
        #expect(OutputFormat.forFile("npy") == nil)
    }

    private func plan(
        _ arguments: [String], terminals: Terminals = Terminals(), inputs: [String] = [],
        givesTokens: Bool = false
    ) throws -> OutputPlan {
        try OutputPlan(
            try OutputOptions.parse(arguments), inputs: inputs, terminals: terminals,
            ragged: givesTokens ? "--pooling none gives one to each token" : nil)
    }

    @Test func `the default is text on a terminal, else jsonl`() throws {
        #expect(try plan([]).format == .jsonl)
        #expect(try plan([], terminals: Terminals(output: true)).format == .text)
        #expect(try plan(["-o", "/dev/null"], terminals: Terminals(output: true)).format == .jsonl)
        #expect(try plan(["-o", "x.csv"], terminals: Terminals(output: true)).format == .csv)
        #expect(try plan(["-o", "x.csv", "--format", "npy"]).format == .npy)
        #expect(try plan(["-o", "-"]).path == nil)
    }

    @Test(arguments: [
        (["--format", "f32", "--output-precision", "float16"], "use --format npy"),
        (["--output-precision", "int8"], "--ranges"),
        (["--ranges", "x.npy"], "int8 and uint8"),
        (["-o", ""], "empty path"),
        (["-o", "x.bin"], ".json, .jsonl, .ndjson, .npy, .f32, .csv, .parquet, .arrow, .feather, .txt"),
        (["-o", "noending"], "says no format"),
    ])
    func `what does not fit together is a usage error`(arguments: [String], expected: String) throws {
        do {
            _ = try plan(arguments)
            Issue.record("no error")
        } catch let error as CommandError {
            #expect(error.status == .usage)
            #expect(error.message.contains(expected))
        }
    }

    @Test(arguments: [
        (["--format", "npy"], "use --format jsonl or json"),
        (["--format", "f32"], "use --format jsonl or json"),
        (["-o", "x.csv"], "use --format jsonl or json"),
        (["--output-precision", "int8"], "use --output-precision float32"),
        (["--output-precision", "ubinary", "--format", "json"], "use --output-precision float32"),
    ])
    func `token vectors fit no table and no other precision`(arguments: [String], expected: String) throws {
        let error = #expect(throws: CommandError.self) { try plan(arguments, givesTokens: true) }
        #expect(error?.status == .usage)
        #expect(error?.message.contains(expected) == true)
    }

    @Test func `token vectors go out as jsonl, json and text`() throws {
        #expect(try plan([], givesTokens: true).format == .jsonl)
        #expect(try plan(["-o", "x.json"], givesTokens: true).format == .json)
        #expect(try plan([], terminals: Terminals(output: true), givesTokens: true).format == .text)
    }

    @Test func `bare numbers on a stream take no ids, and lose no record unseen`() throws {
        for arguments in [
            ["--format", "npy"], ["--format", "f32"], ["-o", "/dev/null", "--format", "npy"],
        ] {
            let plan = try plan(arguments)
            try plan.checkIdentification(namesID: false, skips: false)
            #expect(throws: CommandError.self) { try plan.checkIdentification(namesID: true, skips: false) }
            #expect(throws: CommandError.self) { try plan.checkIdentification(namesID: false, skips: true) }
        }
        for arguments in [["-o", "x.npy"], ["-o", "x.f32"], ["--format", "jsonl"]] {
            try plan(arguments).checkIdentification(namesID: true, skips: true)
        }
    }

    @Test func `no progress is drawn where results may be printed`() throws {
        #expect(try plan([]).sharesTerminal(Terminals(outputIsPipe: true)))
        #expect(try plan([]).sharesTerminal(Terminals(output: true)))
        #expect(try !plan([]).sharesTerminal(Terminals()))
        #expect(try !plan(["-o", "x.npy"]).sharesTerminal(Terminals(output: true, outputIsPipe: true)))
        #expect(try plan(["-o", "/dev/null"]).sharesTerminal(Terminals()))
    }

    @Test func `binary does not go to a terminal`() {
        #expect(throws: CommandError.self) {
            try plan(["--format", "npy"], terminals: Terminals(output: true))
        }
    }

    @Test func `an input is not overwritten`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.jsonl", "x")
        #expect(throws: CommandError.self) { try plan(["-o", "\(folder.path)/./a.jsonl"], inputs: [path]) }
        #expect(try folder.text("a.jsonl") == "x")
    }
}

@Suite struct RangesFileTests {
    @Test func `ranges are the least and greatest of each column`() throws {
        let folder = try TemporaryFolder()
        let values: [Float] = [1, -2, 0, 5, -1, 3]
        let body = values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
        let path = try folder.file("r.npy", NPYSink.header(VectorSchema(width: 2), rows: 3) + body)
        let ranges = try RangesFile.read(path)
        #expect(ranges.minimum == [-1, -2])
        #expect(ranges.maximum == [1, 5])
        let short = try folder.file("s.npy", NPYSink.header(VectorSchema(width: 2), rows: 1) + body)
        #expect(throws: CommandError.self) { try RangesFile.read(short) }
        let nan = Array(repeating: 0, count: 2) + [0xC0, 0x7F] as [UInt8]
        for row in [0, 2] {
            var bytes = body
            bytes.replaceSubrange(8 * row + 4..<8 * row + 8, with: nan)
            let bad = try folder.file("n.npy", NPYSink.header(VectorSchema(width: 2), rows: 3) + bytes)
            let error = #expect(throws: CommandError.self) { try RangesFile.read(bad) }
            #expect(error?.message.hasPrefix("\(bad): vector \(row): dimension 1 is nan") == true)
        }
    }
}

#endif
