import MartletTestSupport
import Testing

@testable import MartletTokenizers

@Suite struct SentencePiecePartTests {
    private func prefixes(_ trie: PieceTrie, _ text: [UInt8]) -> [[Int]] {
        var found: [[Int]] = []
        trie.withReader { reader in
            text.withUnsafeBufferPointer { text in
                reader.forEachPrefix(of: text, from: 0, to: text.count) { found.append([$0, $1]) }
            }
        }
        return found
    }

    /// Against a search through all pieces: few letters, so that nodes branch and tails split; empty, equal
    /// and binary pieces too.
    @Test func trieFindsEveryPrefix() {
        var random = SplitMix64(state: 11)
        for (count, letters, longest) in [(1, 2, 3), (40, 2, 6), (300, 3, 9), (2000, 256, 4), (3000, 5, 12)] {
            let pieces = (0..<count).map { _ in
                (0..<random.below(longest + 1)).map { _ in UInt8(random.below(letters)) }
            }
            let trie = PieceTrie(
                bytes: pieces.flatMap { $0 },
                starts: pieces.reduce(into: [0]) { $0.append(($0.last ?? 0) + UInt32($1.count)) })
            let last = Dictionary(pieces.enumerated().map { ($1, $0) }) { $1 }
            for round in 0..<300 {
                var text = pieces[random.below(count)] + pieces[random.below(count)]
                if round % 3 == 0 { text.append(UInt8(random.below(256))) }
                let expected = (1..<max(2, text.count + 1)).compactMap { end in
                    end <= text.count ? last[Array(text[..<end])].map { [$0, end] } : nil
                }
                #expect(prefixes(trie, text) == expected)
            }
        }
        #expect(prefixes(PieceTrie(bytes: [], starts: [0]), [1, 2]).isEmpty)
    }

