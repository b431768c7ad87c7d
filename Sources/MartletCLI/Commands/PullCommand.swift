#if Command && Hub

import ArgumentParser
import Martlet
import MartletHub
import MartletJSON

struct PullCommand: InterruptibleCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model into the cache that Python's tools share, checked against its digests.",
        discussion: """
            A model is a name of martlet list --known, or org/repo of the Hugging Face Hub, with @revision for a branch, a tag or a commit, and \
            with :Q8_0 for one of several GGUF files. Only the files that the engine reads are fetched: never a second copy of the weights, never code.

            What was fetched stays when a pull is interrupted, and the next one goes on there. The folder is printed at the end. \
            HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE mean what they mean to Python's huggingface_hub. \
            HTTPS_PROXY and NO_PROXY apply, too, and SSL_CERT_FILE names a file of authorities to trust in place of the system's.

            EXAMPLES
              martlet pull nomic-embed-text
              martlet pull BAAI/bge-small-en-v1.5@main
              martlet pull Qwen/Qwen3-Embedding-0.6B-GGUF:Q8_0
              martlet embed --model bge-small "How do I cook pasta?"
            """)

    @Argument(help: ArgumentHelp("Models.", valueName: "model"))
    var names: [String]
    @Flag(help: "Open no connection: succeed if the model is there, fail if not.")
    var offline = false
    @Flag(help: "One JSON object for each model, as list gives.")
    var json = false
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    func run() async throws {
        let isTerminal = System.isTerminal(2)
        let hub = offline ? Hub(offline: true) : Hub()
        for name in names {
            let reporter = PullReporter(name, isQuiet: verbosity.quiet, isTerminal: isTerminal)
            defer { reporter.clear() }
            let model = try await hub.pull(name) { reporter.report($0) }
            reporter.clear()
            if let problem = model.problem, !verbosity.quiet {
                Console.warning("\(model.repository): \(problem)")
            }
            try StandardOutput.write(
                json ? JSONText.line(.object(ListCommand.object(model))) : Array("\(model.path)\n".utf8))
        }
    }

    static func interrupted(_ status: ExitStatus) -> Never {
        if System.isTerminal(2) { Console.write("\r\u{1B}[K") }
        Console.note("stopped; what was fetched is kept, and the same command goes on with it")
        System.exitNow(status)
    }
}

#endif
