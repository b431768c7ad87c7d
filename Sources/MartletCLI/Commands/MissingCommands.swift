#if Command

import ArgumentParser

#if !Server
/// Stands for the real command in a build without the trait `Server`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve embeddings over HTTP (not in this build: it needs the trait Server).")

    @Argument(parsing: .captureForPassthrough, help: .hidden) var arguments: [String] = []

    func run() throws { throw CommandError.missing("serve", trait: "Server") }
}

/// Stands for the real command in a build without the trait `Server`.
struct MCPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Let an agent search a collection (not in this build: it needs the trait Server).")

    @Argument(parsing: .captureForPassthrough, help: .hidden) var arguments: [String] = []

    func run() throws { throw CommandError.missing("mcp", trait: "Server") }
}
#endif

#if !Hub
/// Stands for the real command in a build without the trait `Hub`.
struct PullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model into the cache (not in this build: it needs the trait Hub).")

    @Argument(parsing: .captureForPassthrough, help: .hidden) var arguments: [String] = []

    func run() throws { throw CommandError.missing("pull", trait: "Hub") }
}
#endif

extension CommandError {
    /// A command that this build was made without.
    static func missing(_ command: String, trait: String) -> CommandError {
        CommandError(
            "this build has no \(command): it was made without the trait \(trait); "
                + "run: swift build -c release --enable-all-traits --product martlet", status: .failed)
    }
}

#endif
