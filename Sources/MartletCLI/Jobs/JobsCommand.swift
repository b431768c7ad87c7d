#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletJobs

struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs of this machine.",
        discussion: """
            A job is a run of embed with --resume, --only-changed or --shard. Jobs whose FILE.job is gone are not listed.

            EXAMPLES
              martlet jobs
              martlet jobs vectors.npy.job
            """)

    @Argument(
        help: "Logs of jobs, FILE.job. Default: all that were begun on this machine.", completion: .file())
    var logs: [String] = []

    func run() throws {
        let entries =
            try logs.isEmpty
            ? JobRegistry().entries()
            : logs.map { path in
                guard let entry = JobRegistry.entry(path) else {
                    throw CommandError(
                        "\(path): \(System.exists(path) ? "is not the log of a job" : "no such file")")
                }
                return entry
            }
        guard !entries.isEmpty else { return Console.note("no jobs") }
        var lines = ""
        for entry in entries {
            let rows = Format.count(entry.last?.rows ?? 0, "row")
            let model = entry.header.schema.identity?.space.model ?? "unknown model"
            lines +=
                "\(Console.oneLine(entry.path))  \(entry.state.rawValue)  \(rows)  \(Console.oneLine(model))\n"
        }
        try StandardOutput.write(lines)
    }
}

struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one file of the parts that embed --shard has made.",
        discussion: """
            The bytes are those of one run over the whole input. The parts, FILE.K-of-N.job, are looked for beside the output, and stay.

            EXAMPLES
              martlet embed -f corpus.jsonl --field text -o vectors.npy --shard 1/2
              martlet embed -f corpus.jsonl --field text -o vectors.npy --shard 2/2
              martlet merge vectors.npy
            """)

    @Argument(help: "The output that the parts were made for.", completion: .file())
    var output: String

    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    func run() async throws {
        let merge = try FileMerge(into: output)
        try await merge.run()
        if !verbosity.quiet {
            Console.note(
                "\(output): \(Format.count(merge.rows, "row")) of \(Format.count(merge.parts, "part"))")
        }
    }
}

#endif
