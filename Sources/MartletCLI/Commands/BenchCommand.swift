#if Command

import ArgumentParser
import Martlet
import MartletData

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measure this machine: tokens per second by text length or on a corpus, latency of one query, memory.",
        discussion: """
            Without -f, texts are made of common words, the same in every run. With -f, the texts of the files are in memory before the clock \
            starts, and what is measured is text to vectors. Close other programs for numbers that mean something.

            EXAMPLES
              martlet bench
              martlet bench --precision f32 --threads 1 --json
              martlet bench -f corpus.jsonl --field body --rounds 5 --vectors vectors.npy
              martlet bench --queries-from questions.txt --queries 500
              martlet bench --pauses 0 5 50 --neighbours 0 1 2
              martlet bench -f corpus.jsonl --tokenize-only
              martlet bench -f corpus.jsonl --limit 1000 --compare openai:text-embedding-3-small,ollama:nomic-embed-text
            """)

    @OptionGroup(title: "Corpus") var corpus: BenchCorpusOptions
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Tokens of a text, special tokens included.", valueName: "n"))
    var lengths: [Int] = []
    @Option(help: ArgumentHelp("Tokens embedded for each length.", valueName: "n"))
    var tokens = 65_536
    @Option(help: ArgumentHelp("Single queries for the latency.", valueName: "n"))
    var queries = 200
    @Option(
        help: ArgumentHelp(
            "Single queries are the lines of this file in turn, in place of one text of 12 tokens.",
            valueName: "file"), completion: .file())
    var queriesFrom: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Milliseconds between an answer and the next query. Default: 0.", valueName: "ms"))
    var pauses: [Int] = []
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Threads that keep cores busy during the queries, as other programs do. Default: 0.",
            valueName: "n"))
    var neighbours: [Int] = []
    @Option(
        help: ArgumentHelp(
            "Times that each set of texts is measured, after a warm-up; the median counts.", valueName: "n"))
    var rounds = 1
    @Flag(help: "One JSON object.")
    var json = false
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>
    @OptionGroup(title: "Providers") var comparison: BenchCompareOptions

    func validate() throws {
        if let bad = lengths.first(where: { $0 < 3 || $0 > 100_000 }) {
            throw CommandError.usage("--lengths \(bad): expected 3 to 100000")
        }
        if tokens < 1 || tokens > 1 << 30 {
            throw CommandError.usage("--tokens \(tokens): expected 1 to \(1 << 30)")
        }
        if queries < 1 || queries > 1_000_000 {
            throw CommandError.usage("--queries \(queries): expected 1 to 1000000")
        }
        if let bad = pauses.first(where: { !(0...10_000).contains($0) }) {
            throw CommandError.usage("--pauses \(bad): expected 0 to 10000")
        }
        if let bad = neighbours.first(where: { !(0...1024).contains($0) }) {
            throw CommandError.usage("--neighbours \(bad): expected 0 to 1024")
        }
        if rounds < 1 || rounds > 10_000 {
            throw CommandError.usage("--rounds \(rounds): expected 1 to 10000")
        }
        if corpus.tokenizeOnly, queriesFrom != nil || !lengths.isEmpty {
            throw CommandError.usage(
                "--tokenize-only measures the tokenizer on the texts of -f; drop --queries-from and --lengths"
            )
        }
        if comparison.compare != nil, !corpus.isGiven || corpus.tokenizeOnly {
            throw CommandError.usage(
                "--compare measures models on your texts; name them with -f, and drop --tokenize-only")
        }
    }

    func run() async throws {
        let texts = try corpus.read()
        let queryTexts = try queriesFrom.map {
            try BenchCorpusOptions.read([$0], format: .lines, field: nil, option: "--queries-from")
        }
        let began = System.seconds()
        let embedder = try model.load()
        let limit = embedder.model.maxTokens
        if let bad = lengths.first(where: { $0 > limit }) {
            throw CommandError.usage("--lengths \(bad): the model takes at most \(limit) tokens")
        }
        var result = BenchResult(info: embedder.model, loadSeconds: System.seconds() - began)
        let bench = Bench(embedder: embedder, rounds: rounds)
        if let texts {
            if corpus.tokenizeOnly {
                result.tokenizer = bench.tokenizer(texts)
            } else {
                let (rate, embeddings) = try bench.corpus(texts)
                result.corpus = rate
                if let path = corpus.vectors { try BenchCorpusOptions.write(embeddings, to: path) }
            }
        }
        let names = corpus.isGiven || queriesFrom != nil
        if !names || !lengths.isEmpty {
            for length in lengths.isEmpty ? [16, 64, 256].filter({ $0 <= limit }) : lengths {
                result.rates.append(try bench.length(length, tokens: tokens))
            }
        }
        if let queryTexts {
            result.latencies = try latencies(bench, queryTexts)
        } else if let texts, comparison.compare != nil {
            result.query = "one text"
            result.latencies = try latencies(bench, texts)
        } else if !names {
            result.query = "one query of 12 tokens"
            result.latencies = try latencies(bench, try BenchTexts(embedder).block(count: 1, tokens: 12))
        }
        if let texts, let rate = result.corpus, comparison.compare != nil {
            result.comparisons = [
                Comparison(
                    name: "\(result.info.name), here", rate: rate,
                    latency: result.latencies.first ?? BenchLatency(seconds: []), price: nil)
            ]
            let prices = try comparison.prices()
            for name in comparison.models {
                result.comparisons.append(
                    try await Comparison(
                        try await comparison.open(name), name: name, texts: texts,
                        queries: queryTexts ?? texts, count: queries, rounds: rounds, price: prices[name]))
            }
        }
        result.peakMemory = System.peakMemory()
        try StandardOutput.write(json ? result.json() : result.text())
    }

    /// The queries, with each pause beside each number of neighbours.
    private func latencies(_ bench: Bench, _ texts: [String]) throws -> [BenchLatency] {
        try (neighbours.isEmpty ? [0] : neighbours).flatMap { count in
            try (pauses.isEmpty ? [0] : pauses).map {
                try bench.latency(texts, count: queries, pause: $0, neighbours: count)
            }
        }
    }
}

#endif
