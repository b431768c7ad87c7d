import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletTokenizers

/// Ids of the sentencepiece library for its own files, as Scripts/tokenizer-spm-goldens.py writes them.
@Suite struct SentencePieceModelTests {
    private func parts(_ bytes: [UInt8]) throws(TokenizerError) -> SentencePieceParts {
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(TokenizerError) in try SentencePieceParts(model: buffer, file: "spiece.model")
            }
        }.get()
    }

    private func tokenizer(_ bytes: [UInt8]) throws(TokenizerError) -> Tokenizer {
        var parts = try parts(bytes)
        (parts.addsBOS, parts.addsEOS) = (false, false)
        return try Tokenizer(sentencePiece: parts, file: "spiece.model")
    }

    @Test(arguments: ["unigram", "pairs"])
    func agrees(name: String) throws {
        let tokenizer = try tokenizer(Goldens.bytes("SentencePiece/\(name).model"))
        // What the library takes for text, a tokenizer takes for the token of that name.
        let controls = ["<s>", "</s>", "<unk>"]
        let cases = try Goldens.json("SentencePiece/models.json")[name]?.array ?? []
        #expect(cases.count > 90)
        for example in cases {
            let text = try #require(example[0]?.string)
            guard !controls.contains(where: text.contains) else { continue }
            // The library drops visible spaces at the end with the invisible ones.
            guard name == "pairs" || !text.split(separator: " ").joined().hasSuffix("\u{2581}") else {
                continue
            }
            #expect(tokenizer.encode(text).ids == Goldens.ids(example[1]), "\(text.debugDescription)")
        }
    }

    @Test func givesTheIDsOfFairseq() throws {
        let parts = try parts(Goldens.bytes("SentencePiece/unigram.model"))
        let plain = try tokenizer(Goldens.bytes("SentencePiece/unigram.model"))
        let shifted = try Tokenizer(sentencePiece: parts.withFairseqIDs(), file: "spiece.model")
        let ids = plain.encode("the text \u{4E00}").ids.map { $0 == 0 ? 3 : $0 + 1 }
        #expect(ids.contains(3) && shifted.encode("the text \u{4E00}").ids == [0] + ids + [2])
        #expect(shifted.token(id: 901) == "<mask>" && shifted.vocabularySize == 902)
        #expect(shifted.encode("a", "a").ids.filter { $0 == 2 }.count == 3)
    }

    /// Seeded mutations and truncations: a tokenizer that encodes, or an error.
    @Test func survivesMutatedFiles() throws {
        let seed = Goldens.bytes("SentencePiece/pairs.model")
        var random = SplitMix64(state: 3)
        var made = 0
        for round in 0..<300 {
            // Near the end stand the trainer's and the normalizer's fields.
            var bytes = round % 2 == 0 ? seed : Array(seed[..<60] + seed.suffix(700))
            for _ in 0..<1 + random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            if round % 5 == 0 { bytes.removeLast(random.below(bytes.count)) }
            do throws(TokenizerError) {
                _ = try tokenizer(bytes).encode("a text \u{4E00}\n")
                made += 1
            } catch {
                #expect(error.message.hasPrefix("spiece.model: "))
            }
        }
        #expect(made > 10 && made < 290)
    }

    @Test func namesWhatIsWrong() {
        for (bytes, message) in [
            ([], "spiece.model: the model has 0 pieces, and none is for unknown text"),
            (
                [0x0A, 0x7F],
                "spiece.model: the file is not a SentencePiece model: a field ends after its message (byte 2 of a message)"
            ),
            (
                [0x12, 0x02, 0x18, 0x03],
                "spiece.model: the file is not a SentencePiece model: the model type is neither Unigram nor BPE (byte 0 of a message)"
            ),
            (
                [0x1A, 0x02, 0x28, 0x00],
                "spiece.model: the file is not a SentencePiece model: white space is not escaped in this model (byte 0 of a message)"
            ),
            (
                Array(repeating: 0xFF, count: 11),
                "spiece.model: the file is not a SentencePiece model: a number has more than ten bytes (byte 10 of a message)"
            ),
        ] as [([UInt8], String)] {
            #expect {
                try parts(bytes)
            } throws: {
                "\($0)" == message
            }
        }
    }
}
