import Testing

@testable import MartletData

@Suite struct TextFileReaderTests {
    @Test(
        arguments: [
            ("", ""), ("a\nb\n", "a\nb"), ("a\r\n", "a"), ("\u{FEFF}a", "a"), ("\n\n", "\n"), ("a\r", "a\r"),
        ], 1...7)
    func `a file is one text under its path`(row: (input: String, text: String), step: Int) {
        #expect(
            readAll(TextFileReader(.text(row.input, step: step), limits: ReaderLimits(blockSize: step))) == [
                .text(row.text, .text("in"), 0)
            ])
    }

    @Test func `invalid UTF-8 names the line`() {
        let given = readAll(TextFileReader(.bytes(Array("a\nb\nc".utf8) + [0xFF])))
        #expect("\(given)".contains("in:3: not UTF-8"))
    }

    @Test func `a file over the limit is an error that names the way out`() {
        let given = readAll(
            TextFileReader(
                .text(String(repeating: "x", count: 500)),
                limits: ReaderLimits(blockSize: 64, recordSize: 100)))
        #expect(given.count == 1)
        #expect("\(given)".contains("read it as lines"))
    }
}
