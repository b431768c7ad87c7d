#if Command && Server

import ArgumentParser
import Martlet
import MartletIndex
import MartletServer

struct MCPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Let an agent search a collection, by the Model Context Protocol.",
        discussion: """
            Reads messages from stdin and answers on stdout, a JSON text a line, until stdin ends. The agent gets two tools, search and read. \
            A program that starts servers for agents takes this as their command; martlet serve --data answers the same at /mcp.

            EXAMPLE (the settings of an agent)
              {"mcpServers": {"notes": {"command": "martlet", "args": ["mcp", "notes.martlet"]}}}
            """)

    @Argument(help: "The collection's folder.", completion: .file())
    var collection: String

    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>

    func run() async throws {
        let opened = try SearchCollection(opening: collection)
        let embedder = try model.load()
        // Said before the agent asks, where somebody sees it.
        let (found, expected) = (CollectionIdentity(embedder.identity), opened.settings.identity)
        guard found == expected else {
            throw CommandError(
                "\(collection) holds vectors of \(expected.model) (\(expected.fingerprint)), and the model is \(found.model) "
                    + "(\(found.fingerprint)); give the first model with -m")
        }
        let library = OneCollection(name: Self.name(of: collection), collection: opened, embedder: embedder)
        let service = MCPService(library, version: RootCommand.version)
        while let line = readLine() {
            if line.allSatisfy(\.isWhitespace) { continue }
            if let answer = await service.answer(Array(line.utf8)) {
                try StandardOutput.write(answer + [UInt8(ascii: "\n")])
            }
        }
    }

    private static func name(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return last.hasSuffix(".martlet") ? String(last.dropLast(8)) : last
    }
}

/// A collection that was opened by its path.
private struct OneCollection: SearchLibrary {
    let name: String
    let collection: SearchCollection
    let embedder: Embedder

    func names() -> [String] { [name] }

    func search(_ question: LibraryQuestion) async throws -> [Hit] {
        let vector = try await embedder.embed([question.text], as: .query)[0].values
        return try collection.search(
            SearchRequest(text: question.text, vector: vector, count: question.count, filter: question.filter)
        )
    }

    func record(_ id: String, in collection: String) throws -> MartletIndex.Record? {
        try self.collection.snapshot().record(id: id)
    }
}

#endif
