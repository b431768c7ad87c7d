import ArgumentParser
import Martlet

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@main
enum Main {
    /// On the main actor: the commands must begin on the main thread, whose signal mask every later thread inherits.
    @MainActor static func main() async {
        Signals.ignoreClosedPipes()
        exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    @MainActor static func run(_ arguments: [String]) async -> ExitStatus {
        do {
            try checkArguments()
            var command = try RootCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .success
        } catch {
            return report(error)
        }
    }

    /// Says what went wrong on stderr, in one line, and gives the status to end with.
    static func report(_ error: any Error) -> ExitStatus {
        switch error {
        case let error as CommandError: return fail(error.message, error.status)
        case let error as InputError: return fail(error.message, .failed)
        case OutputError.closedPipe: return .success
        case OutputError.failed(let error): return fail(error.message, error.status)
        case let error as MartletError: return fail(error.message, error.code == .invalidOption ? .usage : .failed)
        default: return reportParser(error)
        }
    }

    private static func fail(_ message: String, _ status: ExitStatus) -> ExitStatus {
        Console.error(message)
        return status
    }

    /// Help and version come as errors from the parser, too.
    private static func reportParser(_ error: any Error) -> ExitStatus {
        if RootCommand.exitCode(for: error).isSuccess {
            print(RootCommand.fullMessage(for: error))
            return .success
        }
        let full = RootCommand.fullMessage(for: error)
        let usage = full.split(separator: "\n").first { $0.hasPrefix("Usage: ") }
        Console.error(RootCommand.message(for: error))
        if let usage { Console.write("\(usage)\nTry --help for options and examples.\n") }
        return .usage
    }

    /// Swift repairs arguments that are not UTF-8, which would change a text without a word.
    private static func checkArguments() throws(CommandError) {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            guard String(validatingCString: argument) != nil else {
                throw .usage("argument \(index): not UTF-8; set the terminal to UTF-8, or pass the text in a file with -f")
            }
        }
    }
}

struct RootCommand: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Text embeddings on your CPU.",
        discussion: """
            The default model, all-MiniLM-L6-v2, is inside the program: nothing is downloaded.

            EXAMPLES
              martlet embed "How do I cook pasta?"
              martlet embed -f conversations.jsonl --field text -o vectors.npy
              martlet compare "a cat" "a kitten" "a car"
            """,
        version: version,
        subcommands: [
            EmbedCommand.self, RerankCommand.self, CompareCommand.self, ServeCommand.self, InspectCommand.self, TokenizeCommand.self,
            ConvertCommand.self, VerifyCommand.self, BenchCommand.self,
        ])
}
