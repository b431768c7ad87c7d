internal import MartletJSON

/// The manifest is one JSON object, a line break, `crc32c ` with the checksum of the object in 8 hexadecimal
/// digits, and a line break.
extension Manifest {
    var bytes: [UInt8] {
        let segments = segments.map { segment in
            var members: [(String, JSONValue)] = [
                ("name", .string(segment.name)), ("rows", .integer(segment.rows)),
                ("length", .integer(segment.length)),
                ("checksum", .integer(Int(segment.checksum))),
            ]
            if let dead = segment.dead {
                members.append(
                    (
                        "dead",
                        .object([
                            "name": .string(dead.name), "rows": .integer(dead.count),
                            "checksum": .integer(Int(dead.checksum)),
                        ])
                    ))
            }
            return JSONValue.object(pairs: members)
        }
        let fields = settings.fields.types.sorted { $0.key < $1.key }.map {
            ($0.key, JSONValue.string($0.value.rawValue))
        }
        let names = settings.fields.declared.sorted()
        let declared = names.isEmpty ? [] : [("declaredFields", JSONValue.array(names.map { .string($0) }))]
        let sparse =
            settings.sparse.map { identity in
                [
                    (
                        "sparse",
                        JSONValue.object([
                            "model": .string(identity.model), "fingerprint": .string(identity.fingerprint),
                        ])
                    )
                ]
            } ?? []
        let members: [(String, JSONValue)] =
            [
                ("format", .string("martlet collection")),
                ("version", .integer(settings.sparse == nil ? 1 : Self.version)),
                ("generation", .integer(generation)),
                ("nextFile", .integer(nextFile)),
                (
                    "identity",
                    .object([
                        "model": .string(settings.identity.model),
                        "fingerprint": .string(settings.identity.fingerprint),
                    ])
                ),
                ("dimensions", .integer(settings.dimensions)),
                ("similarity", .string(settings.similarity.rawValue)),
                ("store", .string(settings.store.rawValue)), ("seed", .string(String(seed))),
                (
                    "bm25",
                    .object([
                        "k": .number(Double(settings.bm25.k)), "b": .number(Double(settings.bm25.b)),
                    ])
                ),
                ("language", .string(settings.language.rawValue)),
            ] + sparse + [
                ("chunker", settings.chunker.map(JSONValue.string) ?? .null),
                ("fields", .object(pairs: fields)),
            ] + declared + [
                ("log", .string(log)), ("segments", .array(segments)),
                (
                    "notes",
                    .object(pairs: notes.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
                ),
            ]
        let bytes = JSONValue.object(pairs: members).bytes
        let digits = String(Checksum.of(bytes), radix: 16)
        let line = "\ncrc32c \(String(repeating: "0", count: 8 - digits.count))\(digits)\n"
        return bytes + Array(line.utf8)
    }

    init(_ bytes: [UInt8], path: String) throws(IndexError) {
        let tail = 17
        guard bytes.count > tail else { throw .damaged(path, "it has \(bytes.count) bytes") }
        let body = Array(bytes[..<(bytes.count - tail)])
        let line = String(decoding: bytes[(bytes.count - tail)...], as: UTF8.self)
        let digits = String(Checksum.of(body), radix: 16)
        guard line == "\ncrc32c \(String(repeating: "0", count: 8 - digits.count))\(digits)\n" else {
            throw .damaged(path, "its bytes contradict the checksum in its last line")
        }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(body) } catch {
            throw .damaged(path, "\(error.message)")
        }
        guard value["format"]?.string == "martlet collection", let version = value["version"]?.int else {
            throw .damaged(path, "it describes no collection")
        }
        guard (1...Self.version).contains(version) else {
            throw IndexError(
                .unsupportedVersion,
                "\(path) has version \(version) of the format; this version of Martlet reads 1 to \(Self.version)",
                path: path)
        }
        guard let settings = Self.settings(value), let generation = value["generation"]?.int,
            let nextFile = value["nextFile"]?.int,
            let log = value["log"]?.string, let seed = value["seed"]?.string.flatMap({ UInt64($0) }),
            let list = value["segments"]?.array, let notes = value["notes"]?.object
        else { throw .damaged(path, "a member is missing, or has a value that is not allowed") }
        var segments: [SegmentEntry] = []
        for entry in list {
            guard let segment = Self.segment(entry) else {
                throw .damaged(path, "segment \(segments.count) cannot be read")
            }
            segments.append(segment)
        }
        self.init(
            generation: generation, nextFile: nextFile, log: log, segments: segments, seed: seed,
            settings: settings,
            notes: Dictionary(
                notes.members.compactMap { member in member.value.string.map { (member.key, $0) } }
            ) { $1 })
        // Names become paths of files in the folder.
        guard files.allSatisfy({ !$0.contains("/") && !$0.isEmpty }) else {
            throw .damaged(path, "it names a file outside its folder")
        }
    }

    private static func settings(_ value: JSONValue) -> CollectionSettings? {
        guard let model = value["identity"]?["model"]?.string,
            let fingerprint = value["identity"]?["fingerprint"]?.string,
            let dimensions = value["dimensions"]?.int,
            let similarity = value["similarity"]?.string.flatMap(VectorSimilarity.init(rawValue:)),
            let store = value["store"]?.string.flatMap(VectorStore.init(rawValue:)),
            let k = value["bm25"]?["k"]?.double, let b = value["bm25"]?["b"]?.double,
            let language = value["language"]?.string.flatMap(WordLanguage.init(rawValue:)),
            let fields = value["fields"]?.object
        else { return nil }
        var sparse: CollectionIdentity?
        if let value = value["sparse"] {
            guard let model = value["model"]?.string, let fingerprint = value["fingerprint"]?.string else {
                return nil
            }
            sparse = CollectionIdentity(model: model, fingerprint: fingerprint)
        }
        var types: [String: FieldType] = [:]
        for member in fields.members {
            guard let type = member.value.string.flatMap(FieldType.init(rawValue:)) else { return nil }
            types[member.key] = type
        }
        let settings = CollectionSettings(
            identity: CollectionIdentity(model: model, fingerprint: fingerprint), dimensions: dimensions,
            similarity: similarity,
            store: store, bm25: BM25Settings(k: Float(k), b: Float(b)), language: language,
            sparse: sparse, chunker: value["chunker"]?.string,
            fields: FieldSchema(
                types, declared: Set((value["declaredFields"]?.array ?? []).compactMap(\.string))))
        do throws(IndexError) { try settings.check() } catch { return nil }
        return settings
    }

    private static func segment(_ value: JSONValue) -> SegmentEntry? {
        guard let name = value["name"]?.string, let rows = value["rows"]?.int, rows > 0,
            let length = value["length"]?.int,
            let checksum = value["checksum"]?.int.flatMap(UInt32.init(exactly:))
        else { return nil }
        var dead: DeadEntry?
        if let entry = value["dead"] {
            guard let name = entry["name"]?.string, let count = entry["rows"]?.int,
                let checksum = entry["checksum"]?.int.flatMap(UInt32.init(exactly:))
            else { return nil }
            dead = DeadEntry(name: name, count: count, checksum: checksum)
        }
        return SegmentEntry(name: name, rows: rows, length: length, checksum: checksum, dead: dead)
    }
}
