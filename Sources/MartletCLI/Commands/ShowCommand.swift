#if Command

import ArgumentParser
import Martlet
import MartletHub
import MartletJSON

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what is known of a model, and whether it is in the cache.",
        discussion: """
            What is published of a model, without its files; martlet inspect prints what a model that is there does.

            EXAMPLES
              martlet show nomic-embed-text
              martlet show BAAI/bge-small-en-v1.5 --json | jq .prompts
            """)

    @Argument(help: ArgumentHelp("A name of martlet list --known, or org/repo.", valueName: "model"))
    var name: String
    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let hub = Hub()
        let cached = try hub.find(name)
        guard
            let known = KnownModels.named(name) ?? cached?.known
                ?? (cached == nil ? nil : KnownModels.named(cached?.repository ?? ""))
        else {
            guard let cached else {
                throw HubError(
                    .notFound,
                    "\(name) is neither known by name nor in \(hub.cachePath); martlet pull \(name) would look for it"
                )
            }
            return try write(nil, cached)
        }
        try write(known, cached)
    }

    private func write(_ known: KnownModel?, _ cached: CachedModel?) throws {
        if json {
            var members = known.map { Self.object($0).members } ?? []
            members.append(
                .init(key: "cached", value: cached.map { .object(ListCommand.object($0)) } ?? .null))
            try StandardOutput.write(JSONText.line(.object(JSONObject(members))))
        } else {
            try StandardOutput.write(Self.text(known, cached))
        }
    }

    static func text(_ known: KnownModel?, _ cached: CachedModel?) -> String {
        var rows: [(String, String)] = []
        if let known {
            rows += [("name", known.name), ("repository", known.repository)]
            if !known.aliases.isEmpty { rows.append(("also", known.aliases.joined(separator: ", "))) }
            rows += [("kind", known.kind.rawValue), ("family", known.family)]
            if let dimensions = known.dimensions { rows.append(("dimensions", "\(dimensions)")) }
            rows.append(("max tokens", "\(known.maxTokens)"))
            if let pooling = known.pooling { rows.append(("pooling", pooling.rawValue)) }
            if let prompt = known.queryPrompt {
                rows.append(("prompt query", Format.excerpt(prompt, width: 90)))
            }
            if let prompt = known.documentPrompt {
                rows.append(("prompt document", Format.excerpt(prompt, width: 90)))
            }
            rows += [("parameters", "\(known.millions) M"), ("licence", known.license)]
        } else if let cached {
            rows += [
                ("repository", cached.repository), ("kind", cached.kind?.rawValue ?? "?"),
                ("family", cached.family ?? "?"),
            ]
        }
        if let cached {
            rows += [
                ("cached", "\(Format.fileSize(cached.size)), \(Format.day(cached.modified))"),
                ("revision", cached.revisions.joined(separator: ", ")),
                ("commit", cached.commit), ("path", cached.path),
                ("runs", cached.problem.map { "no: \($0)" } ?? "yes"),
            ]
        } else {
            rows.append(("cached", "no"))
        }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        return rows.map { Format.padded($0.0, to: width) + Console.oneLine($0.1) + "\n" }.joined()
    }

    static func object(_ model: KnownModel) -> JSONObject {
        var prompts: [(String, JSONValue)] = []
        if let query = model.queryPrompt { prompts.append(("query", .string(query))) }
        if let document = model.documentPrompt { prompts.append(("document", .string(document))) }
        return JSONObject(named: [
            ("name", .string(model.name)), ("repository", .string(model.repository)),
            ("aliases", .array(model.aliases.map { .string($0) })),
            ("kind", .string(model.kind.rawValue)), ("family", .string(model.family)),
            ("dimensions", model.dimensions.map { .integer($0) } ?? .null),
            ("max_tokens", .integer(model.maxTokens)),
            ("pooling", .text(model.pooling?.rawValue)), ("prompts", .object(JSONObject(named: prompts))),
            ("parameters_millions", .integer(model.millions)), ("license", .string(model.license)),
        ])
    }
}

#endif
