#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletJSON
import MartletJobs
import Synchronization

extension BadRecordPolicy: ExpressibleByArgument {}

struct EmbedCommand: InterruptibleCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Turn texts into vectors.",
        discussion: """
            Every line of standard input is a text, and so is an empty one: line N gives row N. JSONL in gives JSONL out, in order, with the id \
            kept. Records that --on-error skip leaves out keep their index and get no row.

            --pooling none gives {"index":0,"tokens":["[CLS]",…],"embedding":[[…],…]}: a vector for each token, special tokens included, as the \
            last layer leaves it. Its formats are jsonl, json and text.

            --kind sparse gives {"index":0,"indices":[…],"values":[…]}: the dimensions that are not 0, for models such as SPLADE and for bge-m3. \
            --kind multi gives a vector for each token, as --pooling none does, for late interaction (ColBERT). Without --kind a model makes what \
            its files say; bge-m3, which makes all three, is dense. The formats of both are jsonl, json and text.

            Models such as cde-small-v1 embed a text in the context of the corpus that it is from or is searched in: --corpus-sample names a \
            file of documents of that corpus, best drawn at random, 512 for cde-small-v1. Embed queries and documents with the same sample.

            --task chooses one of the adapters that models such as jina-embeddings-v3 have for tasks, and the prompt of that name. Without it \
            no adapter is used.

            EXAMPLES
              martlet embed "How do I cook pasta?"
              martlet embed --as query "cook pasta" | jq .embedding
              martlet embed < lines.txt > vectors.jsonl
              martlet embed -f chats.jsonl --field message.text --id id -o vectors.npy
              martlet embed -f table.csv --field body --on-error skip -o vectors.npy
              martlet embed -f notes --include '*.md' -o notes.parquet
              martlet embed -f conversations.jsonl --field text --id id \\
                  -o vectors.parquet --resume
              martlet embed -f corpus.jsonl --model openai:text-embedding-3-small \\
                  --rate 3000/min --parallel 20 -o vectors.npy --resume
              martlet embed -f corpus.jsonl --model openai:text-embedding-3-small \\
                  --dry-run --price 0.02
              martlet embed --from sqlite:chat.db \\
                  --sql 'select id, body from messages order by id' \\
                  --to postgres://localhost/app
              martlet embed -f conversations.jsonl --id id \\
                  --to qdrant://localhost:6333/conversations
              martlet embed -f notes/*.txt --output-precision ubinary --format csv
              martlet embed --pooling none "cook pasta" | jq -c .tokens
              martlet embed --model granite-embedding-30m-sparse --tokens "cook pasta"
              martlet embed --method bm25 -f docs.jsonl --field text -o bm25.jsonl
              martlet embed --model bge-m3 --kind sparse -f docs.jsonl --field text \\
                  -o sparse.jsonl
              martlet embed --model colbertv2.0 --as document < lines.txt > tokens.jsonl
              martlet embed --model jina-embeddings-v3 --task retrieval.passage \\
                  < lines.txt > vectors.jsonl
              martlet embed --model cde-small-v1 --corpus-sample sample.jsonl \\
                  --as document -f docs.jsonl -o docs.npy
            """)

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Databases") var databases: DatabaseOptions
    @OptionGroup(title: "Kind") var kind: KindOptions
    @OptionGroup(title: "Text") var text: TextOptions
    @OptionGroup(title: "Corpus") var corpus: CorpusOptions
    @OptionGroup(title: "Model") var model: ModelOptions<EmbedPooling>
    @Option(help: "Whether a record that cannot be read or embedded ends the run or is skipped.")
    var onError: BadRecordPolicy = .stop
    @OptionGroup(title: "Providers") var remote: RemoteOptions
    @OptionGroup(title: "Cost") var cost: CostOptions
    @OptionGroup(title: "Job") var job: JobOptions
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    var givesTokens: Bool { model.pooling == .tokens }

    func validate() throws {
        if givesTokens, text.dimensions != nil {
            throw CommandError.usage(
                "--dimensions shortens vectors of texts, and --pooling none gives those of tokens, whole; drop it, or use another pooling"
            )
        }
    }

    func run() async throws {
        let terminals = Terminals.current
        let provider = try remote.named(model.model)
        let batchSize = provider.map { remote.batchSize($0.provider) } ?? BatchSize()
        let rows = try databases.source(input, badRecords: onError, batchSize: batchSize)
        let inputPlan =
            rows == nil
            ? try input.plan(terminals, quiet: verbosity.quiet)
            : InputPlan(ofDatabase: FieldNames(text: input.field, id: input.id))
        let made = try provider == nil ? kind.resolved(model: model.model) : .dense
        try kind.check(made, text, pooling: model.pooling)
        try checkMemory(made)
        let corpusPlan = try provider == nil ? corpusPlan(made, inputPlan) : nil
        let outputPlan = try OutputPlan(
            output, inputs: inputPlan.paths + (corpusPlan?.paths ?? []), terminals: terminals,
            ragged: ragged(made))
        try outputPlan.checkIdentification(namesID: input.id != nil, skips: onError == .skip)
        if let report = job.report { try outputPlan.checkReport(report, inputs: inputPlan.paths) }
        let quantizer = try outputPlan.quantizer()
        let source = try rows ?? inputPlan.checkedSource(badRecords: onError, batchSize: batchSize)
        let destination = try databases.destination(
            output, job, kind: made, method: kind.method, source: source)
        try job.check(outputPlan, source: source)

        if cost.dryRun { return try await count(source, batchSize, provider: provider, kind: made) }
        if let nice = job.nice { System.setNice(nice) }
        let engine: LoadedEngine
        if let provider {
            engine = try await loadRemote(provider, quantizer)
        } else if let corpusPlan {
            engine = try await loadContextual(corpusPlan, quantizer)
        } else {
            engine = try load(made, quantizer)
        }
        let info = engine.info
        if verbosity.verbose { tell(info) }
        try limitMemory(batchSize, beside: info, for: outputPlan)
        let dimensions = text.dimensions ?? info.dimensions

        var schema = quantizer.schema(givesTokens ? .multiVector : made.vectorKind, dimensions: dimensions)
        schema.identity = engine.identity
        schema.facts = textFacts()
        schema.probe = engine.probe
        let job = try openJob(outputPlan, schema, source: source)
        let earlier = try job?.earlierRows()
        if let job {
            tell(job, reused: earlier)
            if case .finished = job.state { return }
        }
        let changes = try await openChanges(destination, schema)
        let reusing = earlier.map { ReusingProcessor(engine.processor, reusing: $0) }
        let records =
            if let shard = self.job.shard { try await ShardSource.reading(shard, of: source) } else {
                ShardSource(
                    changes.map { AnyRecordSource(ChangedRecords(source, since: $0), of: source) } ?? source)
            }
        var sink: any RecordSink = try job?.sink() ?? destination?.open() ?? outputPlan.openSink()
        if let changes { sink = JournalingSink(sink, journal: changes) }
        let repeated = RepeatedIDs()
        let hadRows = try await destination?.exists() ?? false
        if let destination { sink = KeyedSink(sink, of: destination, counting: repeated) }
        let checkpoint = try await sink.begin(schema)
        if let destination, let checkpoint, !verbosity.quiet {
            Console.note(
                "going on after \(Format.count(checkpoint.index, "record")), whose vectors are in \(destination.name)"
            )
        }
        let writer = SinkWriter(sink)
        let waited = WaitedTime()
        let reporter = Reporter(
            verbosity, terminals: terminals,
            writesToTerminal: destination == nil && outputPlan.path == nil && terminals.output,
            sharesTerminal: destination == nil && outputPlan.sharesTerminal(terminals),
            totalBytes: source.totalBytes, isJob: job != nil || destination != nil,
            isResumed: checkpoint != nil, price: cost.price, waited: waited)
        Self.running.withLock {
            $0 = Running(
                writer: writer, output: outputPlan.path, showsBar: reporter.showsBar,
                isQuiet: verbosity.quiet,
                keeper: job?.logPath ?? destination?.name)
        }
        var processor: any TextProcessor<VectorRows> = reusing ?? engine.processor
        let conditions = self.job.conditions(threads: max(1, info.threads))
        if !conditions.isEmpty {
            processor = WaitingProcessor(processor, while: conditions) { [verbosity] reason in
                waited.change(isWaiting: reason != nil, at: System.seconds())
                if !verbosity.quiet { Console.note(reason.map { "waiting: \($0)" } ?? "going on") }
            }
        }
        var pipeline = RecordPipeline(
            records, processor: processor, batchSize: batchSize, badRecords: onError)
        pipeline.onFirst = { first in
            if let destination {
                if hadRows, checkpoint == nil, first.id == .none {
                    reporter.warn(
                        "the records have no ids, so their numbers stand for them and replace rows of earlier runs in \(destination.name); "
                            + "name the member that holds the id with --id")
                }
                return
            }
            if let hint = hint(first, inputPlan) { reporter.warn(hint) }
            if outputPlan.format.identification == .companion, outputPlan.lacksCompanion, first.id != .none {
                reporter.warn(
                    "the records have ids, and \(outputPlan.format.name) on a stream has no place for them; -o FILE keeps them in "
                        + "FILE.meta.json")
            }
        }
        pipeline.onProgress = reporter.progress
        pipeline.onSkip = reporter.skipped
        let began = System.seconds()
        do {
            let counts = try await pipeline.run(after: checkpoint, into: writer)
            if let job {
                try Self.stopIfInterrupted()
                try await job.finish()
            }
            if let destination {
                try Self.stopIfInterrupted()
                // First, as the position says how many rows there were before some are removed.
                try await destination.complete()
                if let changes { try await end(changes, destination) }
            }
            try write(
                RunReport(
                    output: destination?.name ?? outputPlan.path, counts: counts,
                    earlierRows: job?.rowsBefore ?? rowsBefore(checkpoint),
                    reused: reusing?.reused ?? changes?.unchanged ?? 0,
                    seconds: System.seconds() - began, model: info.name,
                    cost: cost.cost(ofTokens: counts.tokens)))
            try reporter.finish(
                counts, maxTokens: info.maxTokens, truncatesStart: text.truncate == .start, plan: inputPlan)
            if let warning = repeated.warning, !verbosity.quiet { Console.warning(warning) }
            if !verbosity.quiet, let note = cost.note(counts) { Console.note(note) }
        } catch {
            reporter.clear()
            throw error
        }
    }

    /// Rows that a database has of earlier runs; nil: some of the records before the checkpoint may have been
    /// skipped.
    private func rowsBefore(_ checkpoint: Checkpoint?) -> Int? {
        guard let checkpoint else { return 0 }
        return onError == .stop ? checkpoint.index : nil
    }

    private func write(_ report: RunReport) throws(DataError) {
        if let path = job.report { try report.write(to: path) }
    }

    /// How the texts were read, for what is stored with the vectors.
    private func textFacts() -> [VectorSchema.Fact] {
        [("role", text.role), ("prompt", text.prompt)].compactMap { name, value in
            guard let value else { return nil }
            var bytes: [UInt8] = []
            JSONText.append(value, to: &bytes)
            return VectorSchema.Fact(name: name, json: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Why rows have no fixed width.
    private func ragged(_ kind: EmbeddingKind) -> String? {
        switch kind {
        case .dense: givesTokens ? "--pooling none gives one to each token" : nil
        case .sparse: "--kind sparse gives vectors of different lengths"
        case .multi: "--kind multi gives one to each token"
        }
    }

    private func tell(_ info: ModelInfo) {
        Console.note(info.pipeline)
        Console.note(
            "\(info.precision) on \(info.instructionSet), \(info.threads) threads, working memory at most \(info.workingMemoryLimit >> 20) MiB"
        )
        if givesTokens { Console.note("--pooling none: the vectors are those before pooling") }
    }

    private static func looksLikeJSON(_ text: String) -> Bool {
        guard let value = try? JSONValue.parse(utf8: text) else { return text == "[" }
        return value.object != nil || value.array?.first?.object != nil
    }

    /// JSON that is read as plain lines is hardly what was meant.
    private func hint(_ first: Record, _ plan: InputPlan) -> String? {
        guard input.input == nil, plan.inputs.contains(.standardInput(.lines)),
            first.source == ByteSource.standardInputName,
            Self.looksLikeJSON(first.text)
        else { return nil }
        return
            "standard input looks like JSON and is embedded as plain lines; name the member that holds the text with --field, "
            + "or pass --input lines to keep it so"
    }
}

extension EmbeddingKind {
    var vectorKind: VectorKind {
        switch self {
        case .dense: .dense
        case .sparse: .sparse
        case .multi: .multiVector
        }
    }
}

#endif
