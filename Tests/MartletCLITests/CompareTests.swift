#if Command

import MartletJSON
import Testing

@testable import MartletCLI

/// `martlet compare`, as a user runs it.
@Suite struct CompareTests {
    @Test func twoTextsGiveANumber() throws {
        #expect(try Command.run(["compare", "a cat", "a cat"]).text == "1.0000\n")
    }

    @Test func moreTextsGiveAMatrix() throws {
        let three = try Command.run(["compare", "a", "b", "c", "--format", "json"])
        let value = try JSONValue.parse(three.output)
        #expect(value["similarities"]?.array?.count == 3 && value["ids"] == nil)
        #expect(try Command.run(["compare", "a", "b", "c"]).lines.count == 4)
    }

    @Test func idsStandForTheTexts() throws {
        let input = """
            {"id":"kitchen","text":"pasta"}
            {"id":7,"text":"spaghetti"}
            {"id":"bank","text":"stocks"}
            """
        let options = ["compare", "--field", "text", "--id", "id"]
        let table = try Command.run(options, input: input)
        #expect(table.lines.count == 4, "\(table.error)")
        #expect(table.lines[1].hasPrefix("kitchen  \"pasta\""))
        #expect(table.lines[2].hasPrefix("7  \"spaghetti\""))
        let json = try Command.run(options + ["--format", "json"], input: input)
        #expect(json.text.contains("\"ids\":[\"kitchen\",7,\"bank\"],\"similarities\":["), "\(json.text)")
    }

    @Test func columnsOfWideCharactersAreAligned() throws {
        let lines = try Command.run(["compare", "寿司の作り方", "a cat", "👩‍🍳 soup"]).lines.map(String.init)
        #expect(Set(lines.map(\.columns)).count == 1, "\(lines)")
        #expect("寿司".columns == 4 && "한국".columns == 4 && "❤️".columns == 2 && "é⇒".columns == 2)
    }
}

#endif
