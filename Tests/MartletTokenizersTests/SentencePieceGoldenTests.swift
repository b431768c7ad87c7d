import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletTokenizers

/// Ids, offsets and texts of Hugging Face's `tokenizers` for the kinds that SentencePiece models come in.
@Suite struct SentencePieceGoldenTests {
    /// What Scripts/tokenizer-sp-goldens.py writes for one kind.
    struct Kind {
        let tokenizer: Tokenizer
        let golden: JSONValue

        init(_ name: String) throws {
            let bytes = Goldens.bytes("SentencePiece/\(name).json")
            golden = try JSONValue.parse(bytes)
            // The tokenizer's own text, up to the end of the first line.
            let line = bytes.prefix { $0 != 0x0A }
            var json: [UInt8] = []
            let mark = Array("@nmt_nfkc".utf8)
            var position = "{\"tokenizer\":".utf8.count
            while position < line.count - 1 {
                if line[position] == mark[0], line[position...].starts(with: mark) {
                    json += Self.base64(Goldens.bytes("SentencePiece/nmt_nfkc.bin"))
                    position += mark.count
                } else {
                    json.append(line[position])
                    position += 1
                }
            }
            tokenizer = try Tokenizer(json: json, file: "\(name).json")
        }

        static func base64(_ bytes: [UInt8]) -> [UInt8] {
            let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
            var text: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let part = bytes[start..<min(start + 3, bytes.count)]
                let word = (part + [0, 0]).prefix(3).reduce(0) { $0 << 8 | Int($1) }
                for index in 0..<4 {
                    text.append(
                        index <= part.count ? digits[word >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
                }
            }
            return text
        }
    }

    @Test(arguments: ["xlmr", "bge", "t5", "albert", "gemma", "llama"])
    func agrees(name: String) throws {
        let kind = try Kind(name)
        let cases = kind.golden["cases"]?.array ?? []
        #expect(cases.count > 90)
        for example in cases {
            let text = try #require(example[0]?.string)
            let encoding = kind.tokenizer.encode(text, withOffsets: true)
            let ids = Goldens.ids(example[1])
            #expect(encoding.ids == ids, "\(text.debugDescription)")
            #expect(flat(encoding) == Goldens.ids(example[2]), "\(text.debugDescription)")
            #expect(kind.tokenizer.encode(text).ids == ids)
            #expect(
                kind.tokenizer.decode(ids).utf8.elementsEqual(try #require(example[3]?.string).utf8),
                "\(text.debugDescription)")
            let full = kind.tokenizer.decode(ids, skipSpecialTokens: false)
            #expect(
                full.utf8.elementsEqual(try #require(example[4]?.string).utf8), "\(text.debugDescription)")
        }
        for example in kind.golden["pairs"]?.array ?? [] {
            let encoding = kind.tokenizer.encode(
                try #require(example[0]?.string), try #require(example[1]?.string))
            let types = Goldens.ids(example[3])
            #expect(encoding.ids == Goldens.ids(example[2]))
            #expect(encoding.typeIDs ?? Array(repeating: 0, count: types.count) == types)
        }
    }

    /// 2500 synthetic lines of each kind: ids and offsets, by a digest per 250.
    @Test(arguments: ["xlmr", "bge", "t5", "albert", "gemma", "llama"])
    func agreesOnSyntheticLines(name: String) throws {
        let kind = try Kind(name)
        let expected = kind.golden["digests"]?.array?.compactMap(\.string) ?? []
        #expect(expected.count == 20)
        var lines = SentencePieceLines(
            pieces: (0..<kind.tokenizer.vocabularySize).map { kind.tokenizer.token(id: $0) ?? "" },
            phrases: kind.golden["cases"]?.array?.compactMap { $0[0]?.string } ?? [])
        for golden in expected.prefix(10) {
            var digest: UInt64 = 0xcbf2_9ce4_8422_2325
            func add(_ value: Int32) { digest = (digest ^ UInt64(value)) &* 0x0000_0100_0000_01B3 }
            for _ in 0..<250 {
                let encoding = kind.tokenizer.encode(
                    String(decoding: lines.next(), as: UTF8.self), withOffsets: true)
                encoding.ids.forEach(add)
                flat(encoding).forEach(add)
            }
            let hex = String(digest, radix: 16)
            #expect(String(repeating: "0", count: 16 - hex.count) + hex == golden)
        }
    }

    private func flat(_ encoding: Encoding) -> [Int32] {
        (encoding.offsets ?? []).flatMap { [Int32($0.lowerBound), Int32($0.upperBound)] }
    }
}

/// The lines of `line` in Scripts/tokenizer-sp-goldens.py.
struct SentencePieceLines {
    let pieces: [[UInt8]]
    let phrases: [[UInt8]]
    var random = SplitMix64(state: 2027)

    init(pieces: [String], phrases: [String]) {
        self.pieces = pieces.map { Array($0.utf8) }
        self.phrases = phrases.map { Array($0.utf8) }
    }

    mutating func next() -> [UInt8] {
        var line: [UInt8] = []
        func append(_ scalar: Int) {
            line += Unicode.Scalar(UInt32(scalar)).flatMap { UTF8.encode($0) }.map(Array.init) ?? [0x20]
        }
        for _ in 0..<1 + random.below(10) {
            switch random.below(9) {
            case 0, 1, 2:
                let piece = pieces[random.below(pieces.count)]
                line += random.below(8) != 0 ? spaced(piece) : piece
            case 3: for _ in 0..<1 + random.below(4) { append(random.below(0x3000)) }
            case 4: append(random.below(0x110000))
            case 5: line += phrases[random.below(phrases.count)]
            case 6: for _ in 0..<1 + random.below(10) { append(0x20 + random.below(0x5F)) }
            case 7:
                append(random.below(0x250))
                append(0x300 + random.below(0x70))
            default: line.append(0x20)
            }
        }
        return line
    }

    private func spaced(_ piece: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < piece.count {
            let isMark = piece[position...].starts(with: [0xE2, 0x96, 0x81])
            result.append(isMark ? 0x20 : piece[position])
            position += isMark ? 3 : 1
        }
        return result
    }
}
