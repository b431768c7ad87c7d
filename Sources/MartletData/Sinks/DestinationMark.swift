internal import Martlet
package import MartletJSON

/// What a database keeps about a table or a collection of vectors: the model, and where the job that fills it
/// is. The position is written in the transaction of the rows before it, or after they are stored.
package struct DestinationMark: Equatable, Sendable {
    package var fingerprint: String
    package var identity: String
    /// The source of the job that is not at its end; empty: none.
    package var source: String
    /// The position in it, as JSON.
    package var position: String

    package init(fingerprint: String, identity: String, source: String = "", position: String = "") {
        self.fingerprint = fingerprint
        self.identity = identity
        self.source = source
        self.position = position
    }

    package init(_ schema: VectorSchema) {
        self.init(
            fingerprint: Self.fingerprint(schema), identity: Self.identity(schema))
    }

    /// The identity's JSON, with the probe as one more member.
    private static func identity(_ schema: VectorSchema) -> String {
        guard let identity = schema.identity?.json else { return "" }
        guard let probe = schema.probe else { return identity }
        return identity.dropLast() + ",\"probe\":\(probe.json)}"
    }

    private var probe: ModelProbe? {
        guard let list = (try? JSONValue.parse(utf8: identity))?["probe"] else { return nil }
        var bytes: [UInt8] = []
        JSONText.append(list, to: &bytes)
        return ModelProbe(json: String(decoding: bytes, as: UTF8.self))
    }

    /// The space, and the kind of numbers that are stored.
    private static func fingerprint(_ schema: VectorSchema) -> String {
        "\(schema.identity?.space.fingerprint ?? "unknown") \(schema.elementType.rawValue) \(schema.width)"
    }

    /// - Throws: ``DataError/Code/changedInput`` if the place has vectors of another model or shape.
    package func check(_ schema: VectorSchema, at place: String) throws(DataError) {
        guard fingerprint != Self.fingerprint(schema) else {
            guard let probe, let now = schema.probe, let difference = probe.difference(from: now) else {
                return
            }
            throw DataError(
                .changedInput, at: place, "holds vectors of \(difference)",
                remedies: [.advice("name another table or collection")])
        }
        var reason = "holds vectors of another model, or of another shape"
        if let before = ModelIdentity(json: identity), let now = schema.identity {
            reason =
                before.space.difference(from: now.space).map { "holds vectors of another space: \($0)" }
                ?? "holds vectors in another number format"
        }
        throw DataError(
            .changedInput, at: place, reason,
            remedies: [
                .advice("name another table or collection"), .advice("use the same model and options"),
            ])
    }

    /// The place to go on from, for a job over that source.
    package func checkpoint(of source: String) -> Checkpoint? {
        guard !position.isEmpty, self.source == source, let value = try? JSONValue.parse(utf8: position),
            let state = value["source"]?.string, let index = value["index"]?.int,
            let input = value["input"]?.int,
            let offset = value["offset"]?.int, let lines = value["lines"]?.int
        else { return nil }
        return Checkpoint(
            source: state, index: index, input: input, offset: offset, lines: lines, key: value["key"]?.string
        )
    }

    /// Rows that the table had at that position; nil: nobody counted.
    package var rows: Int? { (try? JSONValue.parse(utf8: position))?["rows"]?.int }

    /// - Parameter rows: All rows of the table, where they are counted.
    package static func json(_ checkpoint: Checkpoint, rows: Int? = nil) -> String {
        let value = JSONValue.object(present: [
            "source": .string(checkpoint.source), "index": .integer(checkpoint.index),
            "input": .integer(checkpoint.input), "offset": .integer(checkpoint.offset),
            "lines": .integer(checkpoint.lines), "key": checkpoint.key.map { .string($0) },
            "rows": rows.map { .integer($0) },
        ])
        return String(decoding: value.bytes, as: UTF8.self)
    }

    // MARK: As one JSON object

    package init?(_ value: JSONValue?) {
        guard let value, let fingerprint = value["fingerprint"]?.string,
            let identity = value["identity"]?.string, let source = value["source"]?.string,
            let position = value["position"]?.string
        else { return nil }
        self.init(fingerprint: fingerprint, identity: identity, source: source, position: position)
    }

    package var value: JSONValue {
        .object([
            "fingerprint": .string(fingerprint), "identity": .string(identity), "source": .string(source),
            "position": .string(position),
        ])
    }
}
