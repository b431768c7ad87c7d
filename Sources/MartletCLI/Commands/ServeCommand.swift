#if Command && Server

import ArgumentParser
import CoreMetrics
import Martlet
import MartletData
import MartletMiniLM
import MartletServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve embeddings over HTTP.",
        discussion: """
            Answers clients of OpenAI, Azure, Text Embeddings Inference, Ollama, Cohere, Jina, Voyage, Mistral, infinity and llama.cpp \
            on one port; GET /docs lists the routes.
            Each option can be set in a file (--config, a JSON object) or in the environment (MARTLET_PORT for --port); an option
            wins over the environment, and that over the file.

            EXAMPLES
              martlet serve
              martlet serve --model bge=path/to/model --model more.gguf --port 9000
              curl http://127.0.0.1:8080/v1/embeddings -d '{"input": "a cat"}'
            """)

    @OptionGroup(title: "Options") var options: ServeOptions
    @Option(help: ArgumentHelp("A JSON file of settings.", valueName: "path"), completion: .file())
    var config: String?
    @Flag(help: "Print the configuration that would be used, and end.")
    var printConfig = false

    func run() async throws {
        do {
            let resolved = try resolve()
            if printConfig { return try StandardOutput.write(resolved.text) }
            let server = try EmbeddingServer(resolved)
            // What the libraries below record is on the server's page, too.
            MetricsSystem.bootstrap(server.metricsFactory)
            try await server.run()
        } catch let error as ServerError {
            throw CommandError(error.message)
        }
    }

    private func resolve() throws -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.version = RootCommand.version
        let file = try (config ?? System.environment("MARTLET_CONFIG")).map { path in
            (text: try Self.text(at: path), name: path)
        }
        do {
            try configuration.apply(file: file, environment: System.environment, options: options.given)
        } catch {
            throw CommandError.usage(error.message)
        }
        configuration.models = configuration.models.map { DefaultModel.resolved($0) }
        if configuration.models.isEmpty { configuration.models = [DefaultModel.entry(DefaultModel.name)] }
        do throws(ServerError) { try configuration.check() } catch {
            throw CommandError.usage(error.message)
        }
        return configuration
    }

    private static func text(at path: String) throws -> String {
        let source = try ByteSource.file(path)
        let limit = 1 << 20
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = try chunk.withUnsafeMutableBytes { try source.read($0) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
        throw CommandError("\(path): larger than 1 MiB, no file of settings")
    }
}

#endif
