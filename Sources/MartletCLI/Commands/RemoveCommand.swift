#if Command

import ArgumentParser
import MartletHub
import MartletJSON

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove a model from the cache, and free the files that no other revision uses.",
        discussion: """
            The cache is the one of Python's huggingface_hub: a model that is removed is gone for Python, too. On a terminal it is asked first.

            EXAMPLES
              martlet rm nomic-embed-text
              martlet rm BAAI/bge-small-en-v1.5@v1 --yes
            """)

    @Argument(
        help: ArgumentHelp(
            "A name of martlet list --known, or org/repo, with @revision for one of several.",
            valueName: "model"))
    var name: String
    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false
    @Flag(help: "One JSON object.")
    var json = false
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    func run() throws {
        let hub = Hub()
        let removal = try hub.removal(of: name)
        let what =
            "\(removal.repository), \(Format.count(removal.commits.count, "commit")), \(Format.fileSize(removal.bytes))"
        let terminals = Terminals.current
        if terminals.input, terminals.error, !yes {
            Console.write("remove \(what)? [y/N] ")
            guard let answer = readLine()?.lowercased(), answer == "y" || answer == "yes" else {
                throw CommandError("nothing was removed")
            }
        }
        try hub.remove(removal)
        if json {
            try StandardOutput.write(
                JSONText.line(
                    .object(
                        JSONObject(named: [
                            ("repository", .string(removal.repository)),
                            ("commits", .array(removal.commits.map { .string($0) })),
                            ("bytes", .integer(removal.bytes)),
                        ]))))
        } else if !verbosity.quiet {
            Console.note("removed \(what)")
        }
    }
}

#endif
