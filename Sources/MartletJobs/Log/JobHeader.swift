import Martlet
import MartletData
import MartletJSON

/// What a job is tied to: its model, its options and its source. A job goes on only under an equal header.
package struct JobHeader: Sendable, Equatable {
    /// An option that changes the result, as messages show it.
    package struct Setting: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Which part of the records this job takes, of how many: from 1.
    package struct Shard: Sendable, Equatable {
        package var number: Int
        package var count: Int

        package init(number: Int, of count: Int) {
            self.number = number
            self.count = count
        }
    }

    /// The name of the output's format, or of the kind of database.
    package var format: String
    package var schema: VectorSchema
    package var settings: [Setting]
    /// What the source says it reads, as ``Checkpoint/source``.
    package var source: String
    package var shard: Shard?
    /// Whether digests of the texts are kept, and rows after the end, so that a later run embeds what has
    /// changed.
    package var keepsRows: Bool
    /// Whether the output has a file beside it with identity and ids.
    package var companion: Bool
    /// The command that began the job, for people. It is not compared.
    package var arguments: [String]

    package init(
        format: String, schema: VectorSchema, settings: [Setting], source: String, shard: Shard? = nil,
        keepsRows: Bool = false,
        companion: Bool = false, arguments: [String] = []
    ) {
        self.format = format
        self.schema = schema
        self.settings = settings
        self.source = source
        self.shard = shard
        self.keepsRows = keepsRows
        self.companion = companion
        self.arguments = arguments
    }

    /// What differs first, as a clause "X A, and now B"; nil: nothing. The source is not compared.
    package func difference(from now: JobHeader) -> String? {
        func clause(_ name: String, _ before: String, _ after: String) -> String? {
            before == after ? nil : "\(name) \(before), and now \(after)"
        }
        if let before = schema.identity, let after = now.schema.identity {
            if let difference = before.space.difference(from: after.space) {
                return "another model or space: \(difference)"
            }
            if let difference = clause("precision", before.computation.precision, after.computation.precision)
                ?? clause("device", before.computation.device, after.computation.device)
            {
                return difference
            }
        }
        if let difference = clause("kind", schema.kind.rawValue, now.schema.kind.rawValue)
            ?? clause("dimensions", "\(schema.width)", "\(now.schema.width)")
            ?? clause("numbers", schema.elementType.rawValue, now.schema.elementType.rawValue)
            ?? clause("format", format, now.format)
            ?? clause("shard", shard?.description ?? "none", now.shard?.description ?? "none")
        {
            return difference
        }
        for name in settings.map(\.name) + now.settings.map(\.name) {
            let (before, after) = (value(name), now.value(name))
            if let difference = clause(name, before ?? "not given", after ?? "not given") {
                return difference
            }
        }
        for name in schema.facts.map(\.name) + now.schema.facts.map(\.name) {
            let (before, after) = (schema.fact(name), now.schema.fact(name))
            if let difference = clause(name, before ?? "not given", after ?? "not given") {
                return difference
            }
        }
        if let before = schema.probe, let after = now.schema.probe,
            let difference = before.difference(from: after)
        {
            return difference
        }
        return clause(
            "companion file", companion ? "written" : "not written", now.companion ? "written" : "not written"
        )
    }

    private func value(_ name: String) -> String? { settings.first { $0.name == name }?.value }
}

extension JobHeader.Shard: CustomStringConvertible {
    package var description: String { "\(number)/\(count)" }
}

extension VectorSchema {
    fileprivate func fact(_ name: String) -> String? { facts.first { $0.name == name }?.json }
}

extension JobHeader {
    static func bytes(_ members: [(String, JSONValue)]) -> [UInt8] { JSONValue.object(pairs: members).bytes }

    private static func pairs(_ pairs: [(String, String)]) -> JSONValue {
        .array(pairs.map { .array([.string($0.0), .string($0.1)]) })
    }

    private static func pairs(_ value: JSONValue?) -> [(String, String)]? {
        guard let list = value?.array else { return nil }
        let pairs = list.compactMap { pair -> (String, String)? in
            guard let first = pair[0]?.string, let second = pair[1]?.string else { return nil }
            return (first, second)
        }
        return pairs.count == list.count ? pairs : nil
    }

    var json: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("version", .integer(1)), ("format", .string(format)), ("kind", .string(schema.kind.rawValue)),
            ("width", .integer(schema.width)), ("numbers", .string(schema.elementType.rawValue)),
            ("facts", Self.pairs(schema.facts.map { ($0.name, $0.json) })),
            ("settings", Self.pairs(settings.map { ($0.name, $0.value) })), ("source", .string(source)),
            ("keepsRows", .bool(keepsRows)), ("companion", .bool(companion)),
            ("arguments", .array(arguments.map { .string($0) })),
        ]
        if let identity = schema.identity { members.append(("identity", .string(identity.json))) }
        if let probe = schema.probe { members.append(("probe", .string(probe.json))) }
        if let shard { members.append(("shard", .array([.integer(shard.number), .integer(shard.count)]))) }
        return Self.bytes(members)
    }

    /// nil: the bytes are not a header of this version.
    init?(json bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes), value["version"]?.int == 1,
            let format = value["format"]?.string,
            let kind = value["kind"]?.string.flatMap(VectorKind.init(rawValue:)),
            let width = value["width"]?.int,
            let numbers = value["numbers"]?.string.flatMap(VectorElementType.init(rawValue:)),
            let facts = Self.pairs(value["facts"]),
            let settings = Self.pairs(value["settings"]), let source = value["source"]?.string,
            let keepsRows = value["keepsRows"]?.bool, let companion = value["companion"]?.bool,
            let arguments = value["arguments"]?.array
        else { return nil }
        let shard = value["shard"].flatMap { pair -> Shard? in
            guard let number = pair[0]?.int, let count = pair[1]?.int else { return nil }
            return Shard(number: number, of: count)
        }
        var schema = VectorSchema(
            kind: kind, width: width, elementType: numbers,
            identity: value["identity"]?.string.flatMap(ModelIdentity.init(json:)),
            facts: facts.map { VectorSchema.Fact(name: $0.0, json: $0.1) })
        schema.probe = value["probe"]?.string.flatMap(ModelProbe.init(json:))
        self.init(
            format: format, schema: schema,
            settings: settings.map { Setting($0.0, $0.1) }, source: source, shard: shard,
            keepsRows: keepsRows, companion: companion,
            arguments: arguments.compactMap(\.string))
    }
}
