import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletTokenizers

/// Single normalizers, pre-tokenizers and split patterns against what Hugging Face's `tokenizers` makes of
/// the same texts.
@Suite struct PartTests {
    private static let cases: [String] = {
        guard let torture = try? KindTests.torture() else { return [] }
        var lines = SyntheticLines(
            vocabulary: Goldens.tokens(), phrases: torture, random: SplitMix64(state: 9))
        return torture + (0..<300).map { _ in String(decoding: lines.next(), as: UTF8.self) }
    }()

    private func parts(_ key: String, _ count: Int) -> [(field: Field, digest: Int)] {
        let parts = (KindTests.goldens?[key]?.array ?? []).map {
            (Field(value: $0["part"], path: key, file: "goldens.json"), $0["digest"]?.int ?? 0)
        }
        #expect(parts.count == count && Self.cases.count > 400)
        return parts
    }

    private func describe(_ field: Field) -> String {
        var text: [UInt8] = []
        JSONText.append(field.value ?? .null, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @Test func normalizersAgree() throws {
        for (field, digest) in parts("normalizers", 21) {
            let normalizer = try Registry.make(field, from: Registry.normalizers) as any Normalizer
            var values: [Int] = []
            for text in Self.cases {
                let bytes = Array(text.utf8)
                let plain = TextBuffer()
                let tracked = TextBuffer()
                tracked.tracksAlignment = true
                bytes.withUnsafeBufferPointer { bytes in
                    normalizer.normalize(AlignedText(bytes), into: plain)
                    AlignedText.characterRanges(bytes).withUnsafeBufferPointer {
                        normalizer.normalize(AlignedText(bytes, alignment: $0.baseAddress), into: tracked)
                    }
                }
                #expect(plain.bytes.elementsEqual(tracked.bytes))
                values += plain.bytes.map { Int($0) } + [0x100]
            }
            #expect(Digest.of(values) == digest, "\(describe(field))")
        }
    }

    @Test func preTokenizersAgree() throws {
        for (field, digest) in parts("preTokenizers", 46) {
            let preTokenizer = try Registry.make(field, from: Registry.preTokenizers) as any PreTokenizer
            #expect(
                Digest.of(Self.cases.flatMap { pieces(preTokenizer, $0) }) == digest, "\(describe(field))")
        }
    }

    /// By their scanners where there are any, and all of them by the general matcher.
    @Test func patternsAgree() throws {
        var known = 0
        for (field, digest) in parts("patterns", 34) {
            let split = try Split(field)
            #expect(Digest.of(Self.cases.flatMap { pieces(split, $0) }) == digest, "\(describe(field))")
            guard case .scanner = split.pattern else { continue }
            known += 1
            let general = Split(.regex(try Regex(try field["pattern"]["Regex"].string())), split.behavior)
            #expect(Digest.of(Self.cases.flatMap { pieces(general, $0) }) == digest, "\(describe(field))")
        }
        #expect(known >= 8)
    }

    private func pieces(_ preTokenizer: any PreTokenizer, _ text: String) -> [Int] {
        let bytes = Array(text.utf8)
        let list = WordList()
        return bytes.withUnsafeBufferPointer { bytes in
            AlignedText.characterRanges(bytes).withUnsafeBufferPointer { ranges in
                list.begin(AlignedText(bytes, alignment: ranges.baseAddress), startsText: true)
                preTokenizer.preTokenize(list)
                return list.withText { text in
                    list.words.flatMap { word in
                        text.bytes[word].map { Int($0) } + [0x100]
                            + Digest.characters(
                                [text.original(word) ?? word], String(decoding: bytes, as: UTF8.self))
                    }
                }
            }
        }
    }

    private func matches(_ pattern: String, _ text: String) throws(RegexError) -> [Range<Int>] {
        let regex = try Regex(pattern)
        var matches: [Range<Int>] = []
        Array(text.utf8).withUnsafeBufferPointer { regex.appendMatches(in: $0, 0..<$0.count, to: &matches) }
        return matches
    }

    /// Each has more ways to part the letters than there is time for.
    @Test(arguments: [
        "(?:a+)+$", "(?:a|a)+$", "(?:aa?)+$", "(?:a{1,3}){2,}?$", "(?:(?>a|aa)a?)+$", "(?=((?:a+)+)$)a+",
    ])
    func ambiguousPatternsEnd(pattern: String) throws {
        #expect(try matches(pattern, String(repeating: "a", count: 60) + "baaa") == [61..<64])
    }

    @Test(arguments: ["a{1}{1}{1}{1}{1}{1}{1}{2}", "(?<=a{1000}|a{1000})b|a{2}", "a{2}(?=b)(?<!b{10}{100})"])
    func stacksRepetitions(pattern: String) throws {
        #expect(try matches(pattern, "aab") == [0..<2])
    }

    @Test(arguments: [
        "(", ")", "[", "a{2", "a{3,2}", "*", "a**", #"\p{Han}"#, #"\q"#, "(?<name>a)", "[[:alpha:]]",
        "[a&&b]", "[b-a]", #"(?<=a+)b"#,
        #"\1"#, "(a|)*", #"\"#,
        "a{1}{1}{1}{1}{1}{1}{1}{1}{1}",
        String(repeating: "(", count: 22) + "a" + String(repeating: "){1}{1}", count: 22),
        "(?<=a{1000}{1000}{1000}{1000}{1000}{1000}{1000})b", "(?<=a{1000}a)b",
        #"\p{L"#, #"\x{110000}"#, "(?x)a",
    ])
    func refusesPattern(pattern: String) {
        #expect { try TextPattern(pattern: pattern) } throws: { error in
            (error as? RegexError)?.message.contains(pattern) == true
        }
    }
}
