import MartletJSON
import Testing

@testable import MartletTokenizers

/// Ids, offsets, types and texts of Hugging Face's `tokenizers`, by digests: see
/// Scripts/tokenizer-kinds-goldens.py.
@Suite struct KindTests {
    static let names = [
        "gpt2", "roberta", "qwen2", "modernbert", "llama3", "clip", "fallback", "prefixed", "wordlevel",
    ]
    static let goldens = try? Goldens.json("Kinds/goldens.json")

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(json: Goldens.bytes("Kinds/\(name).json"), file: "\(name).json")
    }

    static func torture() throws -> [String] {
        let texts = try Goldens.json("torture.json")["cases"]?.array?.compactMap { $0["text"]?.string } ?? []
        return texts + (goldens?["texts"]?.array?.compactMap(\.string) ?? [])
    }

    private func golden(_ name: String) throws -> (golden: JSONValue, texts: [String]) {
        let golden = try #require(Self.goldens?["kinds"]?[name])
        let texts = try Self.torture() + (golden["phrases"]?.array?.compactMap(\.string) ?? [])
        #expect(texts.count > 110)
        return (golden, texts)
    }

    @Test(arguments: names) func encodesTorture(name: String) throws {
        let (golden, texts) = try golden(name)
        let tokenizer = try Self.tokenizer(name)
        let expected = golden["torture"]?.array ?? []
        #expect(expected.count == texts.count)
        for (text, expected) in zip(texts, expected) {
            let encoding = tokenizer.encode(text, withOffsets: true)
            let found =
                Digest.values(encoding, text) + [
                    Digest.of(tokenizer.decode(encoding.ids).utf8.map { Int($0) })
                ]
            #expect(found == Digest.list(expected), "\(text.debugDescription) \(encoding.ids)")
            let plain = tokenizer.encode(text)
            #expect(
                plain.ids == encoding.ids && plain.typeIDs == encoding.typeIDs
                    && plain.totalTokens == encoding.totalTokens)
        }
    }

    @Test(arguments: names) func encodesSyntheticLines(name: String) throws {
        let (golden, texts) = try golden(name)
        let tokenizer = try Self.tokenizer(name)
        var lines = SyntheticLines(vocabulary: Goldens.tokens(), phrases: texts)
        let scratch = TokenizerScratch()
        let blocks = golden["blocks"]?.array ?? []
        #expect(blocks.count == 40)
        for expected in blocks {
            var ids: [Int32] = []
            var tracked: [Int32] = []
            var offsets: [Int] = []
            for _ in 0..<25 {
                let line = String(decoding: lines.next(), as: UTF8.self)
                _ = Array(line.utf8).withUnsafeBytes {
                    tokenizer.encode(utf8: $0, into: &ids, scratch: scratch)
                }
                let encoding = tokenizer.encode(line, withOffsets: true)
                tracked += encoding.ids
                offsets += Digest.characters(encoding.offsets ?? [], line)
            }
            #expect(ids == tracked)
            #expect([Digest.of(ids.map { Int($0) }), Digest.of(offsets)] == Digest.list(expected))
        }
    }

    @Test(arguments: names) func encodesPairs(name: String) throws {
        let (golden, texts) = try golden(name)
        let tokenizer = try Self.tokenizer(name)
        let expected = golden["pairs"]?.array ?? []
        #expect(expected.count == texts.count)
        for (index, expected) in expected.enumerated() {
            let (a, b) = (texts[index], texts[index * 7 % texts.count])
            let encoding = tokenizer.encode(a, b, addsSpecialTokens: index % 3 != 0, withOffsets: true)
            #expect(
                Digest.values(encoding, a, b, tokenizer) == Digest.list(expected),
                "\(a.debugDescription) \(b.debugDescription)")
            let plain = tokenizer.encode(a, b, addsSpecialTokens: index % 3 != 0)
            #expect(
                plain.ids == encoding.ids && plain.typeIDs == encoding.typeIDs
                    && plain.totalTokens == encoding.totalTokens)
        }
    }

    @Test(arguments: names) func truncates(name: String) throws {
        let (golden, _) = try golden(name)
        let tokenizer = try Self.tokenizer(name)
        let long = (Self.goldens?["texts"]?.array?.prefix(12).compactMap(\.string) ?? []).joined(
            separator: " ")
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: long.unicodeScalars.dropFirst(20))
        var expected = (golden["truncations"]?.array ?? []).makeIterator()
        for side in [Truncation.end, .start] {
            for length in [5, 6, 7, 16, 33] {
                for (a, b) in [(long, nil), (long, "short one"), ("short one", long), (long, String(cut))]
                    as [(String, String?)]
                {
                    let found: Encoding
                    let plain: Encoding
                    if let b {
                        found = tokenizer.encode(a, b, maxTokens: length, truncation: side, withOffsets: true)
                        plain = tokenizer.encode(a, b, maxTokens: length, truncation: side)
                        #expect(found.totalTokens == tokenizer.encode(a, b).ids.count)
                    } else {
                        found = tokenizer.encode(a, maxTokens: length, truncation: side, withOffsets: true)
                        plain = tokenizer.encode(a, maxTokens: length, truncation: side)
                        #expect(found.totalTokens == tokenizer.encode(a).ids.count)
                    }
                    #expect(found.ids == plain.ids && found.typeIDs == plain.typeIDs && found.isTruncated)
                    let golden = expected.next() ?? .null
                    #expect(
                        Digest.values(found, a, b, tokenizer) == Digest.list(golden),
                        "\(side) \(length) \(b ?? "-")")
                }
            }
        }
        #expect(expected.next() == nil)
    }
}

/// FNV-1a, the upper half.
enum Digest {
    static func of(_ values: some Sequence<Int>) -> Int {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for value in values { digest = (digest ^ UInt64(bitPattern: Int64(value))) &* 0x0000_0100_0000_01B3 }
        return Int(digest >> 32)
    }

    static func list(_ value: JSONValue) -> [Int] { value.array?.compactMap(\.int) ?? [] }

    static func values(_ encoding: Encoding, _ text: String) -> [Int] {
        values(encoding, characters(encoding.offsets ?? [], text))
    }

    private static func values(_ encoding: Encoding, _ offsets: [Int]) -> [Int] {
        let types = encoding.typeIDs ?? Array(repeating: 0, count: encoding.ids.count)
        return [of(encoding.ids.map { Int($0) }), of(offsets), of(types.map { Int($0) })]
    }

    /// Of a pair: the offsets of the second text begin behind those of the first.
    static func values(_ encoding: Encoding, _ first: String, _ second: String?, _ tokenizer: Tokenizer)
        -> [Int]
    {
        guard let second, let offsets = encoding.offsets, let texts = encoding.textIndices else {
            return values(encoding, first)
        }
        let found = zip(offsets, texts).flatMap { offset, text in
            characters([offset], text == 1 ? second : first)
        }
        return values(encoding, found)
    }

    /// Ranges of bytes as ranges of characters, as the Python library gives them.
    static func characters(_ ranges: [Range<Int>], _ text: String) -> [Int] {
        let bytes = Array(text.utf8)
        var counts: [Int] = []
        for byte in bytes { counts.append((counts.last ?? 0) + (byte & 0xC0 == 0x80 ? 0 : 1)) }
        // Characters that begin before a place.
        func characters(before place: Int) -> Int { place == 0 ? 0 : counts[place - 1] }
        return ranges.flatMap { [characters(before: $0.lowerBound), characters(before: $0.upperBound)] }
    }
}
