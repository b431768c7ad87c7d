#if Command

import Martlet
import MartletData
import MartletJobs

extension EmbedCommand {
    /// The job that the options ask for; nil: a run without a log.
    func openJob(_ plan: OutputPlan, _ schema: VectorSchema, source: AnyRecordSource) throws -> FileJob? {
        guard job.isJob, let path = plan.path else { return nil }
        let header = JobHeader(
            format: plan.format.name, schema: schema, settings: settings(rangesPath: plan.rangesPath),
            source: source.digest ?? "",
            shard: job.shard,
            keepsRows: job.onlyChanged, companion: plan.writesCompanion, arguments: CommandLine.arguments)
        let opened = try FileJob(writing: path, as: plan.format, header)
        JobRegistry().add(opened.logPath)
        return opened
    }

    /// The journal of changes that the options ask for; nil: all records are embedded.
    func openChanges(_ destination: (any Destination)?, _ schema: VectorSchema) async throws -> ChangeJournal?
    {
        guard let path = job.journal, let destination else { return nil }
        let header = JobHeader(
            format: destination.name, schema: schema, settings: settings(rangesPath: output.ranges),
            source: "")
        let journal = try ChangeJournal(path, header)
        if journal.count > 0, try await !destination.exists() {
            throw CommandError(
                "\(path): says that \(destination.name) has \(Format.count(journal.count, "row")), and it does not exist; remove \(path) "
                    + "to embed all of them again")
        }
        return journal
    }

    /// The source was read to its end.
    func end(_ changes: ChangeJournal, _ destination: any Destination) async throws {
        let gone = job.prune ? changes.gone : []
        let removed = changes.withoutRecord(gone) { id in
            destination.key(of: Record(text: "", id: id, index: 0, source: ""))
        }
        if !removed.isEmpty { try await destination.remove(removed) }
        try changes.finish(removing: gone)
        if !verbosity.quiet {
            if job.prune, changes.unread > 0 {
                Console.warning(
                    "\(Format.count(changes.unread, "record")) could not be read, and their ids are not known, "
                        + "so no rows were removed")
            }
            Console.note(
                "\(Format.count(changes.unchanged, "record")) unchanged"
                    + (job.prune ? ", \(Format.count(removed.count, "row")) removed" : ""))
        }
    }

    /// Every option that can change a row, and that neither the model's identity nor the schema holds. What
    /// becomes of bad records may change between runs: no row before them is another then.
    private func settings(rangesPath: String?) -> [JobHeader.Setting] {
        let options: [(String, String?)] = [
            ("--truncate", text.truncate.rawValue), ("--no-normalize", "\(text.noNormalize)"),
            ("--max-tokens", model.maxTokens.map { "\($0)" }), ("--task", model.task),
            ("--method", kind.method.rawValue),
            ("--max-active-dims", kind.maxActiveDims.map { "\($0)" }), ("--tokens", "\(kind.tokens)"),
            ("--output-precision", output.outputPrecision.rawValue), ("--ranges", rangesPath),
            ("--corpus-sample", corpus.corpusSample),
        ]
        return options.compactMap { name, value in value.map { JobHeader.Setting(name, $0) } }
    }

    /// What the log holds already, for the person who runs the job.
    func tell(_ job: FileJob, reused: EarlierRows?) {
        guard !verbosity.quiet else { return }
        switch job.state {
        case .resumed(let last):
            Console.note(
                "going on after \(Format.count(last.checkpoint.index, "record")): \(Format.count(last.rows, "row")) in \(job.logPath)"
            )
        case .finished(let last):
            Console.note(
                "\(job.shard == nil ? job.output : job.logPath) has all \(Format.count(last.rows, "row")) of this input; remove \(job.logPath) to "
                    + "embed it again")
        case .new, .changed: break
        }
        if let reused {
            Console.note("\(Format.count(reused.count, "text")) of the run before can be reused")
        }
    }
}

#endif
