import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletTokenizers

@Suite struct BPETests {
    /// Smallest tokenizer.json with the parts given.
    private func json(_ vocabulary: String, _ merges: String, _ options: String = "", rest: String = "")
        -> [UInt8]
    {
        Array(#"{"model":{"type":"BPE",\#(options)"vocab":\#(vocabulary),"merges":\#(merges)}\#(rest)}"#.utf8)
    }

    /// Every pair of a few letters merges, in a seeded order: by looking for the lowest rank, and by what the
    /// model does.
    @Test func mergesLongAndShortWordsAlike() throws {
        var random = SplitMix64(state: 5)
        var tokens = ["a", "b", "c"]
        var merges: [(String, String)] = []
        while merges.count < 60 {
            let pair = (tokens[random.below(tokens.count)], tokens[random.below(tokens.count)])
            let merged = pair.0 + pair.1
            if merged.count <= 6, !tokens.contains(merged) {
                tokens.append(merged)
                merges.append(pair)
            }
        }
        let vocabulary = tokens.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
        let pairs = merges.map { "[\"\($0)\",\"\($1)\"]" }.joined(separator: ",")
        let tokenizer = try Tokenizer(json: json("{\(vocabulary)}", "[\(pairs)]"), file: "t.json")
        for length in Array(1...100) + [300] {
            let word = (0..<length).map { _ in tokens[random.below(3)] }
            var symbols = word
            while let place = symbols.indices.dropLast().min(by: { rank($0) < rank($1) }),
                rank(place) < Int.max
            {
                symbols.replaceSubrange(place...place + 1, with: [symbols[place] + symbols[place + 1]])
            }
            func rank(_ place: Int) -> Int {
                merges.firstIndex { $0 == (symbols[place], symbols[place + 1]) } ?? Int.max
            }
            let encoding = tokenizer.encode(word.joined(), withOffsets: true)
            #expect(encoding.ids.map { tokens[Int($0)] } == symbols)
            #expect(encoding.offsets?.map(\.count) == symbols.map(\.utf8.count))
            #expect(tokenizer.encode(word.joined()).ids == encoding.ids)
        }
    }

    @Test func readsBothFormsOfMerges() throws {
        let vocabulary = #"{"a":0,"b":1,"ab":2," ":3,"ab ":4}"#
        let old = try Tokenizer(json: json(vocabulary, ##"["#version: 0.2","a b"]"##), file: "t.json")
        let new = try Tokenizer(json: json(vocabulary, #"[["a","b"],["ab"," "]]"#), file: "t.json")
        #expect(old.encode("ab ").ids == [2, 3] && new.encode("ab ").ids == [4])
        #expect(old.encode("axb").ids == [2] && old.kind == "BPE, 5 tokens")
    }

    @Test(arguments: [
        (#"{"a":0}"#, #"["a b"]"#, "", #"model.merges[0] names the token "b""#),
        (#"{"a":0,"b":1}"#, #"["a b"]"#, "", "model.merges[0] makes a token"),
        (#"{"a":0,"b":1,"ab":2}"#, #"["a b",["a"]]"#, "", "model.merges[1] is not a pair"),
        (#"{"a":0,"b":1,"ab":2}"#, #"["a b c"]"#, "", "model.merges[0] is not a pair"),
        (#"{"a":0}"#, #"[7]"#, "", "in model.merges, "),
        (#"{"a":0}"#, "{}", "", "expected model.merges to be an array"),
        (#"[["a",0]]"#, "[]", "", "expected model.vocab to be an object"),
        (#"{"a":0}"#, "[]", #""unk_token":"<unk>","#, "'<unk>' of model.unk_token"),
        (#"{"a":0}"#, "[]", #""fuse_unk":1,"#, "expected model.fuse_unk to be true or false"),
    ])
    func namesWhatIsWrong(vocabulary: String, merges: String, options: String, message: String) {
        #expect { try Tokenizer(json: json(vocabulary, merges, options), file: "t.json") } throws: { error in
            "\(error)".hasPrefix("t.json: ") && "\(error)".contains(message)
        }
    }

    @Test(arguments: [
        (
            #""pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"}"#,
            "pre_tokenizer.pattern.Regex: the pattern \"(a\""
        ),
        (
            #""pre_tokenizer":{"type":"Split","pattern":{"Regex":"a"},"behavior":"Both"}"#,
            "pre_tokenizer.behavior to be one of Removed"
        ),
        (
            #""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Nope"}]}"#,
            "pre_tokenizer.pretokenizers[0] has the type 'Nope'"
        ),
        (
            #""normalizer":{"type":"Replace","pattern":7,"content":""}"#,
            "expected normalizer.pattern to be an object"
        ),
        (
            #""decoder":{"type":"Strip","content":"ab","start":1,"stop":0}"#,
            "expected decoder.content to be one character"
        ),
        (
            #""post_processor":{"type":"RobertaProcessing","sep":["a"],"cls":["a",0]}"#,
            "expected post_processor.sep to be a token and its id"
        ),
    ])
    func namesPartThatIsWrong(part: String, message: String) {
        #expect { try Tokenizer(json: json(#"{"a":0}"#, "[]", rest: "," + part), file: "t.json") } throws: {
            error in
            "\(error)".hasPrefix("t.json: ") && "\(error)".contains(message)
        }
    }

    /// Texts of more than one piece: where they are cut must not show.
    @Test(arguments: ["qwen2", "gpt2", "llama3"]) func piecesDoNotShow(name: String) throws {
        let local = try KindTests.tokenizer(name)
        var whole = Array(String(decoding: Goldens.bytes("Kinds/\(name).json"), as: UTF8.self).utf8)
        // The same pattern in other words has no scanner, and then texts are not cut.
        if name == "gpt2" {
            let split =
                #"{"type":"Split","pattern":{"Regex":"(?:\#(escaped(KnownPatterns.gpt2)))"},"behavior":"Isolated"}"#
            whole = replacing(
                #""pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"#,
                in: whole
            ) {
                _ in
                #""pre_tokenizer":{"type":"Sequence","pretokenizers":[\#(split),"#
                    + #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}"#
            }
        } else {
            whole = replacing(#""Regex":"(?i:"#, in: whole) { _ in #""Regex":"(?:)(?i:"# }
        }
        let general = try Tokenizer(json: whole, file: "\(name).json")
        #expect(local.splitsLocally && !general.splitsLocally)
        var random = SplitMix64(state: 3)
        let parts = [
            "  ", " ", "\n", " \n", "\u{3000}", "\u{A0}", "word", "it's", "12345", "\u{4F60}\u{597D}", "...",
            "\u{301}", "\t", "e",
            "\u{E9}t\u{E9}",
        ]
        let text = (0..<6000).map { _ in parts[random.below(parts.count)] }.joined()
        let found = local.encode(text, withOffsets: true)
        #expect(found == general.encode(text, withOffsets: true) && found.ids == local.encode(text).ids)
    }

    private func escaped(_ pattern: String) -> String {
        var text: [UInt8] = []
        JSONText.append(pattern, to: &text)
        return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
    }

    private func replacing(_ part: String, in text: [UInt8], by make: (String) -> String) -> [UInt8] {
        let part = Array(part.utf8)
        guard let place = text.indices.first(where: { text[$0...].starts(with: part) }) else { return [] }
        return text[..<place] + Array(make("").utf8) + text[(place + part.count)...]
    }

    /// One thread's memory serves several tokenizers.
    @Test func memoryIsNotMixedUp() throws {
        let tokenizers = try ["qwen2", "clip", "fallback", "wordlevel"].map(KindTests.tokenizer)
        let scratch = TokenizerScratch()
        for text in try KindTests.torture() {
            for tokenizer in tokenizers {
                var ids: [Int32] = []
                _ = Array(text.utf8).withUnsafeBytes {
                    tokenizer.encode(utf8: $0, into: &ids, scratch: scratch)
                }
                #expect(ids == tokenizer.encode(text).ids)
            }
        }
    }

    /// A model that stands where one stood that is gone does not take its memory.
    @Test func memoryIsNotInherited() throws {
        let files = [
            json(#"{"a":0}"#, "[]"), json(#"{"b":0,"a":1}"#, "[]"),
            Array(#"{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["b",-1],["a",-1]]}}"#.utf8),
        ]
        let scratch = TokenizerScratch()
        for round in 0..<60 {
            let tokenizer = try Tokenizer(json: files[round % 3], file: "t.json")
            var ids: [Int32] = []
            _ = Array("a".utf8).withUnsafeBytes { tokenizer.encode(utf8: $0, into: &ids, scratch: scratch) }
            #expect(ids == [Int32(round % 3)])
        }
    }

    @Test(arguments: [
        (
            GGUFSpecialTokens(addsBOS: true),
            "m.gguf: a token goes before each text, but no id is given for it"
        ),
        (
            GGUFSpecialTokens(bos: 0, addsBOS: true, addsEOS: true),
            "m.gguf: a token goes after each text, but no id is given for it"
        ),
    ])
    func namesTokenThatIsMissing(specials: GGUFSpecialTokens, message: String) {
        #expect {
            try Tokenizer(ggufTokens: ["a"], merges: [], pre: "gpt-2", specials: specials, file: "m.gguf")
        } throws: { error in
            (error as? TokenizerError)?.code == .missingToken && "\(error)" == message
        }
    }

    @Test(arguments: [
        ("gpt2", "gpt-2"), ("qwen2", "qwen2"), ("modernbert", "modern-bert"), ("llama3", "llama-bpe"),
    ])
    func readsGGUF(name: String, pre: String) throws {
        let plain = try KindTests.tokenizer(name)
        let file = try Goldens.json("Kinds/\(name).json")
        let tokens = (0..<plain.vocabularySize).map { plain.token(id: $0) ?? "" }
        let merges = (file["model"]?["merges"]?.array ?? []).compactMap { pair in
            pair.array.map { $0.compactMap(\.string).joined(separator: " ") } ?? pair.string
        }
        #expect(merges.count > 1000)
        let types = tokens.indices.map { id in plain.added[Int32(id)].map { $0.isSpecial ? 3 : 4 } ?? 1 }
        let (before, after) = plain.specialTokens
        let specials = GGUFSpecialTokens(
            bos: before.first.map { Int($0) }, eos: after.first.map { Int($0) }, mask: plain.id(of: "[MASK]"),
            addsBOS: !before.isEmpty,
            addsEOS: !after.isEmpty)
        let tokenizer = try Tokenizer(
            ggufTokens: tokens, merges: merges, pre: pre, types: types, specials: specials, file: "m.gguf")
        for text in try KindTests.torture() {
            let encoding = tokenizer.encode(text)
            #expect(encoding.ids == plain.encode(text).ids, "\(text.debugDescription)")
            #expect(tokenizer.decode(encoding.ids).utf8.elementsEqual(plain.decode(encoding.ids).utf8))
        }
        #expect {
            try Tokenizer(ggufTokens: tokens, merges: merges, pre: "odd", specials: specials, file: "m.gguf")
        } throws: {
            "\($0)".hasPrefix(
                "m.gguf: tokenizer.ggml.pre is 'odd', which is not supported; supported: gpt-2, ")
        }
        #expect(throws: TokenizerError.self) {
            try Tokenizer(ggufTokens: tokens, merges: merges, pre: nil, specials: specials, file: "m.gguf")
        }
        #expect {
            try Tokenizer(ggufTokens: tokens, merges: ["a"], pre: pre, specials: specials, file: "m.gguf")
        } throws: {
            "\($0)" == "m.gguf: tokenizer.ggml.merges[0] is not a pair of tokens"
        }
    }

    /// Seeded mutations of files of each kind: a tokenizer that encodes, or an error.
    @Test(arguments: ["fallback", "modernbert", "wordlevel", "prefixed"]) func survivesMutatedFiles(
        name: String
    ) throws {
        let seed = Goldens.bytes("Kinds/\(name).json")
        // Everything but most of the vocabulary, where mutations are of one kind.
        let head = Array(seed.prefix(4000))
        let interesting = Array("{}[]\",:\\09e-.tn()*|".utf8) + [0x80, 0xFF]
        var random = SplitMix64(state: 11)
        for round in 0..<60 {
            var bytes = seed
            for _ in 0...random.below(3) {
                let place = random.below(head.count)
                if round % 2 == 0 {
                    bytes[place] = interesting[random.below(interesting.count)]
                } else {
                    bytes.insert(interesting[random.below(interesting.count)], at: place)
                }
            }
            if round % 5 == 0 { bytes.removeLast(random.below(bytes.count)) }
            do {
                let encoding = try Tokenizer(json: bytes, file: "mutated.json").encode(
                    "a <mask> \u{C9}t\u{E9} 12 [SEP]", withOffsets: true)
                #expect(encoding.offsets?.count == encoding.ids.count)
            } catch {
                #expect(error.message.hasPrefix("mutated.json: "))
            }
        }
    }
}
