import MartletJSON
import Testing

@testable import MartletTokenizers

/// Ids of llama.cpp for the SentencePiece models of GGUF files, as Scripts/tokenizer-gguf-goldens.py writes
/// them.
@Suite struct SentencePieceGGUFTests {
    private func parts(_ setting: JSONValue) throws -> SentencePieceParts {
        let isUnigram = setting["model"]?.string == "t5"
        let file = try Goldens.json(isUnigram ? "SentencePiece/xlmr.json" : "SentencePiece/llama.json")
        let vocabulary = try #require(file["tokenizer"]?["model"]?["vocab"])
        var tokens: [String] = []
        var scores: [Float] = []
        if isUnigram {
            for piece in try #require(vocabulary.array) + [.array([.string("<mask>"), .number(0)])] {
                tokens.append(try #require(piece[0]?.string))
                scores.append(Float(try #require(piece[1]?.double)))
            }
        } else {
            let members = try #require(vocabulary.object?.members)
            tokens = Array(repeating: "", count: members.count)
            for member in members { tokens[try #require(member.value.int)] = member.key }
            scores = tokens.indices.map { -Float($0 / 3) }
        }
        var types = Array(repeating: SentencePieceParts.PieceType.normal.rawValue, count: tokens.count)
        for member in try #require(setting["types"]?.object?.members) {
            types[try #require(Int(member.key))] = try #require(member.value.int)
        }
        var parts = SentencePieceParts(
            isUnigram ? .unigram : .pairs, tokens: tokens, scores: scores, types: types)
        if setting["charsmap"]?.bool == true { parts.charsmap = Goldens.bytes("SentencePiece/nmt_nfkc.bin") }
        parts.addsSpacePrefix = setting["space"]?.bool
        parts.removesExtraSpaces = setting["merge"]?.bool
        parts.bos = setting["bos"]?.int
        parts.eos = setting["eos"]?.int
        parts.unknown = setting["unknown"]?.int
        parts.addsBOS = setting["addsBOS"]?.bool
        parts.addsEOS = setting["addsEOS"]?.bool
        return parts
    }

    @Test(arguments: ["xlmr", "plain", "bare", "llama", "gemma"])
    func agrees(name: String) throws {
        let models = try Goldens.json("SentencePiece/gguf.json")["models"]?.array ?? []
        let setting = try #require(models.first { $0["name"]?.string == name })
        let tokenizer = try Tokenizer(sentencePiece: try parts(setting), file: "m.gguf")
        let cases = setting["cases"]?.array ?? []
        #expect(cases.count > 200)
        for example in cases {
            let text = try #require(example[0]?.string)
            let encoding = tokenizer.encode(text, withOffsets: true)
            #expect(encoding.ids == Goldens.ids(example[1]), "\(text.debugDescription)")
            #expect(encoding.offsets?.allSatisfy { $0.upperBound <= text.utf8.count } == true)
        }
    }

    @Test func decodes() throws {
        var parts = SentencePieceParts(
            .pairs, tokens: ["<unk>", "<s>", "</s>", "\u{2581}", "a", "\u{2581}a", "<0x0A>"],
            scores: [0, 0, 0, -1, -2, -3, 0])
        parts.types = [2, 3, 3, 1, 1, 1, 6]
        let tokenizer = try Tokenizer(sentencePiece: parts, file: "m.gguf")
        let encoding = tokenizer.encode("a a\n?", withOffsets: true)
        #expect(encoding.ids == [1, 5, 5, 6, 0])
        #expect(encoding.offsets == [0..<0, 0..<1, 1..<3, 3..<4, 4..<5])
        #expect(tokenizer.decode(encoding.ids) == "a a\n")
        #expect(tokenizer.encode("").ids == [1] && tokenizer.kind.hasPrefix("BPE, 7 tokens"))
    }

    @Test func namesWhatIsWrong() {
        func error(_ change: (inout SentencePieceParts) -> Void) -> String {
            var parts = SentencePieceParts(.unigram, tokens: ["<pad>", "</s>", "<unk>"], scores: [0, 0, 0])
            change(&parts)
            do throws(TokenizerError) {
                _ = try Tokenizer(sentencePiece: parts, file: "m.gguf")
                return ""
            } catch {
                return error.message
            }
        }
        #expect(error { _ in } == "")
        #expect(
            error { $0.scores = [0] }
                == "m.gguf: expected a score and a type for each of the 3 tokens, found 1 scores")
        #expect(
            error { $0.types = [1] }
                == "m.gguf: expected a score and a type for each of the 3 tokens, found 3 scores, 1 types")
        #expect(
            error { $0.scores[1] = .infinity }
                == "m.gguf: expected the score of piece 1 to be a finite number, found inf")
        #expect(
            error { $0.unknown = 3 }
                == "m.gguf: the id 3 given for the unknown token is not in the vocabulary")
        #expect(
            error { $0.eos = -1 }
                == "m.gguf: the id -1 given for the token after a text is not in the vocabulary")
        #expect(
            error { $0.addsBOS = true } == "m.gguf: a token goes before each text, but no id is given for it")
        #expect(
            error { $0.charsmap = [1, 2] }
                == "m.gguf: the charsmap is not a size, a double array and replacements")
        #expect(error { ($0.tokens, $0.scores) = ([], []) } == "m.gguf: the vocabulary has no pieces")
    }
}
