#if Command

import ArgumentParser
import Martlet
import MartletHub
import MartletJSON

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the models in the cache, or all that are known by name.",
        discussion: """
            The cache is the one of Python's huggingface_hub, so models that Python fetched are there, too. Nothing is asked of any server.

            EXAMPLES
              martlet list
              martlet list --known
              martlet list --json | jq -r '.[] | select(.problem == null) | .path'
            """)

    @Flag(help: "The models that are known by name, cached or not.")
    var known = false
    @Flag(help: "A JSON array.")
    var json = false
    @Flag(help: .hidden)
    var markdown = false

    func run() throws {
        if known, markdown { return try StandardOutput.write(KnownModelsPage.markdown) }
        let hub = Hub()
        if known {
            let cached = Set(hub.list().map(\.repository))
            try StandardOutput.write(
                json
                    ? JSONText.line(.array(KnownModels.all.map { .object(ShowCommand.object($0)) }))
                    : Array(Self.knownTable(cached).utf8))
        } else {
            let models = hub.list()
            if json {
                return try StandardOutput.write(
                    JSONText.line(.array(models.map { .object(Self.object($0)) })))
            }
            guard !models.isEmpty else {
                Console.note(
                    "no models in \(hub.cachePath); martlet list --known shows what martlet pull knows by name"
                )
                return
            }
            try StandardOutput.write(Self.table(models))
        }
    }

    static func table(_ models: [CachedModel]) -> String {
        var table = Table(["model", "revision", "size", "kind", "fetched", "runs"], numbers: [2])
        for model in models {
            let revision =
                model.revisions.isEmpty
                ? String(model.commit.prefix(7)) : model.revisions.joined(separator: ", ")
            table.add([
                model.repository, revision, Format.fileSize(model.size), model.kind?.rawValue ?? "?",
                Format.day(model.modified),
                model.problem.map { "no: \($0)" } ?? "yes",
            ])
        }
        return table.text
    }

    static func knownTable(_ cached: Set<String>) -> String {
        var table = Table(
            ["name", "kind", "dimensions", "max tokens", "parameters", "licence", "cached"],
            numbers: [2, 3, 4])
        for model in KnownModels.all {
            table.add([
                model.name, model.kind.rawValue, model.dimensions.map { "\($0)" } ?? "-",
                "\(model.maxTokens)", "\(model.millions) M",
                model.license, cached.contains(model.repository) ? "yes" : "",
            ])
        }
        return table.text
    }

    static func object(_ model: CachedModel) -> JSONObject {
        JSONObject(named: [
            ("repository", .string(model.repository)), ("commit", .string(model.commit)),
            ("revisions", .array(model.revisions.map { .string($0) })), ("path", .string(model.path)),
            ("bytes", .integer(model.size)),
            ("fetched", .integer(model.modified)), ("kind", .text(model.kind?.rawValue)),
            ("family", .text(model.family)),
            ("problem", .text(model.problem)),
        ])
    }
}

extension JSONText {
    /// A value on a line of its own.
    static func line(_ value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}

extension JSONValue {
    /// A string, or null for none.
    static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}

extension JSONObject {
    init(named members: [(String, JSONValue)]) { self.init(members.map { Member(key: $0.0, value: $0.1) }) }
}

#endif
