#if Command

import MartletTestSupport
import MartletData
import Testing

@testable import MartletCLI

@Suite struct InputPlanTests {
    private func plan(
        _ texts: [String] = [], files: [String] = [], format: InputFormat? = nil, field: String? = nil,
        id: String? = nil,
        terminal: Bool = false
    ) throws -> [FileSource.Input] {
        try InputPlan(
            texts: texts, files: files, format: format, field: field, id: id,
            standardInputIsTerminal: terminal
        ).inputs
    }

    @Test func `arguments are texts`() throws {
        #expect(try plan(["a", ""]) == [.text("a", name: "argument 1"), .text("", name: "argument 2")])
    }

    @Test func `arguments go before files`() throws {
        #expect(try plan(["a"], files: ["b.txt"]) == [.text("a", name: "argument 1"), .file("b.txt", .file)])
    }

    @Test func `the name of a file says how it is read`() throws {
        let names = ["a.jsonl", "a.ndjson", "a.CSV", "a.tsv", "a.txt", "dir.csv/a", "jsonl", "-"]
        let formats = try plan(files: names).map { source -> InputFormat in
            source.format ?? .file
        }
        #expect(formats == [.jsonl, .jsonl, .csv, .tsv, .file, .file, .file, .lines])
    }

    @Test func `plain text alone is lines, as on standard input`() throws {
        #expect(try plan(files: ["a.txt"]) == [.file("a.txt", .lines)])
        #expect(try plan(files: ["notes"]) == [.file("notes", .lines)])
        #expect(try plan(files: ["a.txt", "b.txt"]) == [.file("a.txt", .file), .file("b.txt", .file)])
        #expect(try plan(files: ["a.txt", "-"]) == [.file("a.txt", .file), .standardInput(.lines)])
        #expect(try plan(files: ["a.txt"], format: .file) == [.file("a.txt", .file)])
    }

    @Test func `HTML alone is one text too`() throws {
        #expect(try plan(files: ["a.html"]) == [.file("a.html", .html)])
        #expect(try plan(files: ["a.htm.gz", "b.md"]) == [.file("a.htm.gz", .html), .file("b.md", .file)])
        #expect(try plan(files: ["a.html"], format: .file) == [.file("a.html", .file)])
    }

    @Test func `a folder is its files, each one text`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("docs/a.md", "one\ntwo\n")
        let docs = String(path.dropLast("/a.md".count))
        #expect(try plan(files: [docs]) == [.file(path, .file)])
        let other = try folder.file("docs/b.bin", "x")
        #expect(try plan(files: [docs]) == [.file(path, .file)])
        let all = try InputPlan(
            texts: [], files: [docs], include: ["*.bin"], format: nil, field: nil, id: nil,
            standardInputIsTerminal: true)
        #expect(all.inputs == [.file(other, .file)])
        #expect(try plan(files: ["\(docs)/*.md"]) == [.file(path, .file)])
        #expect(throws: CommandError.self) { try plan(files: ["\(docs)/*.none"]) }
        #expect(throws: CommandError.self) {
            try InputPlan(
                texts: ["a"], files: [], include: ["*"], format: nil, field: nil, id: nil,
                standardInputIsTerminal: true)
        }
        #expect(throws: CommandError.self) { try plan(files: [try emptyFolder(folder)]) }
    }

    private func emptyFolder(_ folder: TemporaryFolder) throws -> String {
        String(try folder.file("empty/.keep", "").dropLast("/.keep".count))
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
        func message(_ body: () throws -> [FileSource.Input]) -> String {
            do {
                _ = try body()
                return "no error"
            } catch let error as CommandError {
                #expect(error.status == .usage)
                return error.message
            } catch {
                return "\(error)"
            }
        }
        #expect(message { try plan(terminal: true) }.contains("pipe lines into standard input"))
        #expect(message { try plan(["a"], field: "b") }.contains("-f names files"))
        #expect(message { try plan(files: ["a.txt"], field: "b") }.contains("--input jsonl"))
        #expect(message { try plan(files: ["-", "-"]) }.contains("more than once"))
        #expect(message { try plan(files: [""]) }.contains("empty path"))
    }

    @Test func `arguments have no format`() throws {
        #expect(throws: CommandError.self) {
            try InputPlan(
                texts: ["a"], files: [], format: .jsonl, field: nil, id: nil, standardInputIsTerminal: true)
        }
    }

    @Test func `an argument that names a file is noticed`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.jsonl", "{}")
        func noticed(_ texts: [String], files: [String] = []) throws -> String? {
            try InputPlan(
                texts: texts, files: files, format: nil, field: nil, id: nil, standardInputIsTerminal: true
            ).fileNamedAsText
        }
        #expect(try noticed(["a text.", path]) == path)
        #expect(try noticed(["a text.", path + "x", folder.path, ""], files: [path]) == nil)
    }

    @Test func `sources are read in order, with one index over all`() throws {
        let folder = try TemporaryFolder()
        let files = [
            try folder.file("a.jsonl", "{\"id\":5,\"text\":\"j\"}\n{bad\n{\"text\":\"k\"}"),
            try folder.file("b.txt", "whole\nfile\n"),
            try folder.file("c.csv", "text\nrow\n"),
        ]
        let plan = try InputPlan(
            texts: ["arg"], files: files, format: nil, field: nil, id: nil, standardInputIsTerminal: true)
        #expect(plan.source().totalBytes == 3 + 37 + 11 + 9)
        var reader = InputReader(plan.source())
        var given: [String] = []
        reading: while true {
            do throws(DataError) {
                switch try reader.next(waiting: true) {
                case .record(let record):
                    given.append("\(record.index) \(record.text) \(record.id) \(record.place)")
                case .idle, .end: break reading
                }
            } catch {
                given.append("error")
            }
        }
        #expect(
            given == [
                "0 arg none argument 1", "1 j literal(\"5\") \(files[0]):1", "error",
                "3 k none \(files[0]):3",
                "4 whole\nfile text(\"\(files[1])\") \(files[1])", "5 row none \(files[2]):2",
            ])
        #expect(reader.bytesRead == plan.source().totalBytes)
    }

    @Test func `documents and patterns without a file say what to do`() throws {
        let error = #expect(throws: CommandError.self) { try plan(files: ["a.PDF"]) }
        #expect(error?.message.contains("pdftotext") == true)
        #expect(try plan(files: ["a.pdf"], format: .file) == [.file("a.pdf", .file)])
        let folder = try TemporaryFolder()
        _ = try folder.file("a.md", "one")
        let none = #expect(throws: CommandError.self) {
            try InputPlan(
                texts: [], files: [folder.path], include: ["*.txt"], format: nil, field: nil, id: nil,
                standardInputIsTerminal: true)
        }
        #expect(none?.message.contains("--include *.txt") == true)
    }

    @Test func `a missing file is an error that names it`() throws {
        let folder = try TemporaryFolder()
        let missing = try InputPlan(
            texts: [], files: ["\(folder.path)/no"], format: nil, field: nil, id: nil,
            standardInputIsTerminal: true)
        #expect(throws: DataError.self) { try missing.readAll() }
    }
}

#endif
