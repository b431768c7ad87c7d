#if Command

import MartletIndex
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
        let info = try run("collection", "info", collection).lines.first
        #expect(info?.hasPrefix("records ") == true && info?.hasSuffix(" 3") == true)
    }

    /// An id that comes twice in a run is told, keeps its first record, and the next run finds nothing new.
    @Test func repeatedIDsAreTold() throws {
        let other = try folder.file("s.jsonl", "{\"id\":\"a\",\"text\":\"Another text\"}\n")
        for summary in ["2 added, 0 changed", "0 added, 0 changed, 2 unchanged"] {
            let run = try run("index", "\(folder.path)/r.jsonl", other, other, "-o", collection)
            #expect(run.status == 0 && run.error.contains(summary), "\(run.error)")
            #expect(run.error.contains("s.jsonl:1: the id \"a\" came before in this run (skipped)"))
            #expect(run.error.contains("1 repeated and skipped"), "\(run.error)")
        }
        #expect(try run("collection", "export", collection).text.contains("Spaghetti"))
    }

    /// Two forms of an accented letter are two names, and two ids.
    @Test func namesAndIDsAreBytes() throws {
        _ = try folder.file("notes/caf\u{E9}.txt", "Coffee in one form.\n")
        _ = try folder.file("notes/cafe\u{301}.txt", "Coffee in the other.\n")
        let files = try run("index", notes, "-o", collection)
        #expect(files.status == 0 && files.error.contains("4 added"), "\(files.error)")
        let lines = try folder.file(
            "u.jsonl",
            "{\"id\":\"caf\u{E9}\",\"text\":\"One form\"}\n{\"id\":\"cafe\u{301}\",\"text\":\"The other\"}\n")
        let ids = try run("index", lines, "-o", collection)
        #expect(ids.status == 0 && ids.error.contains("2 added") && !ids.error.contains("came before"))
    }

    /// What has left its file leaves the collection, whatever fields the records have.
    @Test func recordsWithASourceOfTheirOwnAreRemoved() throws {
        for (name, header, rows) in [
            ("o.csv", "id,text,source\n", ["1,alpha,web\n", "2,beta,web\n"]),
            (
                "o.jsonl", "",
                [
                    "{\"id\":\"1\",\"text\":\"alpha\",\"source\":\"web\"}\n",
                    "{\"id\":\"2\",\"text\":\"beta\",\"source\":\"web\"}\n",
                ]
            ),
        ] {
            let place = "\(folder.path)/\(name).martlet"
            var file = try folder.file(name, header + rows.joined())
            #expect(try run("index", file, "-o", place).error.contains("2 added"))
            file = try folder.file(name, header + rows[0])
            let again = try run("index", file, "-o", place)
            #expect(again.error.contains("1 unchanged, 1 removed"), "\(again.error)")
            let hits = try run("search", place, "--json", "--filter", "source = \"web\"", "x")
            #expect(hits.lines.count == 1 && hits.text.contains("\"source_file\":"), "\(hits.error)")
        }
        let both = try folder.file(
            "b.jsonl", "{\"text\":\"x\",\"source_file\":\"b\"}\n")
        let refused = try run("index", both, "-o", collection)
        #expect(refused.status == 1 && refused.error.contains("b.jsonl:1: source_file is the index's own"))
        // What is exported can be read again.
        let exported = try run("collection", "export", "\(folder.path)/o.jsonl.martlet")
        let copy = try folder.file("copy.jsonl", exported.text)
        let read = try run("index", copy, "-o", "\(folder.path)/copy.martlet")
        #expect(read.status == 0 && read.error.contains("1 added"), "\(read.error)")
    }

    @Test func aByteOrderMarkIsNoText() throws {
        let path = try folder.file("m.md", "\u{FEFF}---\ntitle: T\n---\n# Roses\n\nThey want sun.\n")
        #expect(try run("index", path, "-o", collection).status == 0)
        let found = try run("search", collection, "--json", "--filter", "title = \"T\"", "sun")
        #expect(found.lines.count == 1 && found.text.contains("\"heading\":\"Roses\""), "\(found.error)")
        #expect(!found.text.contains("\u{FEFF}"))
    }

    @Test func exportLosesNoField() throws {
        let line = "{\"body\":\"the body\",\"sku\":\"1\",\"text\":\"other\",\"id\":\"9\",\"vector\":\"v\"}\n"
        let path = try folder.file("f.jsonl", line)
        #expect(try run("index", path, "--field", "body", "--id", "sku", "-o", collection).status == 0)
        let record = try JSONValue.parse(run("collection", "export", "--vectors", collection).output)
        #expect(record["id"]?.string == "1" && record["text"]?.string == "the body")
        #expect(record["vector"]?.array?.count == 384)
        for (name, value) in [("id", "9"), ("text", "other"), ("vector", "v")] {
            #expect(record["fields"]?[name]?.string == value)
        }
    }

    @Test(arguments: [
        (["--add-missing", "--threshold", "0.5", "--group", "tag"], "--group: of no use with --add-missing"),
        (["--by", "words", "-m", "x"], "--model, --pooling and --task: of no use with --by words"),
        (["--by", "vectors", "--words", "bm42"], "--words: of no use with --by vectors"),
        (["--exact", "--probes", "3"], "--probes: of no use with --exact"),
    ]) func optionsOfOtherSearchesAreRefused(options: [String], message: String) throws {
        let refused = try Command.run(["search", "none.martlet", "x"] + options)
        #expect(refused.status == 2 && refused.error.contains(message), "\(refused.error)")
    }

    @Test func aRecordIsNamedByItsPlace() throws {
        let bad = try folder.file("s.jsonl", "\n{\"text\":\"x\",\"year\":\"2020\"}\n")
        let run = try run("index", "\(folder.path)/r.jsonl", bad, "-o", collection)
        #expect(
            run.status == 1
                && run.error.contains(
                    "s.jsonl:2: field \"year\" is a string, and in this collection it is an integer"),
            "\(run.error)")
    }

    /// What cannot be read must not count as gone.
    @Test func aFolderThatCannotBeReadIsAnError() throws {
        #expect(throws: CommandError.self) {
            _ = try FolderEntry.files(under: "\(folder.path)/gone") { _ in }
        }
    }

    /// A time of change that milliseconds in 64 bits cannot hold is no field. Few file systems can.
    @Test func aTimeWithoutADateIsLeftOut() throws {
        let path = "\(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")/martlet-time-\(getpid())"
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        defer { unlink(path) }
        let time = timespec(tv_sec: .max / 100, tv_nsec: 0)
        _ = utimensat(AT_FDCWD, path, [time, time], 0)
        let facts = FolderEntry.facts(path)
        let seconds = FileStamp(path: path)?.modified.seconds ?? 0
        #expect(facts["size"] == .integer(0))
        #expect((facts["modified"] == nil) == seconds.multipliedReportingOverflow(by: 1000).overflow)
    }

    /// Similarities of vectors that are compared as they are can be infinite.
    @Test func scoresThatAreNotFiniteAreWritten() throws {
        let identity = CollectionIdentity(model: "made", fingerprint: "1")
        let made = try SearchCollection.create(
            at: collection,
            settings: CollectionSettings(identity: identity, dimensions: 2, similarity: .dot, store: .f32))
        try made.writer().add([.init(id: "a", text: "text", vector: [3e38, 3e38])], identity: identity)
        let hit = try #require(try made.search(SearchRequest(vector: [3e38, 3e38])).first)
        let line = HitFormat(isJSON: false, width: nil).line(hit)
        #expect(String(decoding: line, as: UTF8.self) == "a  inf  text\n")
        let json = try JSONValue.parse(HitFormat(isJSON: true, width: nil).line(hit))
        #expect(json["id"] == .string("a") && json["score"] == .null && json["similarity"] == .null)
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

    @Test func frontMatterAndFileFactsAreFields() throws {
        _ = try folder.file(
            "notes/kitchen.md",
            "---\ntitle: Pasta\nyear: 2024\ntags: [food, quick]\nwhen: 2024-05-31\nmap:\n  a: 1\n---\n# Cooking\n\nBoil a litre of water.\n"
        )
        _ = try folder.file(
            "notes/more.md", "---\ntitle: 7\nyear: 2020\ntags: garden\n---\nRoses want sun.\n")
        let made = try run("index", notes, "-o", collection)
        #expect(made.status == 0 && made.error.contains("3 added"), "\(made.error)")
        #expect(made.error.contains("kitchen.md:7: the front matter's \"map\""), "\(made.error)")
        let filter =
            "year > 2021 and tags contains \"quick\" and when >= 2024-01-01 and size > 10 and modified > 2020-01-01"
        let found = try run("search", collection, "--json", "--filter", filter, "food")
        let hit = try JSONValue.parse(Array(try #require(found.lines.first, "\(found.error)").utf8))
        #expect(found.lines.count == 1 && hit["fields"]?["title"]?.string == "Pasta")
        #expect(hit["fields"]?["line"]?.int == 9 && hit["text"]?.string?.hasPrefix("# Cooking") == true)
        #expect(try run("search", collection, "--filter", "title = \"7\"", "x").lines.count == 1)

        // A file that is moved, or touched, is not embedded again.
        rename("\(notes)/more.md", "\(notes)/other.md")
        let moved = try run("index", notes, "-o", collection)
        #expect(
            moved.error.contains("1 added, 0 changed, 2 unchanged, 1 removed, 0 embedded"), "\(moved.error)")
    }

    /// A compressed file is cut by what is inside, and its front matter counts.
    @Test func compressedMarkdown() throws {
        // ---\ntitle: Pasta\n---\n# Cooking\n\nBoil a litre of water.\n
        let bytes: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xd3, 0xd5, 0xd5, 0xe5,
            0x2a, 0xc9, 0x2c, 0xc9, 0x49, 0xb5, 0x52, 0x08, 0x48, 0x2c, 0x2e, 0x49, 0xe4, 0xd2,
            0x05, 0x0a, 0x28, 0x2b, 0x38, 0xe7, 0xe7, 0x67, 0x67, 0xe6, 0xa5, 0x73, 0x71, 0x39,
            0xe5, 0x67, 0xe6, 0x28, 0x24, 0x2a, 0xe4, 0x64, 0x96, 0x14, 0xa5, 0x2a, 0xe4, 0xa7,
            0x29, 0x94, 0x27, 0x96, 0xa4, 0x16, 0xe9, 0x71, 0x01, 0x00, 0xcb, 0x5c, 0x87, 0x0f,
            0x37, 0x00, 0x00, 0x00,
        ]
        _ = try folder.file("notes/pasta.md.gz", bytes)
        let made = try run("index", "\(notes)/pasta.md.gz", "-o", collection)
        #expect(made.status == 0, "\(made.error)")
        let found = try run("search", collection, "--json", "--filter", "title = \"Pasta\"", "water")
        let hit = try JSONValue.parse(Array(try #require(found.lines.first, "\(found.error)").utf8))
        #expect(hit["fields"]?["heading"]?.string == "Cooking" && hit["fields"]?["line"]?.int == 4)
    }

    @Test func compressedLinesAndOptionsForNothing() throws {
        // {"body":"Spaghetti","when":"2024-05-31"}
        let bytes: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x4a, 0xca,
            0x4f, 0xa9, 0x54, 0xb2, 0x52, 0x0a, 0x2e, 0x48, 0x4c, 0xcf, 0x48, 0x2d, 0x29, 0xc9,
            0x54, 0xd2, 0x51, 0x2a, 0xcf, 0x48, 0xcd, 0x03, 0x0a, 0x19, 0x19, 0x18, 0x99, 0xe8,
            0x1a, 0x98, 0xea, 0x1a, 0x1b, 0x2a, 0xd5, 0x72, 0x01, 0x00, 0x7f, 0x49, 0x7f, 0xd9,
            0x29, 0x00, 0x00, 0x00,
        ]
        _ = try folder.file("z.jsonl.gz", bytes)
        let zipped = try run(
            "index", "\(folder.path)/z.jsonl.gz", "--field", "body", "--date-field", "when", "-o", collection)
        #expect(zipped.status == 0 && zipped.error.contains("1 added"), "\(zipped.error)")
        #expect(try run("search", collection, "--filter", "when > 2024-01-01", "x").lines.count == 1)
        let unused = try run("index", notes, "--field", "body", "-o", "\(folder.path)/u.martlet")
        #expect(unused.status == 2 && unused.error.contains("--field is for members"), "\(unused.error)")
        #expect(access("\(folder.path)/u.martlet", F_OK) != 0)
        let noDate = try run(
            "index", "\(folder.path)/z.jsonl.gz", "--field", "body", "--date-field", "then", "-o",
            "\(folder.path)/d.martlet")
        #expect(
            noDate.status == 0 && noDate.error.contains("--date-field then: no record has this field"),
            "\(noDate.error)")
        let number = try run(
            "index", "\(folder.path)/r.jsonl", "--date-field", "year", "-o", "\(folder.path)/e.martlet")
        #expect(
            number.status == 1
                && number.error.contains("r.jsonl:1: the member \"year\" is a number, and --date-field"),
            "\(number.error)")
        let noID = try run(
            "index", "\(folder.path)/z.jsonl.gz", "--field", "body", "--id", "no", "-o",
            "\(folder.path)/u.martlet")
        #expect(noID.status == 1 && noID.error.contains("no member \"no\""), "\(noID.error)")
        let other = try run("index", notes, "--store", "int8", "-o", collection)
        #expect(other.status == 1 && other.error.contains("--store f16"), "\(other.error)")
    }

    @Test func hitsAreRerankedAndVectorsMadeAnew() throws {
        let fixtures =
            "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Tests/Fixtures"
        #expect(try run("index", "\(folder.path)/r.jsonl", "-o", collection).status == 0)
        for model in ["classifiers/bert-cross", "multi/colbert"] {
            let found = try run(
                "search", collection, "--json", "--rerank", "\(fixtures)/\(model)", "--rerank-budget",
                "60000", "x")
            let scores = try found.lines.map { try JSONValue.parse(Array($0.utf8))["rerank_score"]?.double }
            #expect(scores.count == 2 && scores.allSatisfy { $0 != nil }, "\(found.error)")
            #expect(scores.compactMap { $0 } == scores.compactMap { $0 }.sorted(by: >))
        }
        #expect(try run("search", collection, "--rerank-budget", "5", "x").status == 2)
        #expect(try run("search", collection, "--rewrite", "http://localhost:1", "x").status == 2)

        let model = "\(fixtures)/models/bert-mini"
        let same = try run("collection", "reindex", collection)
        #expect(same.status == 1 && same.error.contains("already"), "\(same.error)")
        let made = try run("collection", "reindex", collection, "-m", model)
        #expect(made.status == 0 && made.error.contains("2 records embedded"), "\(made.error)")
        #expect(try run("search", collection, "x").status == 1)
        #expect(try run("search", collection, "-m", model, "x").lines.count == 2)
        #expect(try run("collection", "check", collection).status == 0)
    }

    @Test func wordsAreWeighedByAModel() throws {
        let fixtures =
            "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Tests/Fixtures"
        let model = "\(fixtures)/sparse/splade-bert"
        let made = try run("index", "\(folder.path)/r.jsonl", "--words", model, "-o", collection)
        #expect(made.status == 0, "\(made.error)")
        let found = try run("search", collection, "--words", model, "--by", "words", "--json", "a trip")
        let best = try JSONValue.parse(Array(try #require(found.lines.first, "\(found.error)").utf8))
        #expect((best["word_score"]?.double ?? 0) > 0)
        #expect(try run("search", collection, "--by", "vectors", "a trip").lines.count == 2)
        let without = try run("search", collection, "a trip")
        #expect(without.status == 1 && without.error.contains("--words"), "\(without.error)")
        let again = try run("index", "\(folder.path)/r.jsonl", "-o", collection)
        #expect(again.status == 1 && again.error.contains("--words"), "\(again.error)")
        let counted = try run("collection", "reindex", collection)
        #expect(counted.status == 0, "\(counted.error)")
        #expect(try run("search", collection, "--by", "words", "trip").lines.count == 1)
    }

    /// Members that no field can hold are told of once, and a path leads to a text inside of one.
    @Test func nestedMembersBecomeNoFields() throws {
        let file = try folder.file(
            "nested.jsonl",
            """
            {"id":"a","messages":[{"content":"Boil the pasta"}],"meta":{"x":1},"tag":"food"}
            {"id":"b","messages":[{"content":"Roses want sun"}],"meta":{"x":2},"scores":[1,2]}

            """)
        let made = try run("index", file, "--field", "messages.0.content", "-o", collection)
        #expect(made.status == 0 && made.error.contains("2 added"), "\(made.error)")
        #expect(made.error.contains("nested.jsonl:1: the member \"meta\" is an object and becomes no field"))
        #expect(made.error.contains("nested.jsonl:2: the member \"scores\" is an array of other things"))
        #expect(made.error.split(separator: "\n").count { $0.contains("warning") } == 2, "\(made.error)")
        let found = try run("search", collection, "--filter", "tag = \"food\"", "how do I cook pasta")
        #expect(found.lines.count == 1 && found.text.contains("Boil the pasta"), "\(found.error)")
    }

    @Test func aFileThatIsNotReadSaysWhatToDo() throws {
        for (name, text, remedy) in [
            ("a.pdf", "%PDF-1.4", "pdftotext"), ("a.parquet", "PAR1", "--to martlet:"),
            ("a.bin", "\u{0}", "convert it first"),
        ] {
            let ended = try run("index", try folder.file(name, text), "-o", collection)
            #expect(ended.status == 1 && ended.error.contains(remedy), "\(ended.error)")
        }
        let array = try folder.file("a.json", "[{\"text\":\"x\"}]")
        let text = try run("index", array, "-o", collection)
        #expect(text.status == 0 && text.error.contains("jq -c '.[]'"), "\(text.error)")
        let field = try run("index", array, "--field", "text", "-o", collection)
        #expect(field.status == 2 && field.error.contains("jq -c '.[]'"), "\(field.error)")
    }

    @Test func informationAsJSON() throws {
        _ = try run("index", "\(folder.path)/r.jsonl", "-o", collection)
        let info = try JSONValue.parse(try run("collection", "info", collection, "--json").output)
        #expect(info["records"]?.int == 2 && info["words"]?.string == "bm25")
        #expect(
            info["fields"]?["labels"]?.string == "strings" && info["fields"]?["year"]?.string == "integer")
    }

    @Test func mistakesAreNamed() throws {
        let none = try run("search", "\(folder.path)/none.martlet", "x")
        #expect(none.status == 1 && none.error.contains("holds no collection"))
        #expect(none.error.contains("martlet index FILES -o \(folder.path)/none.martlet"))
        _ = try folder.file("bad.jsonl", "{\"text\":\"good\"}\n{\"text\":3}\n")
        let bad = try run("index", "\(folder.path)/bad.jsonl", "-o", collection)
        #expect(bad.status == 1 && bad.error.contains("bad.jsonl:2"))
        let binary = try run("index", "\(folder.path)/absent", "-o", collection)
        #expect(binary.status == 1 && binary.error.contains("no such file or folder"))
    }
}

#endif
