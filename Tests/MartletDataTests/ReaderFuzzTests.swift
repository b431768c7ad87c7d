import MartletTestSupport
import Testing

@testable import MartletData

/// Whatever the bytes and however they arrive, a reader gives the same records and errors.
@Suite struct ReaderFuzzTests {
    private static let pieces: [[UInt8]] =
        [
            "\"", ",", "\n", "\r\n", "\r", "a", "text", "{\"text\":\"", "\"}", "é", "\\", "\\u00", "{", "}",
            "[", "\u{FEFF}", "\t", "\u{0}",
        ]
        .map {
            Array($0.utf8)
        } + [[0xFF], [0xE2], [0x82], [0xEF, 0xBB]]

    private static func input(_ seed: UInt64, start: String) -> [UInt8] {
        var random = SplitMix64(state: seed)
        return Array(start.utf8)
            + (0..<Int.random(in: 0..<60, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random) ?? []
            }
    }

    private static func readers(_ bytes: [UInt8], step: Int, block: Int) -> [any RecordReader] {
        let source = { ByteSource.bytes(bytes, step: step) }
        return [
            LineReader(source(), limits: ReaderLimits(blockSize: block)),
            JSONLReader(source(), fields: FieldNames(), limits: ReaderLimits(blockSize: block)),
            CSVReader(source(), fields: FieldNames(), limits: ReaderLimits(blockSize: block)),
            CSVReader(
                source(), fields: FieldNames(), delimiter: 0x09, limits: ReaderLimits(blockSize: block)),
            TextFileReader(source(), limits: ReaderLimits(blockSize: block)),
        ]
    }

    @Test(arguments: ["", "text\n", "text,x\n", "{\"text\":\"a\"}\n"])
    func `arrival changes nothing`(start: String) {
        for seed in 0..<150 as Range<UInt64> {
            let bytes = Self.input(seed, start: start)
            let whole = Self.readers(bytes, step: .max, block: 1 << 16).map { readAll($0) }
            for step in [1, 2, 3, 7] {
                let parts = Self.readers(bytes, step: step, block: step + 1).map { readAll($0) }
                #expect(parts == whole, "seed \(seed), step \(step)")
            }
        }
    }

    @Test func `valid UTF-8 lines come out byte for byte`() {
        for seed in 0..<300 as Range<UInt64> {
            let bytes = Self.input(seed, start: "x")
            guard let text = String(validating: bytes, as: UTF8.self) else { continue }
            let scalars = Array(text.unicodeScalars)
            var lines = scalars.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.last == "\r" ? $0.dropLast() : $0
            }
            if scalars.last == "\n" { lines.removeLast() }
            let expected = lines.map { line in
                var result = String.UnicodeScalarView()
                result.append(contentsOf: line)
                return Array(String(result).utf8)
            }
            #expect(
                texts(readAll(LineReader(.bytes(bytes, step: 3), limits: ReaderLimits(blockSize: 4)))).map {
                    Array($0.utf8)
                } == expected,
                "seed \(seed)")
        }
    }
}