    /// The reference library's parser divides by a power of ten, which these show; the nearest doubles end in
    /// other digits.
    @Test func scoresRoundAsInTheReference() throws {
        func score(_ text: String) throws -> Double {
            let json = Array("[[\"a\",\(text)]]".utf8)
            return try #require(
                try json.withUnsafeBytes { try ScoredPieces(jsonArray: $0, file: "t.json") }.scores.first)
        }
        #expect(try score("10.055641601044167") == 10.055641601044169)
        #expect(try score("14.069607845874941") == 14.06960784587494)
        #expect(try score("-14.501307371644181") == -14.50130737164418)
        #expect(try score("-0.5") == -0.5)
        #expect(try score("0") == 0)
        #expect(try score("-1e-3") == -0.001)
        #expect(try score("12345678901234567890123.5e2") == 1.2345678901234567e24)
        #expect(throws: TokenizerError.self) { try score("1e999") }
        #expect(throws: TokenizerError.self) { try score("-") }
    }

    @Test func readsVocabulariesOfAnyForm() throws {
        func read(_ json: String) throws -> ScoredPieces {
            try Array(json.utf8).withUnsafeBytes { try ScoredPieces(jsonArray: $0, file: "t.json") }
        }
        let plain = try read(#"[["a",-1.5],["\u2581\ud83d\ude00\n\"",2], [ "é" , 3e0 ]]"#)
        #expect(plain.scores == [-1.5, 2, 3])
        #expect(String(decoding: plain.bytes, as: UTF8.self) == "a\u{2581}\u{1F600}\n\"\u{E9}")
        #expect(plain.starts == [0, 1, 10, 12])
        for (json, message) in [
            ("[]", "t.json: the vocabulary has no pieces"), ("{}", "expected"),
            (#"[["a"]]"#, "expected model.vocab[0] to be a piece and its score"),
            (#"[["a",1],["b",2,3]]"#, "expected model.vocab[2] to be a piece and its score"),
            (#"[["a","b"]]"#, "in model.vocab[0], expected a number"),
            (#"[["\ud800",1]]"#, "surrogate"), (#"[["a",1]"#, "in model.vocab[1]"),
            (#"["a",1]"#, "in model.vocab[0]"),
            (#"[["a",01]]"#, "zero"),
        ] {
            #expect {
                try read(json)
            } throws: { error in
                "\(error)".contains(message)
            }
        }
    }

    private func unigram(
        _ members: String, pieces: String = #"["<unk>",0],["a",-1],["b",-1.5],["ab",-2.5],["\u2581",-3]"#
    ) -> [UInt8] {
        Array(#"{"model":{"type":"Unigram",\#(members)"vocab":[\#(pieces)]}}"#.utf8)
    }

    @Test func ofEqualSegmentationsTheLongerPieceWins() throws {
        let tokenizer = try Tokenizer(json: unigram(#""unk_id":0,"#), file: "t.json")
        #expect(tokenizer.encode("abab").ids == [3, 3])
        #expect(tokenizer.encode("axyb").ids == [1, 0, 2])
        #expect(tokenizer.kind == "Unigram, 5 tokens")
    }

    @Test func fallsBackToBytes() throws {
        let bytes = (0..<256).map {
            "[\"<0x\($0 < 16 ? "0" : "")\(String($0, radix: 16, uppercase: true))>\",0]"
        }.joined(separator: ",")
        let json = unigram(#""unk_id":0,"byte_fallback":true,"#, pieces: #"["<unk>",0],["a",-1],"# + bytes)
        let encoding = try Tokenizer(json: json, file: "t.json").encode("a\u{E9}\u{1}a", withOffsets: true)
        #expect(encoding.ids == [1, 197, 171, 3, 1] as [Int32])
        #expect(encoding.offsets == [0..<1, 1..<4, 1..<4, 1..<4, 4..<5])
        let some = unigram(#""unk_id":0,"byte_fallback":true,"#, pieces: #"["<unk>",0],["<0xC3>",0]"#)
        #expect(try Tokenizer(json: some, file: "t.json").encode("\u{E9}").ids == [0])
    }

    @Test func unigramNeedsItsUnknown() {
        for (members, message) in [
            (#""unk_id":9,"#, "t.json: model.unk_id is 9, but model.vocab has 5 pieces"),
            ("", "t.json: expected model.unk_id to be a whole number from 0 to 2147483647, found nothing"),
        ] {
            #expect {
                try Tokenizer(json: unigram(members), file: "t.json")
            } throws: {
                "\($0)" == message
            }
        }
    }

    /// Linear in a word without end, and no deeper than a shallow one.
    @Test func readsEndlessWords() throws {
        let tokenizer = try Tokenizer(json: unigram(#""unk_id":0,"#), file: "t.json")
        #expect(
            tokenizer.encode(String(repeating: "ab", count: 50_000)).ids == Array(repeating: 3, count: 50_000)
        )
        #expect(tokenizer.encode(String(repeating: "x", count: 100_000)).ids == [0])
    }

    @Test func metaspaceOptions() throws {
        func words(_ options: String, _ text: String) throws -> [String] {
            let json =
                #"{"model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0}},"pre_tokenizer":{"type":"Metaspace"\#(options)}}"#
            let tokenizer = try Tokenizer(json: Array(json.utf8), file: "t.json")
            return tokenizer.words(of: text)
        }
        #expect(try words("", "a  b") == ["\u{2581}a", "\u{2581}", "\u{2581}b"])
        #expect(try words(#","replacement":"_","prepend_scheme":"never""#, "a b_c") == ["a", "_b", "_c"])
        #expect(try words(#","replacement":"_","add_prefix_space":false"#, "a b") == ["a", "_b"])
        #expect(try words(#","replacement":"_","add_prefix_space":true,"split":false"#, "a b") == ["_a_b"])
        #expect(try words(#","prepend_scheme":"first""#, " a") == ["\u{2581}a"])
        for options in [
            #","replacement":"__""#, #","prepend_scheme":"last""#,
            #","prepend_scheme":"always","add_prefix_space":false"#,
        ] {
            #expect(throws: TokenizerError.self) { try words(options, "a") }
        }
    }

    /// Seeded mutations of a charsmap: rules or an error, but no access out of bounds.
    @Test func survivesMutatedCharsmaps() {
        let seed = Goldens.bytes("SentencePiece/nmt_nfkc.bin")
        let text = Array(
            "a\u{301}\u{FB03} \u{2122}\u{1E}\u{2460}\u{FF76}\u{FF9E} \u{AC01}\u{301}\r\n\u{0}x\u{1F600}".utf8)
        #expect(Charsmap(seed) != nil)
        for bytes in [[], [4, 0, 0], [8, 0, 0, 0, 1, 2, 3, 4]] as [[UInt8]] {
            #expect(Charsmap(bytes) == nil)
        }
        #expect(Charsmap(seed.dropLast()) == nil)
        for count in [1024, 1025] {
            #expect(
                (Charsmap(seed + Array(repeating: UInt8(ascii: "a"), count: count) + [0]) == nil)
                    == (count > 1024))
        }
        var random = SplitMix64(state: 5)
        // The array's first kilobytes lead everywhere, so a short one meets all checks.
        let short =
            [UInt8](arrayLiteral: 0, 8, 0, 0) + seed[4..<4 + 2048]
            + seed.suffix(64).drop { $0 & 0xC0 == 0x80 }
        var made = 0
        for round in 0..<400 {
            var bytes = short
            for _ in 0..<1 + random.below(200) {
                bytes[(round % 4 == 0 ? 0 : 4) + random.below(bytes.count - 4)] = UInt8(random.below(256))
            }
            guard let charsmap = Charsmap(bytes) else { continue }
            made += 1
            let output = TextBuffer()
            text.withUnsafeBufferPointer { Precompiled(charsmap).normalize(AlignedText($0), into: output) }
        }
        #expect(made > 50)
    }

    /// Seeded mutations and truncations of a tokenizer.json: a tokenizer that encodes, or an error.
    @Test func survivesMutatedFiles() {
        let map = Goldens.bytes("SentencePiece/nmt_nfkc.bin")
        let charsmap = SentencePieceGoldenTests.Kind.base64(
            [0, 4, 0, 0] + map[4..<4 + 1024] + Array("ab\u{0}c\u{0}".utf8))
        let seed = Array(
            """
            {"normalizer":{"type":"Precompiled","precompiled_charsmap":"\(String(decoding: charsmap, as: UTF8.self))"},
             "pre_tokenizer":{"type":"Metaspace","replacement":"\u{2581}","prepend_scheme":"always","split":true},\
            "decoder":{"type":"Metaspace"},
             "model":{"type":"Unigram","unk_id":0,"byte_fallback":true,\
            "vocab":[["<unk>",0],["a",-1.25],["\u{2581}",-1e1],["\\u2581ab",-2.0]]}}
            """.utf8)
        let interesting = Array("{}[]\",:\\09e-.tnA=".utf8) + [0x80, 0xFF]
        var random = SplitMix64(state: 17)
        var made = 0
        for round in 0..<1500 {
            var bytes = seed
            for _ in 0...random.below(3) {
                // Mostly in the text behind the charsmap.
                let place =
                    random.below(4) == 0 ? random.below(bytes.count) : bytes.count - 1 - random.below(300)
                switch random.below(3) {
                case 0: bytes[place] = interesting[random.below(interesting.count)]
                case 1: bytes.remove(at: place)
                default: bytes.insert(interesting[random.below(interesting.count)], at: place)
                }
            }
            if round % 7 == 0 { bytes.removeLast(random.below(bytes.count)) }
            do throws(TokenizerError) {
                let tokenizer = try Tokenizer(json: bytes, file: "mutated.json")
                made += 1
                _ = tokenizer.decode(tokenizer.encode("ab e\u{301}\t\u{4E00} a").ids)
            } catch {
                #expect(error.message.hasPrefix("mutated.json: "))
            }
        }
        #expect(made > 15 && made < 1450)
    }
}

extension Tokenizer {
    /// What the model would be given.
    fileprivate func words(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { bytes in
            let list = WordList()
            list.begin(AlignedText(bytes), startsText: true)
            preTokenizer?.preTokenize(list)
            return list.withText { text in list.words.map { String(decoding: text.bytes[$0], as: UTF8.self) }
            }
        }
    }
}
