import Testing

@testable import MartletData

@Suite struct LineReaderTests {
    static let table: [(String, [String])] = [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\nb", ["a", "b"]),
        ("\n", [""]),
        ("\n\n", ["", ""]),
        ("a\n\nb\n", ["a", "", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("a\rb\r", ["a\rb"]),
        ("\r\n", [""]),
        (" a \n", [" a "]),
        ("\u{FEFF}a\n\u{FEFF}b", ["a", "\u{FEFF}b"]),
        ("\u{FEFF}", []),
        ("日本語\n🇩🇪 é\n", ["日本語", "🇩🇪 é"]),
        ("a\u{0}b\n", ["a\u{0}b"]),
    ]

    @Test(arguments: table, 1...7)
    func `lines are the same however the bytes arrive`(row: (input: String, expected: [String]), step: Int) {
        let expected = row.expected.enumerated().map { Given.text($1, .none, $0 + 1) }
        #expect(
            readAll(LineReader(.text(row.input, step: step), limits: ReaderLimits(blockSize: step)))
                == expected)
        #expect(
            readAll(
                LineReader(.text(row.input, step: step, pauses: true), limits: ReaderLimits(blockSize: 64)),
                waiting: false) == expected
        )
        #expect(readAll(LineReader(.text(row.input))) == expected)
    }

    @Test func `a slow pipe gives what has arrived, then says that it is idle`() throws {
        var reader = LineReader(.text("one\ntwo", step: 4, pauses: true), limits: ReaderLimits(blockSize: 64))
        #expect(try reader.next(waiting: true) == .record(text: "one", id: .none, line: 1))
        #expect(try reader.next(waiting: false) == .idle)
        #expect(try reader.next(waiting: true) == .record(text: "two", id: .none, line: 2))
        #expect(try reader.next(waiting: true) == .end)
        #expect(try reader.next(waiting: true) == .end)
    }

    static let invalid: [([UInt8], Int, String)] = [
        ([0x61, 0xFF], 2, "0xFF"),
        ([0x80], 1, "0x80"),
        ([0xC3], 1, "0xC3"),  // cut off
        ([0x61, 0xE2, 0x82], 2, "0xE2"),
        ([0xC0, 0x80], 1, "0xC0"),  // overlong
        ([0xED, 0xA0, 0x80], 1, "0xED"),  // surrogate
        ([0xF4, 0x90, 0x80, 0x80], 1, "0xF4"),  // above U+10FFFF
    ]

    @Test(arguments: invalid)
    func `invalid UTF-8 names file, line and byte, and the next line can be read`(
        bytes: [UInt8], offset: Int, hex: String
    ) {
        let given = readAll(LineReader(.bytes(Array("good\n".utf8) + bytes + Array("\nafter\n".utf8))))
        #expect(given.count == 3)
        #expect(given.first == .text("good", .none, 1))
        #expect("\(given[1])".contains("in:2: not UTF-8 at byte \(offset) (\(hex));"))
        #expect(given.last == .text("after", .none, 3))
    }

    @Test(arguments: [1, 5, 64])
    func `a line over the limit is an error, takes no memory, and the next line can be read`(step: Int) {
        let long = String(repeating: "x", count: 5000)
        let given = readAll(
            LineReader(
                .text("a\n\(long)\nb\n", step: step), limits: ReaderLimits(blockSize: 16, recordSize: 100)))
        #expect(given.count == 3)
        #expect(texts(given)[0] == "a")
        #expect("\(given[1])".contains("in:2: longer than"))
        #expect(given[2] == .text("b", .none, 3))
    }

    @Test func `an unended line over the limit at the end of the input is one error`() {
        let given = readAll(
            LineReader(
                .text(String(repeating: "x", count: 500)),
                limits: ReaderLimits(blockSize: 16, recordSize: 100)))
        #expect(given.count == 1)
        #expect("\(given)".contains("in:1: longer than"))
    }

    @Test func `bytes read are counted`() {
        var reader = LineReader(.text("one\ntwo\n"))
        while let step = try? reader.next(waiting: true), step != .end {}
        #expect(reader.bytesRead == 8)
    }
}
