import MartletTestSupport
import Testing

@testable import MartletData

/// Compressed and UTF-16 inputs give the records of the plain ones.
@Suite struct DecodingTests {
    /// `printf 'one\ntwo\n' | gzip -n9`
    private static let gzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0x02, 0x03, 0xCB, 0xCF, 0x4B, 0xE5, 0x2A, 0x29, 0xCF, 0xE7, 0x02, 0,
        0xE6, 0x0B, 0xBA, 0x12, 0x08,
        0, 0, 0,
    ]
    /// `printf 'one\ntwo\n' | zstd`
    private static let zstd: [UInt8] = [
        0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x41, 0, 0, 0x6F, 0x6E, 0x65, 0x0A, 0x74, 0x77, 0x6F, 0x0A, 0xE6,
        0xA6, 0x0E, 0x40,
    ]

    /// `printf 'one\ntwo\n' | bzip2 -1`
    private static let bzip2: [UInt8] = [
        0x42, 0x5A, 0x68, 0x31, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0xA7, 0x14, 0x2B, 0x77, 0, 0, 0x02, 0xC1,
        0x80, 0, 0x10, 0x02, 0x01, 0x84, 0x80, 0x20, 0, 0x21, 0x80, 0x0C, 0x02, 0x38, 0xF5, 0x1B, 0x8B, 0xB9,
        0x22, 0x9C, 0x28, 0x48, 0x53, 0x8A, 0x15, 0xBB, 0x80,
    ]
    /// `printf 'one\ntwo\n' | xz`
    private static let xz: [UInt8] = [
        0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 0x04, 0xE6, 0xD6, 0xB4, 0x46, 0x02, 0, 0x21, 0x01, 0x16, 0, 0, 0,
        0x74, 0x2F, 0xE5, 0xA3, 0x01, 0, 0x07, 0x6F, 0x6E, 0x65, 0x0A, 0x74, 0x77, 0x6F, 0x0A, 0, 0x51, 0xAB,
        0x9E, 0xAF, 0x57, 0x75, 0x70, 0x49, 0, 0x01, 0x20, 0x08, 0xBB, 0x19, 0xD9, 0xBB, 0x1F, 0xB6, 0xF3,
        0x7D, 0x01, 0, 0, 0, 0, 0x04, 0x59, 0x5A,
    ]
    /// `printf 'one\ntwo\n' | lz4`
    private static let lz4: [UInt8] = [
        0x04, 0x22, 0x4D, 0x18, 0x64, 0x40, 0xA7, 0x08, 0, 0, 0x80, 0x6F, 0x6E, 0x65, 0x0A, 0x74, 0x77, 0x6F,
        0x0A, 0, 0, 0, 0, 0x27, 0x01, 0xC4, 0x83,
    ]
    private static let compressed = [gzip, zstd, bzip2, xz, lz4]

    private func lines(_ bytes: [UInt8], step: Int = .max, pauses: Bool = false) -> [Given] {
        readAll(
            LineReader(
                ByteSource.bytes(bytes, step: step, pauses: pauses).decoded(),
                limits: ReaderLimits(blockSize: 16)), waiting: !pauses
        )
    }

    private static let expected = [Given.text("one", .none, 1), .text("two", .none, 2)]

    private static func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
        ("\u{FEFF}" + text).utf16.flatMap { unit in
            bigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
        }
    }

    @Test(arguments: compressed, [1, 2, 3, 7, 1000])
    func `compressed bytes are read however they arrive`(bytes: [UInt8], step: Int) {
        #expect(lines(bytes, step: step) == Self.expected)
        #expect(lines(bytes, step: step, pauses: true) == Self.expected)
    }

    @Test(arguments: compressed)
    func `members one after the other are one input`(bytes: [UInt8]) {
        #expect(texts(lines(bytes + bytes, step: 5)) == ["one", "two", "one", "two"])
    }

    @Test func `zeros after gzip data are padding`() {
        #expect(lines(Self.gzip + [0, 0, 0], step: 3) == Self.expected)
    }

    @Test func `padding between xz streams is no content`() {
        #expect(texts(lines(Self.xz + [0, 0, 0, 0] + Self.xz, step: 3)) == ["one", "two", "one", "two"])
    }

    /// `printf '' | bzip2`
    @Test func `a bzip2 stream of nothing has no records`() {
        #expect(lines([0x42, 0x5A, 0x68, 0x39, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0]).isEmpty)
    }

    @Test func `an xz header that asks for 4 GiB is refused`() {
        var bytes = Self.xz
        bytes.replaceSubrange(16..<24, with: [0x28, 0, 0, 0, 0xE6, 0xA0, 0x11, 0xB3])
        let given = "\(lines(bytes))"
        #expect(given.contains("needs more than 256 MiB to be decompressed") && given.contains("xz -d"))
    }

    @Test(arguments: [bzip2, xz, lz4])
    func `other bytes after the compressed ones are an error`(bytes: [UInt8]) {
        #expect(
            "\(lines(bytes + Array("not compressed".utf8)).last.map { "\($0)" } ?? "")".contains("damaged"))
    }

    @Test(arguments: compressed)
    func `cut and damaged compressed bytes are errors that end the input`(bytes: [UInt8]) {
        // Less is no signature, but text.
        let start = bytes == Self.bzip2 ? 10 : bytes == Self.xz ? 6 : 4
        for count in start..<bytes.count {
            let given = lines(Array(bytes[..<count]), step: 9)
            #expect("\(given.last.map { "\($0)" } ?? "")".contains("in: "), "cut at \(count)")
        }
        for index in bytes.indices.dropFirst(start) {
            var damaged = bytes
            damaged[index] ^= 0x10
            let given = lines(damaged)
            #expect(
                given == Self.expected || "\(given)".contains("in: ") || bytes == Self.gzip && index < 10,
                "byte \(index)")
        }
    }

    @Test(arguments: [false, true], 1...7)
    func `UTF-16 with a byte order mark is read however it arrives`(bigEndian: Bool, step: Int) {
        let text = "eins\nzwei ü\n日本語 🇩🇪\r\n"
        let given = lines(Self.utf16(text, bigEndian: bigEndian), step: step)
        #expect(texts(given) == ["eins", "zwei ü", "日本語 🇩🇪"])
    }

    @Test func `half a surrogate pair names its line, and the next line can be read`() {
        let bytes = Self.utf16("good\nX\nafter\n", bigEndian: false)
        let damaged = bytes.map { $0 == UInt8(ascii: "X") ? UInt8(0x00) : $0 }
        var units = damaged
        if let place = bytes.firstIndex(of: UInt8(ascii: "X")) { units[place + 1] = 0xD8 }
        let given = lines(units)
        #expect(given.count == 3)
        #expect("\(given[1])".contains("in:2: not UTF-8 at byte 1 (0xED)"))
        #expect(given[2] == .text("after", .none, 3))
    }

    @Test func `an odd byte at the end of UTF-16 is an error`() {
        let given = lines(Self.utf16("a\nb", bigEndian: true) + [0])
        #expect("\(given)".contains("odd number of bytes"))
    }

    @Test func `UTF-32 is refused with the command that converts it`() {
        #expect("\(lines([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0]))".contains("iconv -f UTF-32"))
    }

    @Test(arguments: ["(a", "B", "BZ", "BZh\n", "BZh91AY", "\u{4}\"M", "\u{7}", "("])
    func `a text that begins as a signature does is a text`(text: String) {
        #expect(
            texts(lines(Array(text.utf8), step: 1)) == [text.hasSuffix("\n") ? String(text.dropLast()) : text]
        )
    }

    @Test func `a short line on a slow pipe is not held back`() throws {
        var reader = LineReader(ByteSource.text("B\nrest", step: 2, pauses: true).decoded())
        #expect(try reader.next(waiting: true) == .record(text: "B", id: .none, line: 1))
    }

    @Test func `files go by their bytes, whatever their names`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("x.txt.gz", Self.gzip)
        #expect(InputFormat.forFile("a.jsonl.gz") == .jsonl)
        #expect(InputFormat.forFile("a.CSV.zst") == .csv)
        #expect(InputFormat.forFile("wiki.jsonl.bz2") == .jsonl && InputFormat.forFile("a.tsv.xz") == .tsv)
        let source = FileSource([.file(path, .lines)])
        #expect(try source.readAll().map(\.text) == ["one", "two"])
        var bytesRead = 0
        for try await batch in source.batches(after: nil) { bytesRead = batch.bytesRead }
        #expect(bytesRead == Self.gzip.count)
        let positions = try source.positions()
        for (count, checkpoint) in positions.enumerated() {
            var rest: [String] = []
            for try await batch in source.batches(after: checkpoint) { rest += batch.records.map(\.text) }
            #expect(rest == Array(["one", "two"].dropFirst(count)))
        }
    }
}
