import MartletIndex
import Testing

@Suite struct FrontMatterTests {
    private func values(_ text: String) throws -> [String: FrontMatter.Value] {
        try #require(FrontMatter(of: text)).values
    }

    @Test func scalarsAndListsAreRead() throws {
        let text = """
            ---
            title: "A: day" # the title
            year: 2024
            draft: false
            tags: [food, 'two words', "a, b"]
            # a comment
            authors:
              - Ada
              - "Grace Hopper"
            quote: 'it''s'
            empty:
            link: http://example.org/#here
            ---
            # Text
            """
        let found = try #require(FrontMatter(of: text))
        #expect(
            found.values == [
                "title": .scalar("A: day", isQuoted: true), "year": .scalar("2024", isQuoted: false),
                "draft": .scalar("false", isQuoted: false), "tags": .list(["food", "two words", "a, b"]),
                "authors": .list(["Ada", "Grace Hopper"]), "quote": .scalar("it's", isQuoted: true),
                "link": .scalar("http://example.org/#here", isQuoted: false),
            ])
        #expect(found.leftOut.isEmpty)
        #expect(found.lines == 13)
        #expect(String(text.utf8.dropFirst(found.length)) == "# Text")
    }

    @Test func whatIsNoSuchLineIsNamed() throws {
        let found = try #require(
            FrontMatter(of: "---\na: 1\nmap:\n  inner: 2\ntext: |\n  two\n  lines\njust words\n---\n"))
        #expect(found.values == ["a": .scalar("1", isQuoted: false)])
        #expect(found.leftOut.map(\.line) == [4, 5, 6, 7, 8])
        #expect(found.leftOut.first?.key == "map")
    }

    @Test(arguments: [
        "", "---", "--- \nno end", "# Text\n---\na: 1\n---\n", "----\na: 1\n----\n", "---\r\nb: 1\r\n",
    ])
    func otherTextsHaveNone(_ text: String) { #expect(FrontMatter(of: text) == nil) }

    @Test func windowsLinesAreLines() throws {
        let text = "---\r\nb: 1\r\n---\r\nText"
        let found = try #require(FrontMatter(of: text))
        #expect(found.values == ["b": .scalar("1", isQuoted: false)])
        #expect(String(text.utf8.dropFirst(found.length)) == "Text")
    }

    @Test func theNarrowestTypeFitsAllValues() {
        func type(_ values: String...) -> FieldType {
            var typing = FieldTyping()
            for value in values { typing.take(value) }
            return typing.type
        }
        #expect(type("1", "2") == .integer)
        #expect(type("1", "2.5", "") == .float)
        #expect(type("true", "false") == .boolean)
        #expect(type("2024-05-31", "2024-05-31T12:00:00Z") == .date)
        #expect(type("2024-05-31", "soon") == .string)
        #expect(type("1", "true") == .string)
        var typing = FieldTyping()
        typing.take("2024", isQuoted: true)
        #expect(typing.type == .string)
        typing.takeList()
        #expect(typing.type == .strings)
        #expect(FieldType.integer.value("x") == nil && FieldType.strings.value("x") == .strings(["x"]))
    }
}
