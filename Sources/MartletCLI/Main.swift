#if Command

import ArgumentParser
import Martlet
import MartletChunking
import MartletData
import MartletHub
import MartletIndex
internal import MartletSystem

@main
enum Main {
    /// Not async: the main thread of an async main is given away with no signal blocked, and other threads
    /// start before a command can block them, so that Ctrl-C would end every command at once.
    static func main() {
        AddressSpace.save()
        AddressGuard.catchSignals()
        Signals.ignoreClosedPipes()
        var parsed: (any ParsableCommand)?
        do {
            try checkArguments()
            let arguments = Arguments.joiningNegativeNumbers(Array(CommandLine.arguments.dropFirst()))
            try Arguments.checkCommand(arguments)
            DefaultModel.loadAhead(arguments[...])
            var command = try RootCommand.parseAsRoot(arguments)
            parsed = command
            switch command {
            case let command as any InterruptibleCommand:
                try watchSignals(of: command)
                try wait(for: command)
            case let command as any AsyncParsableCommand: try wait(for: command)
            default: try command.run()
            }
        } catch {
            exit(report(error, of: parsed).rawValue)
        }
        exit(ExitStatus.success.rawValue)
    }

    private static func watchSignals<Command: InterruptibleCommand>(of command: Command) throws {
        try Signals.onInterrupt { Command.interrupted($0) }
    }

    /// Runs a command on Swift's threads while this one waits. Dispatch's own way to wait ends the main thread,
    /// which glibc can do only where libgcc_s is installed.
    private static func wait<Command: AsyncParsableCommand>(for command: Command) throws {
        try AddressGuard.startWatch()
        let outcome = Monitor<Result<Void, any Error>?>(nil)
        nonisolated(unsafe) var command = command
        Task {
            let result: Result<Void, any Error>
            do { result = .success(try await command.run()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            outcome.signal()
        }
        try outcome.waiting { $0 }.get()
    }

    /// Says what went wrong on stderr, in one line, and gives the status to end with.
    static func report(_ error: any Error, of command: (any ParsableCommand)? = nil) -> ExitStatus {
        switch error {
        case let error as CommandError: return fail(error.message, error.status)
        // as any filter whose reader has gone
        case let error as DataError where error.code == .closedPipe: return .success
        case let error as DataError: return fail(error.message(in: command), .failed)
        case let error as HubError: return fail(error.message, error.code == .invalidName ? .usage : .failed)
        case let error as IndexError where error.code == .notFound:
            let folder = error.path.map { " -o \($0)" } ?? ""
            return fail(
                "\(error.message); check the path, or make one: martlet index FILES\(folder)", .failed)
        case let error as IndexError:
            return fail(
                error.message, error.code == .invalidOption || error.code == .invalidFilter ? .usage : .failed
            )
        case let error as MartletError:
            return fail(error.messageForCommand, error.code == .invalidOption ? .usage : .failed)
        case let error as ChunkingError:
            return fail(error.message, error.code == .indivisible ? .failed : .usage)
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
        Console.error(inOneLine(RootCommand.message(for: error)))
        if let usage { Console.write("\(usage)\nTry --help for options and examples.\n") }
        return .usage
    }

    /// The parser lists many values on lines of their own.
    private static func inOneLine(_ message: String) -> String {
        let lines = message.split(separator: "\n")
        let values = lines.filter { $0.hasPrefix("  - ") }.map { $0.dropFirst(4) }
        guard !values.isEmpty else { return message }
        let words = lines.filter { !$0.hasPrefix("  - ") }.joined(separator: " ")
        return "\(words) \(values.joined(separator: ", "))"
    }

    /// Swift repairs arguments that are not UTF-8, which would change a text without a word.
    private static func checkArguments() throws(CommandError) {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            guard String(validatingCString: argument) != nil else {
                throw .usage(
                    "argument \(index): not UTF-8; set the terminal to UTF-8, or pass the text in a file with -f"
                )
            }
        }
    }
}

struct RootCommand: AsyncParsableCommand {
    static let version = MartletVersion.current

    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Text embeddings on your CPU.",
        discussion: """
            The default model, all-MiniLM-L6-v2, is inside the program: nothing is downloaded.

            EXAMPLES
              martlet embed "How do I cook pasta?"
              martlet embed -f conversations.jsonl --field text -o vectors.npy
              martlet compare "a cat" "a kitten" "a car"
              martlet index notes/ -o notes.martlet
              martlet search notes.martlet "how do I cook pasta"
              martlet pull nomic-embed-text
            """,
        version: BuildFacts.current.description,
        subcommands: [
            EmbedCommand.self, IndexCommand.self, SearchCommand.self, CollectionCommand.self,
            RerankCommand.self, CompareCommand.self,
            ServeCommand.self, MCPCommand.self, InspectCommand.self, TokenizeCommand.self, ChunkCommand.self,
            JobsCommand.self,
            MergeCommand.self, PullCommand.self, ListCommand.self, ShowCommand.self, RemoveCommand.self,
            ConvertCommand.self,
            VerifyCommand.self,
            BenchCommand.self,
        ])
}

#endif
