#if Command

import ArgumentParser
import Martlet
import Testing

@testable import MartletCLI
@testable import MartletJSON

@Suite struct SinkTests {
    private static let records = [
        Record(text: "one", id: .none, index: 0, source: "in", line: 1),
        Record(text: "two", id: .text("a,\"b\"\n"), index: 1, source: "in", line: 2),
        Record(text: "three", id: .literal("12345678901234567890"), index: 5, source: "in", line: 6),
    ]
    private static let rows = Rows(count: 3, width: 2, elements: .float32([0.5, -1, 1e-10, 3.25, 0, 123_456.78]))

    /// What a format writes to a file, in blocks of `blockSize` bytes.
    private func write(
        _ format: OutputFormat, _ rows: Rows = rows, records: [Record] = records, kind: Rows.Kind = .float32, blockSize: Int = 1 << 20
    ) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let writer = RowWriter(
            try format.open(try .file("\(folder.path)/out", blockSize: blockSize), RowShape(width: rows.width, kind: kind)))
        try writer.write(records, rows)
        try writer.end()
        try writer.end()
        return try folder.contents("out")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test(arguments: [1, 20, 1 << 20])
    func `jsonl is an object a line, with id or index`(blockSize: Int) throws {
        #expect(
            text(try write(.jsonl, blockSize: blockSize)) == """
                {"index":0,"embedding":[0.5,-1.0]}
                {"id":"a,\\"b\\"\\n","embedding":[1e-10,3.25]}
                {"id":12345678901234567890,"embedding":[0.0,123456.78]}

                """)
    }

    @Test func `json is one array of the same objects`() throws {
        let array = try #require(try JSONValue.parse(write(.json)).array)
        #expect(array.count == 3)
        #expect(array[1]["id"]?.string == "a,\"b\"\n")
        #expect(array[2]["embedding"]?[1]?.double == 123_456.78)
        #expect(try JSONValue.parse(write(.json, Rows(count: 0, width: 2, elements: .float32([])), records: [])) == .array([]))
    }

    @Test func `csv has a header and quotes ids`() throws {
        #expect(
            text(try write(.csv)) == """
                index,0,1
                0,0.5,-1.0
                "a,""b""
                ",1e-10,3.25
                12345678901234567890,0.0,123456.78

                """)
        #expect(text(try write(.csv, Rows(count: 0, width: 2, elements: .float32([])), records: [])) == "index,0,1\n")
    }

    @Test func `f32 is the numbers and nothing else`() throws {
        let bytes = try write(.f32)
        #expect(bytes.count == 24)
        #expect(Array(bytes[..<8]) == [0, 0, 0, 0x3F, 0, 0, 0x80, 0xBF])
    }

    @Test func `text is for a person`() throws {
        #expect(text(try write(.text)).hasPrefix("\"one\"\n    2 dimensions, norm 1.1180\n    0.5000 -1.0000\n"))
    }

    @Test(arguments: [1, 100, 1 << 20])
    func `npy reads back`(blockSize: Int) throws {
        let bytes = try write(.npy, blockSize: blockSize)
        #expect(bytes.count == 128 + 24)
        let array = try NPYArray(bytes, name: "out")
        #expect(array.rows == 3 && array.columns == 2)
        #expect(array.values == [0.5, -1, 1e-10, 3.25, 0, 123_456.78])
    }

    @Test(arguments: [(Rows.Kind.float16, "<f2", 2), (.int8, "|i1", 1), (.uint8, "|u1", 1)])
    func `npy has the type of the output precision`(kind: Rows.Kind, descriptor: String, size: Int) throws {
        let elements: Rows.Elements =
            switch kind {
            case .float16: .float16([0x3C00, 0xC000])
            case .int8: .int8([-128, 127])
            case .uint8, .float32: .uint8([0, 255])
            }
        let bytes = try write(.npy, Rows(count: 1, width: 2, elements: elements), records: [Self.records[0]], kind: kind)
        #expect(bytes.count == 128 + 2 * size)
        let header = text(Array(bytes[10..<128]))
        #expect(header.hasPrefix("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (1, 2), }"))
        #expect(header.hasSuffix("\n"))
        #expect(Array(bytes[..<10]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
        #expect(size == 2 ? Array(bytes[128...]) == [0, 0x3C, 0, 0xC0] : bytes[128...] == (kind == .int8 ? [128, 127] : [0, 255]))
    }

    @Test func `a header of 128 bytes fits any shape`() {
        let header = NPYSink.header(RowShape(width: .max, kind: .float32), rows: .max)
        #expect(header.count == 128)
        #expect(header.last == 0x0A)
    }

    @Test func `integers and half floats are written as numbers`() throws {
        let record = [Self.records[0]]
        #expect(
            text(try write(.jsonl, Rows(count: 1, width: 3, elements: .int8([-128, 0, 127])), records: record))
                == "{\"index\":0,\"embedding\":[-128,0,127]}\n")
        #expect(
            text(try write(.jsonl, Rows(count: 1, width: 2, elements: .float16([0x3C00, 0x8001])), records: record))
                == "{\"index\":0,\"embedding\":[1.0,-5.9604645e-08]}\n")
    }

    @Test(arguments: OutputFormat.allCases)
    func `a full disk is an error, not a crash`(format: OutputFormat) throws {
        #expect(throws: OutputError.self) {
            let writer = RowWriter(try format.open(try .file("/dev/full"), RowShape(width: 2, kind: .float32)))
            try writer.write(Self.records, Self.rows)
            try writer.end()
        }
    }

    @Test(arguments: [0, 1, 2, 63, 511, 512, 1023, 1024, 15360, 0x3555, 0x7BFF])
    func `half floats widen exactly`(bits: UInt16) {
        let value = HalfPrecision.float(bits)
        #if arch(arm64) || os(Linux)
        #expect(value == Float(Float16(bitPattern: bits)))
        #endif
        #expect(HalfPrecision.float(bits | 0x8000) == -value)
    }
}

