import Testing

@testable import MartletTokenizers

@Suite struct LongTextTests {
    /// Long texts go through in pieces of 8 KiB: every place of a cut must give the ids of the parts.
    @Test func piecesDoNotShow() throws {
        let tokenizer = try Goldens.tokenizer("uncased")
        for shift in 0..<40 {
            let words =
                String(repeating: "x", count: shift)
                + String(repeating: " na\u{EF}ve, \u{4E00}\u{1112}\u{1161}", count: 1500)
            let expected = words.split(separator: " ").flatMap {
                tokenizer.encode(String($0)).ids.dropFirst().dropLast()
            }
            #expect(tokenizer.encode(words).ids.dropFirst().dropLast().elementsEqual(expected))
        }
    }

    /// Where a normalizer takes away the space, or the character before it, a text must not be cut.
    @Test(
        arguments: [
            (
                #"{"type":"Replace","pattern":{"String":" "},"content":""}"#, #"{"type":"WhitespaceSplit"}"#,
                "a b ", [3]
            ),
            (#"{"type":"ByteLevel"}"#, #"{"type":"WhitespaceSplit"}"#, "a b ", [4, 1, 2]),
            (
                #"{"type":"Replace","pattern":{"String":"x"},"content":" "}"#,
                #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"#, "ax  b", [0, 5, 2, 1]
            ),
        ] as [(String, String, String, [Int32])])
    func cutsOnlyWhereWordsEnd(normalizer: String, preTokenizer: String, part: String, ids: [Int32]) throws {
        let json = #"""
            {"normalizer":\#(normalizer),"pre_tokenizer":\#(preTokenizer),
             "model":{"type":"BPE","vocab":{"a":0,"b":1,"\u0120":2,"ab":3,"a\u0120":4,"\u0120\u0120":5},
                      "merges":[["a","b"],["a","\u0120"],["\u0120","\u0120"]]}}
            """#
        let tokenizer = try Tokenizer(json: Array(json.utf8), file: "t.json")
        for count in [1, 3000] {
            #expect(
                tokenizer.encode(String(repeating: part, count: count)).ids
                    == (0..<count).flatMap { _ in ids })
        }
    }

    @Test func keepsNoMoreThanAskedFor() throws {
        let tokenizer = try Goldens.tokenizer("uncased")
        let bytes = Array(String(repeating: "the never ", count: 100_000).utf8)
        for side in [Truncation.end, .start] {
            var ids: [Int32] = []
            let total = bytes.withUnsafeBytes {
                tokenizer.encode(
                    utf8: $0, into: &ids, maxTokens: 64, truncation: side, scratch: TokenizerScratch())
            }
            #expect(ids.count == 64 && ids.capacity < 20_000)
            let expected = tokenizer.encode("the never").ids.dropFirst().dropLast().count * 100_000 + 2
            #expect(total == expected)
        }
    }

    @Test func longWordsAreUnknown() throws {
        let tokenizer = try Goldens.tokenizer("uncased")
        #expect(tokenizer.encode(String(repeating: "a", count: 1_000_000)).ids == [2, 1, 3])
        #expect(tokenizer.encode(String(repeating: "\u{301}", count: 100_000)).ids == [2, 3])
    }

    @Test func appendsToWhatIsThere() throws {
        let tokenizer = try Goldens.tokenizer("uncased")
        let scratch = TokenizerScratch()
        var ids: [Int32] = [-7]
        let first = Array("the [SEP] never".utf8).withUnsafeBytes {
            tokenizer.encode(utf8: $0, into: &ids, maxTokens: 4, truncation: .start, scratch: scratch)
        }
        let second = Array("the".utf8).withUnsafeBytes {
            tokenizer.encode(utf8: $0, into: &ids, addsSpecialTokens: false, scratch: scratch)
        }
        let whole = tokenizer.encode("the [SEP] never").ids
        var expected: [Int32] = [-7, 2]
        expected += whole.dropLast().suffix(2)
        expected.append(3)
        expected.append(tokenizer.encode("the").ids[1])
        #expect(ids == expected)
        #expect(first == whole.count && second == 1)
    }

    @Test func readsBytesThatAreNotUTF8() throws {
        let tokenizer = try Goldens.tokenizer("uncased")
        for bytes in [
            [0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF, 0xFE],
            [0xF0, 0x9F],
        ]
            as [[UInt8]]
        {
            var ids: [Int32] = []
            _ = (Array("the".utf8) + bytes + Array(" the".utf8)).withUnsafeBytes {
                tokenizer.encode(utf8: $0, into: &ids, scratch: TokenizerScratch())
            }
            #expect(ids == tokenizer.encode("the the").ids)
        }
    }
}
