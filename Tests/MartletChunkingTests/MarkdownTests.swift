import Testing

@testable import MartletChunking

@Suite struct MarkdownTests {
    static func chunks(_ text: String, _ maxTokens: Int = 256) throws -> [Chunk] {
        let counter = try Tokenizers.counter("bert")
        let chunks = try MarkdownChunker(size: .init(maxTokens: maxTokens)).chunks(
            of: Document(text), measuring: counter)
        Promises.check(chunks, of: text, counter, budget: maxTokens)
        return chunks
    }

    static func kinds(_ text: String) -> [MarkdownBlocks.Kind] {
        MarkdownBlocks.all(of: SourceText(text)).map(\.kind)
    }

    @Test func headingsMakeAPath() throws {
        let chunks = try Self.chunks(
            """
            Before all.

            # Kitchen ##

            Boil a litre.

            ## Pasta

            Ten minutes.

            Sauces
            ------

            Tomato.

            # Garden

            ### Roses

            Cut them.
            """)
        #expect(
            chunks.map(\.headings) == [
                [], ["Kitchen"], ["Kitchen", "Pasta"], ["Kitchen", "Sauces"], ["Garden", "Roses"],
            ])
        #expect(chunks.map(\.line) == [1, 3, 7, 11, 16])
        #expect(chunks[4].text == "# Garden\n\n### Roses\n\nCut them.")
    }

    @Test(
        arguments: [
            ("- a\n- b\n\n  more\n- c\n", [.list]), ("1. a\n2) b\n", [.list]), ("* a\nlazy\n", [.list]),
            ("- a\n\nb\n", [.list, .paragraph]),
            ("- a\n  ```\n\n  x\n  ```\n- b\n", [.list]),
            ("```\n# no\n\n- no\n```\ntext\n", [.code, .paragraph]),
            ("~~~~\n~~~\n~~~~\na", [.code, .paragraph]),
            ("```\nopen", [.code]), ("| a | b |\n|---|:-:|\n| 1 | 2 |\n\nx", [.table, .paragraph]),
            ("a | b\nno table", [.paragraph]),
            ("> a\n> b\nlazy\n\nc", [.quote, .paragraph]),
            ("a\n\n---\n\nb", [.paragraph, .rule, .paragraph]),
            ("a\n---\nb", [.heading(level: 2), .paragraph]),
            ("a\n===\n", [.heading(level: 1)]), ("    code\n\n    more\ntext", [.code, .paragraph]),
            ("#no\n####### no", [.paragraph]),
            ("<div>\na\n</div>\n\nb", [.html, .paragraph]), ("<https://a.b>", [.paragraph]),
            ("<!-- TODO: no\n\n# no\n-->\n# a", [.html, .heading(level: 1)]),
            ("a\n<PRE>\n# no\n\n# no\n</Pre> b\nc", [.paragraph, .html, .paragraph]),
            ("<!-- a -->\nb", [.html, .paragraph]), ("<prefix>\n\n# a", [.html, .heading(level: 1)]),
            ("---\ntitle: x\n\n---\n# A\n", [.code, .heading(level: 1)]),
            ("---\n\nno front matter", [.rule, .paragraph]), ("****\n* * *\n", [.rule, .rule]),
            ("*a* b", [.paragraph]), ("2024. a year", [.list]),
            ("", []), ("\n\n", []),
        ] as [(String, [MarkdownBlocks.Kind])])
    func blocks(text: String, kinds: [MarkdownBlocks.Kind]) { #expect(Self.kinds(text) == kinds) }

    @Test(
        arguments: [
            "```\n" + (0..<12).map { "line \($0)\n" }.joined() + "```\n",
            "| a | b |\n|---|---|\n" + (0..<12).map { "| row | \($0) |\n" }.joined(),
            (0..<12).map { "- The cat sat. Item \($0).\n" }.joined(),
            (0..<12).map { "> The cat sat. Line \($0).\n" }.joined(),
        ])
    func blocksStayWholeWhereTheyFit(block: String) throws {
        let counter = try Tokenizers.counter("bert")
        let before = String(repeating: "The cat sat on the mat. ", count: 10) + "\n\n"
        let chunks = try Self.chunks(before + block + "\nThe end.\n", counter.count(block) + 12)
        #expect(chunks.contains { $0.text.contains(block) }, "\(chunks.map(\.text))")
    }

    @Test func blocksThatDoNotFitAreCutBetweenTheirParts() throws {
        for (block, beginning) in [
            ((0..<60).map { "- Item \($0) is here. And more.\n" }.joined(), "- Item"),
            ("| a | b |\n|---|---|\n" + (0..<60).map { "| row | \($0) |\n" }.joined(), "| "),
            ("```\n" + (0..<60).map { "line \($0) of code\n" }.joined() + "```\n", "line "),
        ] {
            let chunks = try Self.chunks(block, 64)
            #expect(chunks.count > 3)
            #expect(
                chunks.dropFirst().allSatisfy { $0.text.hasPrefix(beginning) || $0.text == "```\n" },
                "\(chunks.map(\.text))")
        }
    }

    @Test func nothingIsLostOfRandomTexts() throws {
        var random = RandomText(seed: 11)
        for round in 0..<60 {
            let counter = try Tokenizers.counter(["bert", "Kinds/gpt2", "SentencePiece/xlmr"][round % 3])
            let text = random.next(random.below(500))
            let budget = counter.count("") + 30 + random.below(80)
            let chunks = try MarkdownChunker(size: .init(maxTokens: budget, overlap: random.below(10)))
                .chunks(of: Document(text), measuring: counter)
            Promises.check(chunks, of: text, counter, budget: budget)
            Promises.checkWords(chunks, of: text, counter, budget: budget)
        }
    }
}
