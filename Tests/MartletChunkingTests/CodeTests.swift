import Testing

@testable import MartletChunking

@Suite struct CodeTests {
    static func chunks(_ text: String, _ name: String, _ maxTokens: Int) throws -> [Chunk] {
        let counter = try Tokenizers.counter("Kinds/gpt2")
        let chunks = try CodeChunker(size: .init(maxTokens: maxTokens)).chunks(
            of: Document(text, name: name), measuring: counter)
        Promises.check(chunks, of: text, counter, budget: maxTokens)
        return chunks
    }

    private static func numbers(_ count: Int) -> String {
        (1...count).map(String.init).joined(separator: ", ")
    }

    /// Each part has more than half of the budget, so that each is a chunk if it stays whole.
    @Test(
        arguments: [
            (
                "a.swift",
                [
                    "/// Adds } two.\nfunc add(a: Int) -> Int {\n    let text = \"{ not a brace\"\n\n    return a\n}\n\n",
                    "/* A comment {{\n\n   over lines. */\nstruct Pair {\n    var a = 1\n\n    var b = 2\n}\n\n",
                    "@main\nenum Main {\n    static func main() {\n        print(1)\n    }\n}\n",
                ]
            ),
            (
                "a.py",
                [
                    "import os\nimport sys\nNAMES = [\n    'a',\n\n    'b',\n]\nOTHER = 'some text here'\n\n",
                    "# About f.\n@cache\ndef f(a):\n    \"\"\"Docs.\n\n    More docs.\"\"\"\n    if a:\n        return 1\n    else:\n        return 2\n\n\n",
                    "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        return 'text text text'\n",
                ]
            ),
            (
                "a.java",
                [
                    "class A {\n    void f() { g('\"'); }\n\n    void h() { g(1, 2, '{', '\\''); }\n}\n\n",
                    "class B {\n    int b;\n\n    void h() { g(\(numbers(18))); }\n}\n",
                ]
            ),
            (
                "a.dart",
                [
                    "f() {\n  h(g('a\"'));\n\n  g(\(numbers(12)));\n}\n\n",
                    "class B {\n    int b;\n\n    void h() { g(\(numbers(12))); }\n}\n",
                ]
            ),
            (
                "a.c",
                [
                    "int a(void)\n{\n    int b = 1;\n    return b + 2 + 3;\n}\n",
                    "int c(void)\n{\n    int d = 1;\n    return d + 2 + 3;\n}\n",
                ]
            ),
        ])
    func declarationsStayWhole(name: String, parts: [String]) throws {
        let counter = try Tokenizers.counter("Kinds/gpt2")
        let budget = parts.map(counter.count).max() ?? 0
        let chunks = try Self.chunks(parts.joined(), name, budget)
        #expect(chunks.map(\.text) == parts)
    }

    @Test func longDeclarationsAreCutAtEmptyLinesAndLines() throws {
        let body = (0..<30).map { "    let value\($0) = compute(\($0))\n" + ($0 % 5 == 4 ? "\n" : "") }
            .joined()
        let chunks = try Self.chunks("func f() {\n\(body)}\n", "a.swift", 150)
        #expect(chunks.count > 3)
        #expect(
            chunks.dropFirst().allSatisfy { $0.text.hasPrefix("    let value") || $0.text == "}\n" },
            "\(chunks.map(\.text))")
    }

    @Test func nothingIsLostOfRandomTexts() throws {
        var random = RandomText(seed: 13)
        for round in 0..<60 {
            let counter = try Tokenizers.counter(["bert", "Kinds/gpt2"][round % 2])
            let text = random.next(random.below(500))
            let budget = counter.count("") + 30 + random.below(80)
            let name = ["a.py", "b.swift", "c.hs", "d.unknown", "Makefile", "e.xml"][round % 6]
            let chunks = try CodeChunker(size: .init(maxTokens: budget, overlap: random.below(10))).chunks(
                of: Document(text, name: name), measuring: counter)
            Promises.check(chunks, of: text, counter, budget: budget)
            Promises.checkWords(chunks, of: text, counter, budget: budget)
        }
    }
}
