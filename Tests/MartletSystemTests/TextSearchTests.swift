import MartletSystem
import Testing

@Suite("Text in text")
struct TextSearchTests {
    @Test(
        "a text is found where its bytes are",
        arguments: [
            ("tokenizer \"ByteLevel\"", "\"ByteLevel\"", 10), ("aab", "ab", 1), ("aab", "aab", 0),
            ("Füße", "ße", 3),
            ("a", "", 0), ("", "", 0),
        ])
    func found(whole: String, text: String, offset: Int) {
        #expect(whole.utf8Offset(of: text) == offset)
        #expect(whole.holds(text))
    }

    @Test(
        "what does not occur is not found",
        arguments: [("ab", "abc"), ("", "a"), ("aXb", "ab"), ("Füße", "ss")])
    func absent(whole: String, text: String) {
        #expect(whole.utf8Offset(of: text) == nil)
        #expect(!whole.dropFirst().holds(text))
    }

    @Test("each occurrence is replaced")
    func replaced() {
        #expect("key=ß1, again ß1ß1".replacing(each: "ß1", by: "…") == "key=…, again ……")
        #expect("none".replacing(each: "x", by: "y") == "none")
        #expect("aaa".replacing(each: "aa", by: "a") == "aa")
        #expect("abc".dropFirst().replacing(each: "", by: "y") == "bc")
        #expect("".replacing(each: "x", by: "y") == "" && "x".replacing(each: "x", by: "") == "")
        #expect("ab".replacing(each: "abc", by: "y") == "ab")
    }

    /// A text that is copied for each occurrence would take minutes.
    @Test("many occurrences take no more time than the text is long", .timeLimit(.minutes(1)))
    func many() {
        let text = String(repeating: "ab", count: 1_000_000).replacing(each: "b", by: "cd")
        #expect(text.utf8.count == 3_000_000 && text.hasPrefix("acdacd") && text.hasSuffix("acd"))
    }
}
