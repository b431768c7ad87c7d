import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletTokenizers

@Suite struct SourceTests {
    /// Smallest tokenizer.json with the parts given.
    private func json(
        normalizer: String = "null", preTokenizer: String = #"{"type":"BertPreTokenizer"}"#,
        postProcessor: String = "null",
        model: String = #""type":"WordPiece","unk_token":"[UNK]""#,
        vocabulary: String = ###"{"[UNK]":0,"a":1,"##b":2,"A":3}"###,
        added: String = "[]"
    ) -> [UInt8] {
        Array(
            """
            {"added_tokens":\(added),"normalizer":\(normalizer),"pre_tokenizer":\(preTokenizer),"post_processor":\(postProcessor),
             "model":{\(model),"vocab":\(vocabulary)}}
            """.utf8)
    }

    @Test func readsTokenizerJSON() throws {
        let tokenizer = try Tokenizer(
            json: json(
                normalizer:
                    #"{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}"#,
                postProcessor: #"{"type":"BertProcessing","sep":["[SEP]",9],"cls":["[CLS]",8]}"#),
            file: "t.json")
        #expect(tokenizer.encode("a\u{E0}b \u{C0}").ids == [8, 0, 1, 9])
        #expect(tokenizer.encode("\u{C0}b").ids == [8, 1, 2, 9])
        #expect(tokenizer.kind == "WordPiece, 4 tokens, lowercase")
        #expect(
            tokenizer.token(id: 2) == "##b" && tokenizer.token(id: 4) == nil && tokenizer.token(id: -1) == nil
        )
        #expect(tokenizer.id(of: "A") == 3 && tokenizer.id(of: "B") == nil)
    }

    @Test func readsTypeIDs() throws {
        let template = """
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"X","type_id":0}},{"Sequence":{"id":"A","type_id":1}}],
             "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"X":{"id":"X","ids":[3,1]}}}
            """
        let encoding = try Tokenizer(json: json(postProcessor: template), file: "t.json").encode("ab a")
        #expect(encoding.ids == [3, 1, 1, 2, 1])
        #expect(encoding.typeIDs == [0, 0, 1, 1, 1])
    }

    @Test(arguments: [
        (#"[{"Sequence":{"id":"B","type_id":0}}]"#, "[]", "post_processor.single"),
        ("[]", "[]", "post_processor.single"),
        (
            #"[{"Sequence":{"id":"A","type_id":0}}]"#, #"[{"Sequence":{"id":"A","type_id":0}}]"#,
            "post_processor.pair"
        ),
        (
            #"[{"Sequence":{"id":"A","type_id":0}}]"#,
            #"[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}},{"Sequence":{"id":"B","type_id":0}}]"#,
            "post_processor.pair"
        ),
    ])
    func refusesTemplate(single: String, pair: String, path: String) {
        let template =
            #"{"type":"TemplateProcessing","single":\#(single),"pair":\#(pair),"special_tokens":{}}"#
        #expect { try Tokenizer(json: json(postProcessor: template), file: "t.json") } throws: { error in
            "\(error)".hasPrefix("t.json: expected \(path) to be a template with one Sequence \"A\"")
        }
    }

