import Martlet
import MartletData
import MartletJSON

/// What a database keeps about a table of vectors: the model, and where the job that fills it is. It changes
/// in the transaction that writes the rows, so rows and position are always of one moment.
struct TableMark: Equatable {
    static let table = "martlet_tables"
    static let columns = ["table_name", "fingerprint", "identity", "source", "position"]

    var fingerprint: String
    var identity: String
    /// The source of the job that is not at its end; empty: none.
    var source: String
    /// The position in it, as JSON.
    var position: String

    init(fingerprint: String, identity: String, source: String = "", position: String = "") {
        self.fingerprint = fingerprint
        self.identity = identity
        self.source = source
        self.position = position
    }

    init(_ schema: VectorSchema) {
        self.init(
            fingerprint: Self.fingerprint(schema), identity: schema.identity?.json ?? "")
    }

    /// The space, and the kind of numbers that are stored.
    private static func fingerprint(_ schema: VectorSchema) -> String {
        "\(schema.identity?.space.fingerprint ?? "unknown") \(schema.elementType.rawValue) \(schema.width)"
    }

    /// - Throws: ``DataError/Code/changedInput`` if the table has vectors of another model or shape.
    func check(_ schema: VectorSchema, at place: String) throws(DataError) {
        guard fingerprint != Self.fingerprint(schema) else { return }
        var reason = "holds vectors of another model, or of another shape"
        if let before = ModelIdentity(json: identity), let now = schema.identity {
            reason =
                before.space.difference(from: now.space).map { "holds vectors of another space: \($0)" }
                ?? "holds vectors in another number format"
        }
        throw DataError(
            .changedInput, at: place, reason,
            remedies: [.advice("name another table"), .advice("use the same model and options")])
    }

    /// The place to go on from, for a job over that source.
    func checkpoint(of source: String) -> Checkpoint? {
        guard !position.isEmpty, self.source == source, let value = try? JSONValue.parse(utf8: position),
            let state = value["source"]?.string, let index = value["index"]?.int,
            let input = value["input"]?.int,
            let offset = value["offset"]?.int, let lines = value["lines"]?.int
        else { return nil }
        return Checkpoint(
            source: state, index: index, input: input, offset: offset, lines: lines, key: value["key"]?.string
        )
    }

    static func json(_ checkpoint: Checkpoint) -> String {
        var members: [(String, JSONValue)] = [
            ("source", .string(checkpoint.source)), ("index", .integer(checkpoint.index)),
            ("input", .integer(checkpoint.input)),
            ("offset", .integer(checkpoint.offset)), ("lines", .integer(checkpoint.lines)),
        ]
        if let key = checkpoint.key { members.append(("key", .string(key))) }
        var bytes: [UInt8] = []
        JSONText.append(.object(JSONObject(members.map { .init(key: $0.0, value: $0.1) })), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
