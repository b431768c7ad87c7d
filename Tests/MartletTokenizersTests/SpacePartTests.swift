import Testing

@testable import MartletTokenizers

/// Byte pairs of SentencePiece's kind are merged part by part, as if the whole text were one word.
@Suite struct SpacePartTests {
    private func tokenizer(_ vocabulary: [String], _ merges: [String]) throws -> Tokenizer {
        let entries = vocabulary.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
        let pairs = merges.map { "\"\($0)\"" }.joined(separator: ",")
        let normalizer = #"{"type":"Replace","pattern":{"String":" "},"content":"▁"}"#
        let model =
            #"{"type":"BPE","unk_token":"?","fuse_unk":true,"vocab":{\#(entries)},"merges":[\#(pairs)]}"#
        return try Tokenizer(
            json: Array(#"{"normalizer":\#(normalizer),"model":\#(model)}"#.utf8), file: "t.json")
    }

    @Test func aPieceWithASpaceInsideKeepsTheTextWhole() throws {
        let text = "ab ab  a x x b"
        let plain = try tokenizer(["?", "▁", "a", "b", "ab", "▁ab", "▁▁"], ["a b", "▁ ab", "▁ ▁"])
        #expect(plain.encode(text).ids == [4, 5, 6, 2, 1, 0, 1, 0, 1, 3])
        // The same merges, and one more, across a space.
        let across = try tokenizer(
            ["?", "▁", "a", "b", "ab", "▁ab", "▁▁", "b▁", "ab▁"], ["b ▁", "a b", "▁ ab", "▁ ▁", "a b▁"])
        #expect(across.encode("ab ab").ids == [8, 4])
        // One whose second half begins with a space, though the first is nothing but spaces.
        let runs = try tokenizer(["?", "▁", "a", "▁▁", "▁▁▁", "▁▁▁a"], ["▁ ▁", "▁▁ ▁", "▁▁▁ a"])
        #expect(runs.encode("a   a").ids == [2, 5])
    }

    /// With offsets texts are taken whole: the ids are the same.
    @Test(arguments: ["gemma", "llama"]) func partsGiveTheIdsOfTheWhole(name: String) throws {
        let tokenizer = try SentencePieceGoldenTests.Kind(name).tokenizer
        let words = [
            "swift", "Über", " ", "  ", "▁", "日本語", "🙂", "x", "\n", "die", "-", "<0x41>", "é", "naïve", "▁▁▁",
        ]
        var state: UInt64 = 7
        for _ in 0..<300 {
            var text = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                text += words[Int(state >> 33) % words.count] + (state >> 60 < 8 ? " " : "")
            }
            #expect(tokenizer.encode(text).ids == tokenizer.encode(text, withOffsets: true).ids, "\(text)")
        }
    }

    /// What GGUF can say of a tokenizer is said if the one that is made of it gives the same ids.
    @Test func partsForGGUF() throws {
        let texts = ["a b", "The swift sleeps on the wing.", "Über  ﬁn ＡＢＣ", "日本語", ""]
        let parts = try #require(SentencePieceGoldenTests.Kind("xlmr").tokenizer.unigramParts(texts))
        #expect(
            parts.charsmap == Goldens.bytes("SentencePiece/nmt_nfkc.bin") && parts.removesExtraSpaces == true)
        for name in ["gemma", "llama"] {
            #expect(try SentencePieceGoldenTests.Kind(name).tokenizer.unigramParts(texts) == nil)
        }
        for (name, pre) in [("gpt2", "gpt-2"), ("qwen2", "qwen2"), ("llama3", "llama-bpe")] {
            let found = try KindTests.tokenizer(name).bytePairParts(texts)
            #expect(found?.pre == pre, "\(name)")
        }
        for name in ["clip", "fallback", "prefixed", "wordlevel"] {
            #expect(try KindTests.tokenizer(name).bytePairParts(texts) == nil, "\(name)")
        }
    }
}
