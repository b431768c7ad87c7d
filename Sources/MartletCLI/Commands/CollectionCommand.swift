#if Command

import ArgumentParser
import MartletIndex
import MartletJSON

struct CollectionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collection", abstract: "Look after a collection that martlet index has made.",
        subcommands: [Info.self, Check.self, Compact.self, Optimize.self, Export.self, ReindexCommand.self])

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What a collection holds.")

        @Argument(help: "The collection's folder.", completion: .file())
        var collection: String

        func run() throws {
            let snapshot = try SearchCollection(opening: collection).snapshot()
            let settings = snapshot.settings
            var lines = [
                ("records", "\(snapshot.count)"), ("model", settings.identity.model),
                ("identity", settings.identity.fingerprint),
                ("dimensions", "\(settings.dimensions)"), ("store", settings.store.rawValue),
                ("similarity", settings.similarity.rawValue),
                (
                    "words",
                    settings.sparse.map { "\($0.model) (\($0.fingerprint))" }
                        ?? "bm25, \(settings.language.rawValue)"
                ),
                ("chunker", settings.chunker ?? "none"), ("segments", "\(snapshot.segmentCount)"),
                ("lists", "\(snapshot.listCount)"), ("in the log", "\(snapshot.recentCount)"),
                ("dead rows", "\(snapshot.deadCount)"),
                ("bytes", "\(snapshot.bytesOnDisk)"),
            ]
            for (name, type) in snapshot.fields.types.sorted(by: { $0.key < $1.key }) {
                lines.append(("field \(name)", type.rawValue))
            }
            let width = lines.map { $0.0.count }.max() ?? 0
            for (name, value) in lines {
                print(
                    "\(name)\(String(repeating: " ", count: width - name.count))  \(Console.oneLine(value))")
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every byte of a collection and compare it with its checksums.")

        @Argument(help: "The collection's folder.", completion: .file())
        var collection: String

        func run() throws {
            let faults = try SearchCollection(opening: collection).check()
            guard faults.isEmpty else {
                throw CommandError("\(faults.count) faults: " + faults.prefix(20).joined(separator: "; "))
            }
            print("\(collection): no faults")
        }
    }

    struct Compact: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Merge all segments into one and give the space of dead rows back.")

        @Argument(help: "The collection's folder.", completion: .file())
        var collection: String

        func run() throws {
            let collection = try SearchCollection(opening: collection)
            let before = try collection.snapshot().bytesOnDisk
            try collection.writer().compact()
            print(
                "\(self.collection): \(before) bytes before, \(try collection.snapshot().bytesOnDisk) after")
        }
    }

    struct Optimize: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Order the rows by lists of near vectors, for searches of some of the lists.",
            discussion: """
                Of use from some five million records on: search --probes N then scans the N nearest lists, and finds a little less. Records that are \
                added later are in no list, and are always scanned; run it again after many.
                """)

        @Argument(help: "The collection's folder.", completion: .file())
        var collection: String

        @Option(
            help: ArgumentHelp(
                "Lists. Default: twice the square root of the number of records.", valueName: "n"))
        var lists: Int?

        func run() throws {
            let collection = try SearchCollection(opening: collection)
            try collection.writer().optimize(lists: lists)
            print("\(self.collection): \(try collection.snapshot().listCount) lists")
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every record as JSONL: id, text, fields and, if asked for, the vector.",
            discussion: """
                Each field is a member of its own. Fields that are called id, text, vector or fields themselves are inside the member fields, and source_file is left out.
                """)

        @Argument(help: "The collection's folder.", completion: .file())
        var collection: String

        @Flag(help: "With the vectors.")
        var vectors = false

        /// Members that are not fields.
        private static let own: Set<String> = ["id", "text", "vector", "fields"]

        func run() throws {
            let snapshot = try SearchCollection(opening: collection).snapshot()
            var bytes: [UInt8] = []
            try snapshot.forEachRecord { record in
                var members = [
                    JSONObject.Member(key: "id", value: .string(record.id)),
                    .init(key: "text", value: .string(record.text)),
                ]
                // Where a record is from is the index's own field, which it makes again.
                let fields = record.fields.filter { $0.key != IndexedTexts.ownSource }
                    .sorted { $0.key < $1.key }
                    .map { JSONObject.Member(key: $0.key, value: HitFormat.json($0.value)) }
                members += fields.filter { !Self.own.contains($0.key) }
                let others = fields.filter { Self.own.contains($0.key) }
                if !others.isEmpty {
                    members.append(.init(key: "fields", value: .object(JSONObject(others))))
                }
                if vectors {
                    members.append(
                        .init(
                            key: "vector",
                            value: .array(record.vector.map { .number(Double("\($0)") ?? Double($0)) })))
                }
                JSONText.append(.object(JSONObject(members)), to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
                if bytes.count > 1 << 20 {
                    try StandardOutput.write(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            try StandardOutput.write(bytes)
        }
    }
}

#endif
