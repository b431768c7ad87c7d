#if Command

import ArgumentParser
import MartletData
import MartletJobs

extension JobHeader.Shard: ExpressibleByArgument {
    public init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], count > 0, count <= 1_000_000, (1...count).contains(number)
        else { return nil }
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
            "Embed one part of the records, such as 3/16: the third of sixteen, for as many machines. martlet merge makes one file of the "
                + "parts. Implies --resume.", valueName: "k/n"))
    var shard: JobHeader.Shard?

    @Option(help: ArgumentHelp("Write what the run did to a file, as JSON.", valueName: "file"))
    var report: String?

    var isJob: Bool { resume || onlyChanged || shard != nil }

    func validate() throws {
        if shard != nil, onlyChanged { throw CommandError.usage("--only-changed is for whole inputs; drop it, or --shard") }
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
                "\(option) has no --format \(output.format.name); use one of \(OutputFormat.all.map(\.name).joined(separator: ", "))")
        }
        guard source.digest != nil else {
            throw .usage("\(option) reads the input again after an interruption, and a stream is gone then; put it into a file")
        }
    }
}

#endif