    /// Added tokens are normalized once, from what the file has.
    @Test func lowercasingKeepsAddedTokens() throws {
        let tokenizer = try Tokenizer(
            json: json(
                normalizer: #"{"type":"Replace","pattern":{"String":"q"},"content":"qq"}"#,
                added: #"[{"id":4,"content":"Q?q","special":false,"normalized":true}]"#), file: "t.json")
        #expect(tokenizer.encode("a Q?q").ids == [1, 4] && tokenizer.encode("a q?q").ids == [1, 0, 0, 0])
        #expect(tokenizer.lowercasing().encode("A q?Q").ids == [1, 4])
    }

    @Test func namesWhatIsNotSupported() {
        #expect { try Tokenizer(json: json(normalizer: #"{"type":"Upside"}"#), file: "t.json") } throws: {
            error in
            "\(error)"
                == "t.json: normalizer has the type 'Upside', which is not supported; supported: "
                + Registry.normalizers.map(\.type).joined(separator: ", ")
        }
        #expect { try Tokenizer(json: json(model: #""type":"Unknown""#), file: "t.json") } throws: {
            ($0 as? TokenizerError)?.code == .unsupportedType
        }
        #expect { try Tokenizer(json: json(preTokenizer: #"{"type":7}"#), file: "t.json") } throws: { error in
            "\(error)" == "t.json: expected pre_tokenizer.type to be a string, found a number"
        }
    }

    @Test(arguments: [
        "{}", #"{"a":0}"#, #"{"[UNK]":-1}"#, #"{"[UNK]":99999999999}"#, #"{"[UNK]":1.5}"#,
        #"{"[UNK]":2000000000}"#, "[]",
        #"{"[UNK]":"0"}"#,
    ])
    func refusesVocabulary(text: String) {
        #expect(throws: TokenizerError.self) { try Tokenizer(json: json(vocabulary: text), file: "t.json") }
    }

    @Test func vocabTextJSONAndGGUFAgree() throws {
        let tokens = Goldens.tokens()
        let plain = try Goldens.tokenizer("uncased")
        let phantom = tokens.map {
            $0.hasPrefix("[") && $0.count > 1
                ? $0 : $0.hasPrefix("##") ? String($0.dropFirst(2)) : "\u{2581}" + $0
        }
        let gguf = try Tokenizer(
            ggufTokens: phantom, specials: .init(cls: 2, sep: 3, unknown: 1), file: "m.gguf")
        for id in tokens.indices {
            #expect(gguf.token(id: id).map { Array($0.utf8) } == Array(tokens[id].utf8))
            #expect(plain.id(of: tokens[id]) == id)
        }
        for example in try Goldens.json("torture.json")["cases"]?.array ?? [] {
            let text = try #require(example["text"]?.string)
            #expect(gguf.encode(text) == plain.encode(text))
        }
    }

    @Test func vocabTextNeedsItsSpecialTokens() throws {
        #expect { try Tokenizer(vocabulary: Array("[UNK]\n[SEP]\na\n".utf8), file: "v.txt") } throws: {
            error in
            "\(error)" == "v.txt: the vocabulary has no token [CLS], which a BERT tokenizer needs"
        }
        #expect(throws: TokenizerError.self) { try Tokenizer(vocabulary: [], file: "v.txt") }
        let windows = try Tokenizer(vocabulary: Array("[UNK]\r\n[SEP]\r\n[CLS]\r\na".utf8), file: "v.txt")
        #expect(windows.encode("a").ids == [2, 3, 1])
        #expect {
            try Tokenizer(ggufTokens: ["\u{2581}a"], specials: .init(cls: 7), file: "m.gguf")
        } throws: {
            ($0 as? TokenizerError)?.code == .missingToken
        }
    }

    /// Seeded mutations and truncations: a tokenizer that encodes, or an error.
    @Test func survivesMutatedFiles() throws {
        var seed: [UInt8] = []
        JSONText.append(try #require(try Goldens.json("flags.json")["tokenizer"]), to: &seed)
        let interesting = Array("{}[]\",:\\09e-.tn".utf8) + [0x80, 0xFF]
        var random = SplitMix64(state: 7)
        var made = 0
        for round in 0..<3000 {
            var bytes = seed
            for _ in 0...random.below(3) {
                let place = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[place] = interesting[random.below(interesting.count)]
                case 1: bytes[place] = UInt8(random.below(256))
                case 2: bytes.remove(at: place)
                default: bytes.insert(interesting[random.below(interesting.count)], at: place)
                }
            }
            if round % 5 == 0 { bytes.removeLast(random.below(bytes.count)) }
            do {
                let tokenizer = try Tokenizer(json: bytes, file: "mutated.json")
                made += 1
                let encoding = tokenizer.encode("a <left> \u{C9}t\u{E9} abcd edge [SEP]")
                _ = tokenizer.decode(encoding.ids)
            } catch {
                #expect(error.message.hasPrefix("mutated.json: "))
            }
        }
        #expect(made > 30 && made < 2900)
    }
}
