import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletTokenizers

/// Ids and texts of Hugging Face's `tokenizers`.
@Suite struct GoldenTests {
    @Test(arguments: ["uncased", "cased", "accents", "stripped"])
    func encodesTorture(setting: String) throws {
        let tokenizer = try Goldens.tokenizer(setting)
        let cases = try Goldens.json("torture.json")["cases"]?.array ?? []
        #expect(cases.count > 80)
        for example in cases {
            let text = try #require(example["text"]?.string)
            let encoding = tokenizer.encode(text)
            #expect(encoding.ids == Goldens.ids(example["ids"]?[setting]), "\(text.debugDescription)")
            #expect(
                encoding.totalTokens == encoding.ids.count && !encoding.isTruncated && encoding.typeIDs == nil
            )
        }
    }

    @Test func decodesTorture() throws {
        let tokenizer = try Goldens.tokenizer("uncased")
        for example in try Goldens.json("torture.json")["cases"]?.array ?? [] {
            let ids = Goldens.ids(example["ids"]?["uncased"])
            let decoded = try #require(example["decoded"]?.string)
            let full = try #require(example["decodedWithSpecials"]?.string)
            #expect(Array(tokenizer.decode(ids).utf8) == Array(decoded.utf8))
            #expect(Array(tokenizer.decode(ids, skipSpecialTokens: false).utf8) == Array(full.utf8))
        }
    }

    @Test func truncates() throws {
        let tokenizer = try Goldens.tokenizer("uncased")
        let cases = try Goldens.json("torture.json")["truncations"]?.array ?? []
        #expect(cases.count == 30)
        for example in cases {
            let text = String(
                repeating: try #require(example["text"]?.string), count: try #require(example["times"]?.int))
            let side: Truncation = example["side"]?.string == "left" ? .start : .end
            let full = tokenizer.encode(text)
            let encoding = tokenizer.encode(
                text, maxTokens: try #require(example["length"]?.int), truncation: side)
            #expect(encoding.ids == Goldens.ids(example["ids"]), "\(side) \(encoding.ids.count)")
            #expect(encoding.totalTokens == full.ids.count)
            #expect(encoding.isTruncated == (full.ids.count > encoding.ids.count))
            #expect(tokenizer.encode(text, maxTokens: 3, truncation: .none) == full)
        }
    }

    @Test func honoursTheFlagsOfAddedTokens() throws {
        let golden = try Goldens.json("flags.json")
        var text: [UInt8] = []
        JSONText.append(try #require(golden["tokenizer"]), to: &text)
        let tokenizer = try Tokenizer(json: text, file: "flags.json")
        let cases = golden["cases"]?.array ?? []
        #expect(cases.count > 20)
        for example in cases {
            let text = try #require(example["text"]?.string)
            let ids = Goldens.ids(example["ids"])
            #expect(tokenizer.encode(text).ids == ids, "\(text.debugDescription)")
            #expect(tokenizer.decode(ids) == example["decoded"]?.string)
        }
    }

    /// 50,000 synthetic lines in each setting, compared by a digest per thousand.
    @Test(arguments: ["uncased", "cased"])
    func encodesSyntheticCorpus(setting: String) throws {
        let tokenizer = try Goldens.tokenizer(setting)
        let expected = try Goldens.json("corpus.json")[setting]?.array?.compactMap(\.string) ?? []
        #expect(expected.count == 50)
        var lines = SyntheticLines(
            vocabulary: Goldens.tokens(),
            phrases: try Goldens.json("torture.json")["cases"]?.array?.compactMap { $0["text"]?.string } ?? []
        )
        let scratch = TokenizerScratch()
        var ids: [Int32] = []
        for (block, golden) in expected.enumerated() {
            ids.removeAll(keepingCapacity: true)
            for _ in 0..<1000 {
                lines.next().withUnsafeBytes { _ = tokenizer.encode(utf8: $0, into: &ids, scratch: scratch) }
            }
            var digest: UInt64 = 0xcbf2_9ce4_8422_2325
            for id in ids { digest = (digest ^ UInt64(id)) &* 0x0000_0100_0000_01B3 }
            let hex = String(digest, radix: 16)
            #expect(
                String(repeating: "0", count: 16 - hex.count) + hex == golden, "lines from \(block * 1000)")
        }
    }
}

/// The lines of `line` in Scripts/tokenizer-goldens.py.
struct SyntheticLines {
    let vocabulary: [[UInt8]]
    let phrases: [[UInt8]]
    private var random: SplitMix64

    init(vocabulary: [String], phrases: [String], random: SplitMix64 = SplitMix64(state: 2026)) {
        self.random = random
        self.vocabulary = vocabulary.map { Array($0.utf8) }
        self.phrases = phrases.map { Array($0.utf8) }
    }

    mutating func next() -> [UInt8] {
        var line: [UInt8] = []
        func append(_ scalar: Int) {
            line += Unicode.Scalar(UInt32(scalar)).flatMap { UTF8.encode($0) }.map(Array.init) ?? [0x20]
        }
        for _ in 0..<1 + random.below(10) {
            switch random.below(8) {
            case 0, 1, 2:
                let token = vocabulary[random.below(vocabulary.count)]
                line +=
                    token.starts(with: Array("##".utf8)) && random.below(8) != 0 ? token[2...] : token[...]
            case 3: for _ in 0..<1 + random.below(4) { append(random.below(0x3000)) }
            case 4: append(random.below(0x110000))
            case 5: line += phrases[random.below(phrases.count)]
            case 6: for _ in 0..<1 + random.below(10) { append(0x20 + random.below(0x5F)) }
            default: line.append(0x20)
            }
        }
        return line
    }
}
