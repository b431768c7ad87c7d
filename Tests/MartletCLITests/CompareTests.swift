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
        let pair = try Command.run(["compare", "a", "b", "--format", "json"]).text
        let number = pair.split(separator: ":").last?.prefix { $0 != "}" } ?? ""
        #expect(three.text.contains(",\(number),"), "\(number) in \(three.text)")
        #expect(try Command.run(["compare", "a", "b", "c"]).lines.count == 4)
        #expect(try Command.run(["compare", "a", "b", "c", "--json"]).output == three.output)
        #expect(try Command.run(["compare", "a", "b", "--json", "--format", "text"]).status == 2)
    }

    @Test func textsThatAreCutAreToldOf() throws {
        let long = Array(repeating: String(repeating: "word ", count: 300), count: 5)
        let lines = try Command.run(["compare"] + long).error.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.last == "martlet: warning: 2 more texts cut in the same way")
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
