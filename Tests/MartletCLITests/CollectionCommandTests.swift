#if Command

import MartletJSON
import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletCLI

/// `martlet index`, `martlet search` and `martlet collection`, as a user runs them.
@Suite(.serialized) struct CollectionCommandTests {
    private let folder: TemporaryFolder
    private var notes: String { "\(folder.path)/notes" }
    private var collection: String { "\(folder.path)/n.martlet" }

    init() throws {
        folder = try TemporaryFolder()
        mkdir("\(folder.path)/notes", 0o700)
        _ = try folder.file(
            "notes/kitchen.md", "# Cooking\n\nBoil a litre of water for each 100 g of pasta.\n")
        _ = try folder.file("notes/travel.txt", "The train to Berlin leaves at nine.\n")
        _ = try folder.file(
            "r.jsonl",
            """
            {"id":"a","text":"Spaghetti with tomato sauce","year":2024,"tag":"food"}
            {"id":"b","text":"A trip along the river","year":2020,"tag":"travel","labels":["x","y"]}

            """)
    }

    private func run(_ arguments: String...) throws -> Command.Ended { try Command.run(arguments) }

    @Test func filesAreFoundAndOnlyChangesAreEmbedded() throws {
        let first = try run("index", notes, "\(folder.path)/r.jsonl", "-o", collection)
        #expect(first.status == 0, "\(first.error)")
        #expect(first.error.contains("4 added, 0 changed, 0 unchanged, 0 removed"))
        let found = try run("search", collection, "how do I cook pasta")
        #expect(
            found.lines.first?.hasPrefix("\(notes)/kitchen.md:1  ") == true, "\(found.text) \(found.error)")
        #expect(found.lines.count == 4)
        let words = try run("search", collection, "--by", "words", "trains")
        #expect(words.lines.count == 1 && words.text.contains("travel.txt:1"))

        unlink("\(notes)/travel.txt")
        _ = try folder.file(
            "notes/kitchen.md", "# Cooking\n\nBoil a litre of water for each 100 g of pasta. Salt it well.\n")
        let again = try run("index", notes, "-o", collection)
        #expect(again.error.contains("0 added, 1 changed, 0 unchanged, 1 removed"), "\(again.error)")
        #expect(try run("search", collection, "--by", "words", "trains").text.isEmpty)
        #expect(try run("collection", "check", collection).status == 0)
        #expect(try run("collection", "compact", collection).status == 0)
        #expect(try run("collection", "export", collection).lines.count == 3)
        #expect(try run("collection", "info", collection).lines.contains("records        3"))
    }

    @Test func filtersAndJSON() throws {
        #expect(try run("index", "\(folder.path)/r.jsonl", "-o", collection).status == 0)
        let hit = try run(
            "search", collection, "--json", "--filter", "year >= 2022 and tag = \"food\"", "a journey")
        let object = try JSONValue.parse(Array(try #require(hit.lines.first).utf8))
        #expect(hit.lines.count == 1)
        #expect(object["id"]?.string == "a")
        #expect(object["fields"]?["year"]?.int == 2024)
        #expect(object["vector_rank"]?.int == 1)
        let wrong = try run("search", collection, "--filter", "yeer = 3", "x")
        #expect(wrong.status == 2 && wrong.error.contains("character 1") && wrong.error.contains("\"year\""))
    }

    @Test func aMissingQuestionIsAddedOnce() throws {
        #expect(try run("index", "\(folder.path)/r.jsonl", "-o", collection).status == 0)
        let arguments = ["search", collection, "--add-missing", "--threshold", "0.9"]
        let first = try Command.run(arguments + ["What is the capital of France?"])
        #expect(first.status == 0 && first.text.isEmpty && first.error.contains("added as"))
        let second = try Command.run(arguments + ["What is the capital of France?"])
        #expect(second.lines.count == 1 && second.error.isEmpty)
    }

    /// Each row is a record, and its other columns are fields of one type each.
    @Test func rowsOfTablesAreRecords() throws {
        let table = try folder.file(
            "t.csv",
            "sku,about,price,year,sale,mixed\n7,\"Spaghetti, with sauce\",2.5,2024,true,1\n8,A trip along the river,30,2020,false,x\n9,A river,,2021,,\n"
        )
        let made = try run("index", table, "--field", "about", "--id", "sku", "-o", collection)
        #expect(made.status == 0 && made.error.contains("3 added"), "\(made.error)")
        let found = try run(
            "search", collection, "--json", "--filter", "year > 2020 and price < 10.0 and sale = true", "food"
        )
        #expect(found.lines.count == 1, "\(found.text) \(found.error)")
        let hit = try JSONValue.parse(Array(try #require(found.lines.first).utf8))
        #expect(hit["id"]?.string == "7" && hit["text"]?.string == "Spaghetti, with sauce")
        let mixed = try run("search", collection, "--json", "--filter", "mixed = \"1\"", "food")
        #expect(mixed.lines.count == 1, "\(mixed.error)")
        let again = try run("index", table, "--field", "about", "--id", "sku", "-o", collection)
        #expect(again.error.contains("0 added, 0 changed, 3 unchanged"), "\(again.error)")

        let wrong = try run("index", table, "-o", "\(folder.path)/w.martlet")
        #expect(wrong.status == 1 && wrong.error.contains("no column \"text\""), "\(wrong.error)")
        #expect(wrong.error.contains("--field"))
        let tabs = try folder.file("t.tsv", "id\ttext\na\tone\nb\n")
        let short = try run("index", tabs, "-o", "\(folder.path)/v.martlet")
        #expect(
            short.status == 1 && short.error.contains("t.tsv:3: 1 field, the header has 2"), "\(short.error)")
        // Among notes a table without the column is a text.
        _ = try folder.file("notes/prices.csv", "item,price\nbread,2\n")
        let notes = try run("index", notes, "-o", "\(folder.path)/n2.martlet")
        #expect(notes.status == 0 && notes.error.contains("3 added"), "\(notes.error)")
    }

    @Test func mistakesAreNamed() throws {
        let none = try run("search", "\(folder.path)/none.martlet", "x")
        #expect(none.status == 1 && none.error.contains("holds no collection"))
        _ = try folder.file("bad.jsonl", "{\"text\":\"good\"}\n{\"text\":3}\n")
        let bad = try run("index", "\(folder.path)/bad.jsonl", "-o", collection)
        #expect(bad.status == 1 && bad.error.contains("bad.jsonl:2"))
        let binary = try run("index", "\(folder.path)/absent", "-o", collection)
        #expect(binary.status == 1 && binary.error.contains("no such file or folder"))
    }
}

#endif
