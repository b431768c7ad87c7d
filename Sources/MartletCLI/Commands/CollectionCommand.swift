#if Command

import ArgumentParser
import MartletIndex
import MartletJSON

struct CollectionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collection", abstract: "Look after a collection that martlet index has made.",
        subcommands: [Info.self, Check.self, Compact.self, Optimize.self, Export.self, ReindexCommand.self])

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print what a collection holds.")

        @Argument(help: "The collection's folder.", completion: .file())
        var collection: String

        @Flag(help: "One JSON object.")
        var json = false

        func run() throws {
            let snapshot = try SearchCollection(opening: collection).snapshot()
            try StandardOutput.write(json ? Self.json(snapshot) : Array(Self.text(snapshot).utf8))
        }

        private static func json(_ snapshot: Snapshot) -> [UInt8] {
            let settings = snapshot.settings
            let fields = snapshot.fields.types.sorted { $0.key < $1.key }
            let members: [(String, JSONValue)] = [
                ("records", .integer(snapshot.count)), ("model", .string(settings.identity.model)),
                ("identity", .string(settings.identity.fingerprint)),
                ("dimensions", .integer(settings.dimensions)), ("store", .string(settings.store.rawValue)),
                ("similarity", .string(settings.similarity.rawValue)),
                ("words", .string(settings.sparse?.model ?? "bm25")),
                ("language", settings.sparse == nil ? .string(settings.language.rawValue) : .null),
                ("chunker", settings.chunker.map { .string($0) } ?? .null),
                ("segments", .integer(snapshot.segmentCount)), ("lists", .integer(snapshot.listCount)),
                ("in_the_log", .integer(snapshot.recentCount)), ("dead_rows", .integer(snapshot.deadCount)),
                ("bytes", .integer(snapshot.bytesOnDisk)),
                (
                    "fields",
                    .object(
                        JSONObject(fields.map { JSONObject.Member(key: $0, value: .string($1.rawValue)) }))
                ),
            ]
            var bytes: [UInt8] = []
            JSONText.append(
                .object(JSONObject(members.map { JSONObject.Member(key: $0, value: $1) })), to: &bytes)
            return bytes + [UInt8(ascii: "\n")]
        }

        private static func text(_ snapshot: Snapshot) -> String {
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
            let width = lines.map(\.0.count).max() ?? 0
            return lines.map { name, value in
                "\(name)\(String(repeating: " ", count: width - name.count))  \(Console.oneLine(value))\n"
            }.joined()
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
            try StandardOutput.write("\(collection): no faults\n")
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
            let after = try collection.snapshot().bytesOnDisk
            try StandardOutput.write("\(self.collection): \(before) bytes before, \(after) after\n")
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
            let count = try collection.snapshot().listCount
            try StandardOutput.write("\(self.collection): \(count) lists\n")
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

        @Flag(help: "Print the vectors, too.")
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
                    .map { JSONObject.Member(key: $0.key, value: $0.value.json) }
                members += fields.filter { !Self.own.contains($0.key) }
                let others = fields.filter { Self.own.contains($0.key) }
                if !others.isEmpty {
                    members.append(.init(key: "fields", value: .object(JSONObject(others))))
                }
                if vectors {
                    members.append(
                        .init(key: "vector", value: .array(record.vector.map(JSONValue.float))))
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
