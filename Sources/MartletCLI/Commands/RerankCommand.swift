#if Command

import ArgumentParser
import Martlet
import MartletData

extension RankFormat: ExpressibleByArgument {}

struct RerankCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerank",
        abstract: "Sort documents by how well they answer a query.",
        discussion: """
            A reranker reads the query and each document together, which finds more than comparing vectors and takes longer: let a vector \
            search propose some hundred documents and have the best of them sorted. The output is one line a document, best first.

            EXAMPLES
              martlet rerank -m ms-marco-MiniLM-L6-v2 "How many people live in Berlin?" \\
                  "Berlin has 3.7 million people." "Berlin is old."
              martlet rerank -m bge-reranker-v2-m3 "cook pasta" \\
                  -f passages.jsonl --field text --id id --top-n 10
              grep -i pasta notes.txt | martlet rerank -m Qwen3-Reranker-0.6B \\
                  --instruction "Find a recipe" "cook pasta"
              martlet rerank --by-similarity "cook pasta" -f notes/*.txt --top-n 3
            """)

    @Argument(help: "What the documents are to answer.")
    var query: String

    @OptionGroup(title: "Documents") var input: InputOptions
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>

    @Flag(help: "Rank by the similarity of vectors of an embedding model, the built-in one by default.")
    var bySimilarity = false

    @Option(help: ArgumentHelp("The most documents to print.", valueName: "n"))
    var topN: Int?

    @Flag(help: "The model's numbers as they are, without the activation that it names.")
    var raw = false

    @Flag(help: "Scores between 0 and 1, whatever the model names.")
    var sigmoid = false

    @Option(
        help: ArgumentHelp("What the search is for, for models that read an instruction.", valueName: "text"))
    var instruction: String?

    @Option(
        help:
            "What happens to a pair that is too long: cut where the model says, at the end, or at the start, or an error."
    )
    var truncate: TruncationPolicy = .native

    @Option(help: "Default: text on a terminal, else jsonl.")
    var format: RankFormat?

    @Flag(help: "The same as --format jsonl.")
    var json = false

    @Flag(help: "Leave the documents' texts out of JSON.")
    var noText = false

    @Option(help: "Whether a document that cannot be read or scored ends the run or is skipped.")
    var onError: BadRecordPolicy = .stop

    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    func validate() throws {
        if let topN, topN < 1 { throw CommandError.usage("--top-n \(topN): expected at least 1") }
        if raw, sigmoid { throw CommandError.usage("--raw and --sigmoid contradict each other; give one") }
        if json, let format, format != .jsonl {
            throw CommandError.usage("--json and --format \(format.rawValue) contradict each other")
        }
        if bySimilarity, raw || sigmoid || instruction != nil {
            throw CommandError.usage(
                "--raw, --sigmoid and --instruction are for models that score pairs, and --by-similarity compares vectors"
            )
        }
    }

    func run() async throws {
        let terminals = Terminals.current
        let plan = try input.plan(terminals, quiet: verbosity.quiet)
        let batchSize = BatchSize()
        let source = plan.source(badRecords: onError, batchSize: batchSize)
        try source.checkFiles()
        let (scorer, maxTokens) = try await scorer()
        let reporter = Reporter(
            verbosity, terminals: terminals, writesToTerminal: false, sharesTerminal: false,
            totalBytes: source.totalBytes)
        var pipeline = RecordPipeline(source, processor: scorer, batchSize: batchSize, badRecords: onError)
        pipeline.onProgress = reporter.progress
        pipeline.onSkip = reporter.skipped
        do {
            var ranking = Ranking(limit: topN)
            let counts = try await pipeline.run { ranking.add($0.records, scores: $0.output ?? []) }
            let format = format ?? (json || !terminals.output ? .jsonl : .text)
            reporter.clear()
            try StandardOutput.write(
                format.bytes(ranking.best, withTexts: !noText, width: System.terminalWidth(1)))
            try reporter.finish(counts, maxTokens: maxTokens, truncatesStart: truncate == .start, plan: plan)
        } catch {
            reporter.clear()
            throw error
        }
    }

    /// What scores documents, and the most tokens of one, with its query where both are read together.
    private func scorer() async throws -> (any TextProcessor<[Float]>, maxTokens: Int) {
        if bySimilarity {
            let embedder = try model.load()
            if verbosity.verbose { Console.note(embedder.model.pipeline) }
            let maxTokens = embedder.model.maxTokens
            let scorer = try await SimilarityScorer(embedder, query: query, truncation: truncate)
            if scorer.isQueryCut, !verbosity.quiet {
                Console.warning("the query is longer than the model's \(maxTokens) tokens and was cut")
            }
            return (scorer, maxTokens)
        }
        let reranker = try model.loadReranker()
        if verbosity.verbose {
            Console.note(reranker.model.pipeline)
            for note in reranker.model.notes { Console.note(note) }
        }
        let activation: ScoreActivation = raw ? .raw : sigmoid ? .sigmoid : .native
        let options = RerankOptions(activation: activation, truncation: truncate, instruction: instruction)
        return (PairScorer(reranker: reranker, query: query, options: options), reranker.model.maxTokens)
    }
}

#endif
