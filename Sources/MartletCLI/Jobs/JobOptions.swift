#if Command

import ArgumentParser
import MartletData
import MartletJobs

extension JobHeader.Shard {
    fileprivate init(argument: String) throws {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], count > 0, count <= 1_000_000,
            (1...count).contains(number)
        else {
            throw ValidationError("expected k/n with k from 1 to n, such as 3/16 for the third of 16 parts")
        }
        self.init(number: number, of: count)
    }
}

/// What makes a run a job: it can be interrupted, and goes on.
struct JobOptions: ParsableArguments {
    @Flag(
        help: """
            Keep rows and the position in the input in FILE.job, so that the same command goes on where it was interrupted: by Ctrl-C, a crash \
            or a full disk. The output appears when it is whole, with the bytes of a run that nothing interrupted.
            """)
    var resume = false

    @Flag(
        help: """
            As --resume, and keep the rows after the end: when the input has changed, the same command embeds new and changed texts alone.
            """)
    var onlyChanged = false

    @Option(
        help: ArgumentHelp(
            "With --to and --only-changed: the file that knows which texts the database has.",
            valueName: "file"))
    var journal: String?

    @Flag(help: "With --to and --only-changed: remove rows whose records have left the input.")
    var prune = false

    @Option(
        help: ArgumentHelp(
            "Embed one part of the records, such as 3/16: the third of sixteen, for as many machines. martlet merge makes one file of the "
                + "parts. Implies --resume.", valueName: "k/n"),
        transform: { try JobHeader.Shard(argument: $0) })
    var shard: JobHeader.Shard?

    @Option(
        help: ArgumentHelp("Write what the run did to a file, as JSON.", valueName: "file"),
        completion: .file())
    var report: String?

    @Option(
        help: ArgumentHelp(
            "When to run: always; charging, while the machine has power from outside; idle, while nobody uses the machine and no other program "
                + "needs its cores or memory; or both, as charging,idle. The run waits in between. On Linux and macOS.",
            valueName: "condition"))
    var when = "always"

    @Option(
        help: ArgumentHelp("Leave the cores to other programs: 0 to 19, the larger the more.", valueName: "n")
    )
    var nice: Int?

    @Option(
        help: ArgumentHelp(
            "The most memory that the process may hold, such as 512MiB or 2GiB: batches and reading ahead are held to it, and a limit that "
                + "is too small is refused before the first text. One text is always held whole.",
            valueName: "bytes"))
    var maxMemory: ByteCount?

    /// Whether the run has a log beside its output.
    var isJob: Bool { resume || onlyChanged && journal == nil || shard != nil }

    func validate() throws {
        for word in when.split(separator: ",", omittingEmptySubsequences: false)
        where !["always", "charging", "idle"].contains(word) {
            throw CommandError.usage(
                "--when \(when): expected always, charging or idle, or both as charging,idle")
        }
        if when != "always", SystemConditions.charging == nil {
            throw CommandError.usage(
                "--when \(when): this system does not tell in a way that martlet reads; drop it")
        }
        if let nice, !(0...19).contains(nice) { throw CommandError.usage("--nice \(nice): expected 0 to 19") }
        if journal != nil || prune, !onlyChanged {
            throw CommandError.usage("--journal and --prune are for --only-changed")
        }
        if prune, journal == nil { throw CommandError.usage("--prune needs --journal FILE, and --to") }
        if shard != nil, onlyChanged {
            throw CommandError.usage("--only-changed is for whole inputs; drop it, or --shard")
        }
    }

    /// What has to hold for the run to go on.
    func conditions(threads: Int) -> [any RunCondition] {
        when.split(separator: ",").compactMap { word -> (any RunCondition)? in
            switch word {
            case "charging": SystemConditions.charging
            case "idle": SystemConditions.idle(cores: threads)
            default: nil
            }
        }
    }

    /// Checks that there is a place for the log, and that the input can be read again.
    func check(_ output: OutputPlan, source: AnyRecordSource) throws(CommandError) {
        guard isJob else { return }
        let option = shard != nil ? "--shard" : onlyChanged ? "--only-changed" : "--resume"
        guard let path = output.path, !System.isStream(path) else {
            throw .usage("\(option) keeps FILE.job beside the output; name the output with -o")
        }
        guard OutputFormat.all.contains(output.format) else {
            throw .usage(
                "\(option) has no --format \(output.format.name); use one of \(OutputFormat.all.map(\.name).joined(separator: ", "))"
            )
        }
        guard source.digest != nil else {
            throw .usage(
                "\(option) reads the input again after an interruption, and a stream is gone then; put it into a file"
            )
        }
    }
}

#endif
