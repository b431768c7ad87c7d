#if Command

import Testing

@testable import MartletCLI

@Suite struct InputPlanTests {
    private func plan(
        _ texts: [String] = [], files: [String] = [], format: InputFormat? = nil, field: String? = nil, id: String? = nil,
        terminal: Bool = false
    ) throws(CommandError) -> [InputPlan.Source] {
        try InputPlan(texts: texts, files: files, format: format, field: field, id: id, standardInputIsTerminal: terminal).sources
    }

    @Test func `arguments are texts`() throws {
        #expect(try plan(["a", ""]) == [.argument("a", number: 1), .argument("", number: 2)])
    }

    @Test func `arguments go before files`() throws {
        #expect(try plan(["a"], files: ["b.txt"]) == [.argument("a", number: 1), .file("b.txt", .file)])
    }

    @Test func `the name of a file says how it is read`() throws {
        let names = ["a.jsonl", "a.ndjson", "a.CSV", "a.tsv", "a.txt", "dir.csv/a", "jsonl", "-"]
        let formats = try plan(files: names).map { source -> InputFormat in
            switch source {
            case .file(_, let format), .standardInput(let format): format
            case .argument: .file
            }
        }
        // A file that is called "jsonl" ends in it, too.
        #expect(formats == [.jsonl, .jsonl, .csv, .tsv, .file, .file, .jsonl, .lines])
    }

    @Test func `--input goes before the name`() throws {
        #expect(try plan(files: ["a.csv"], format: .lines) == [.file("a.csv", .lines)])
    }

    @Test func `standard input is lines, JSONL with --field or --id, or what --input says`() throws {
        #expect(try plan() == [.standardInput(.lines)])
        #expect(try plan(["-"]) == [.standardInput(.lines)])
        #expect(try plan(field: "a") == [.standardInput(.jsonl)])
        #expect(try plan(id: "a") == [.standardInput(.jsonl)])
        #expect(try plan(format: .csv, field: "a") == [.standardInput(.csv)])
    }

    @Test func `usage errors say what to do`() {
        func message(_ body: () throws(CommandError) -> [InputPlan.Source]) -> String {
            do throws(CommandError) {
                _ = try body()
                return "no error"
            } catch {
                #expect(error.status == .usage)
                return error.message
            }
        }
        #expect(message { () throws(CommandError) in try plan(terminal: true) }.contains("pipe lines into standard input"))
        #expect(message { () throws(CommandError) in try plan(["a"], field: "b") }.contains("-f names files"))
        #expect(message { () throws(CommandError) in try plan(files: ["a.txt"], field: "b") }.contains("--input jsonl"))
        #expect(message { () throws(CommandError) in try plan(files: ["-", "-"]) }.contains("more than once"))
        #expect(message { () throws(CommandError) in try plan(files: [""]) }.contains("empty path"))
    }

    @Test func `an argument that names a file is noticed`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.jsonl", "{}")
        func noticed(_ texts: [String], files: [String] = []) throws -> String? {
            try InputPlan(texts: texts, files: files, format: nil, field: nil, id: nil, standardInputIsTerminal: true).fileNamedAsText
        }
        #expect(try noticed(["a text.", path]) == path)
        #expect(try noticed(["a text.", path + "x", folder.path, ""], files: [path]) == nil)
    }

    @Test func `sources are read in order, with one index over all`() throws {
        let folder = try TemporaryFolder()
        let files = [
            try folder.file("a.jsonl", "{\"id\":5,\"text\":\"j\"}\n{bad\n{\"text\":\"k\"}"), try folder.file("b.txt", "whole\nfile\n"),
            try folder.file("c.csv", "text\nrow\n"),
        ]
        let plan = try InputPlan(texts: ["arg"], files: files, format: nil, field: nil, id: nil, standardInputIsTerminal: true)
        #expect(plan.totalBytes == 3 + 37 + 11 + 9)
        var reader = InputReader(plan)
        var given: [String] = []
        reading: while true {
            do throws(InputError) {
                switch try reader.next(waiting: true) {
                case .record(let record): given.append("\(record.index) \(record.text) \(record.id) \(record.place)")
                case .idle, .end: break reading
                }
            } catch {
                given.append("error")
            }
        }
        #expect(
            given == [
                "0 arg none argument 1", "1 j literal(\"5\") \(files[0]):1", "error", "3 k none \(files[0]):3",
                "4 whole\nfile text(\"\(files[1])\") \(files[1])", "5 row none \(files[2]):2",
            ])
        #expect(reader.bytesRead == plan.totalBytes)
    }

    @Test func `a directory and a missing file are errors that name them`() throws {
        let folder = try TemporaryFolder()
        let plan = try InputPlan(texts: [], files: [folder.path], format: .lines, field: nil, id: nil, standardInputIsTerminal: true)
        #expect(throws: InputError("\(folder.path): is a directory; name the files in it", isRecoverable: false)) { try plan.readAll() }
        let missing = try InputPlan(
            texts: [], files: ["\(folder.path)/no"], format: nil, field: nil, id: nil, standardInputIsTerminal: true)
        #expect(throws: InputError.self) { try missing.readAll() }
    }
}

#endif