@Suite struct OutputFormatTests {
    @Test func `file names say the format`() {
        #expect(OutputFormat.forFile("a.npy") == .npy)
        #expect(OutputFormat.forFile("a.b/x.JSONL") == .jsonl)
        #expect(OutputFormat.forFile("a.npy/x") == nil)
        #expect(OutputFormat.forFile("npy") == nil)
    }

    private func plan(
        _ arguments: [String], terminals: Terminals = Terminals(), inputs: [String] = [], givesTokens: Bool = false
    ) throws -> OutputPlan {
        try OutputPlan(
            try OutputOptions.parse(arguments), inputs: inputs, terminals: terminals,
            ragged: givesTokens ? "--pooling none gives one to each token" : nil)
    }

    @Test func `the default is text on a terminal, else jsonl`() throws {
        #expect(try plan([]).format == .jsonl)
        #expect(try plan([], terminals: Terminals(output: true)).format == .text)
        #expect(try plan(["-o", "x.bin"], terminals: Terminals(output: true)).format == .jsonl)
        #expect(try plan(["-o", "x.csv"], terminals: Terminals(output: true)).format == .csv)
        #expect(try plan(["-o", "x.csv", "--format", "npy"]).format == .npy)
        #expect(try plan(["-o", "-"]).path == nil)
    }

    @Test(arguments: [
        (["--format", "f32", "--output-precision", "float16"], "use --format npy"),
        (["--output-precision", "int8"], "--ranges"),
        (["--ranges", "x.npy"], "int8 and uint8"),
        (["-o", ""], "empty path"),
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
        (["--format", "npy"], "use --format jsonl or json"), (["--format", "f32"], "use --format jsonl or json"),
        (["-o", "x.csv"], "use --format jsonl or json"), (["--output-precision", "int8"], "use --output-precision float32"),
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

    @Test func `binary does not go to a terminal`() {
        #expect(throws: CommandError.self) { try plan(["--format", "npy"], terminals: Terminals(output: true)) }
    }

    @Test func `an input is not overwritten`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.jsonl", "x")
        #expect(throws: CommandError.self) { try plan(["-o", "\(folder.path)/./a.jsonl"], inputs: [path]) }
        #expect(try folder.text("a.jsonl") == "x")
    }
}

@Suite struct NPYArrayTests {
    private func array(_ header: String, body: Int) -> [UInt8] {
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + [UInt8](repeating: 0, count: body)
    }

    @Test func `arrays of NumPy's own making are read`() throws {
        let array = try NPYArray(array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", body: 24), name: "x")
        #expect(array.rows == 2 && array.columns == 3 && array.values.count == 6)
    }

    @Test(arguments: [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3), }", "{'descr': '<f4', 'fortran_order': False, 'shape': ", "",
    ])
    func `other arrays are errors`(header: String) {
        #expect(throws: CommandError.self) { try NPYArray(array(header, body: 24), name: "x") }
    }

    @Test func `cut files are errors`() {
        let whole = array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", body: 24)
        for count in 0..<whole.count { #expect(throws: CommandError.self) { try NPYArray(Array(whole[..<count]), name: "x") } }
    }

    @Test func `ranges are the least and greatest of each column`() throws {
        let folder = try TemporaryFolder()
        let values: [Float] = [1, -2, 0, 5, -1, 3]
        let body = values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
        let path = try folder.file("r.npy", NPYSink.header(RowShape(width: 2, kind: .float32), rows: 3) + body)
        let ranges = try RangesFile.read(path)
        #expect(ranges.minimum == [-1, -2])
        #expect(ranges.maximum == [1, 5])
        let short = try folder.file("s.npy", NPYSink.header(RowShape(width: 2, kind: .float32), rows: 1) + body)
        #expect(throws: CommandError.self) { try RangesFile.read(short) }
    }
}

#endif
