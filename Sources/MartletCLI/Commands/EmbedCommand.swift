import ArgumentParser
import Martlet
import MartletJSON
import Synchronization

enum ErrorPolicy: String, CaseIterable, ExpressibleByArgument { case stop, skip }

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Turn texts into vectors.",
        discussion: """
            Every line of standard input is a text, and so is an empty one: line N gives row N. JSONL in gives JSONL out, in order, with the id \
            kept. Records that --on-error skip leaves out keep their index and get no row.

            --pooling none gives {"index":0,"tokens":["[CLS]",…],"embedding":[[…],…]}: a vector to each token, special tokens included, as the \
            last layer leaves it. Its formats are jsonl, json and text.

            EXAMPLES
              martlet embed "How do I cook pasta?"
              martlet embed --as query "cook pasta" | jq .embedding
              martlet embed < lines.txt > vectors.jsonl
              martlet embed -f chats.jsonl --field message.text --id id -o vectors.npy
              martlet embed -f table.csv --field body --on-error skip -o vectors.npy
              martlet embed -f notes/*.txt --output-precision ubinary --format csv
              martlet embed --pooling none "cook pasta" | jq -c .tokens
            """)

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Text") var text: TextOptions
    @OptionGroup(title: "Model") var model: ModelOptions<EmbedPooling>
    @Option(help: "What a record that cannot be read or embedded does.")
    var onError: ErrorPolicy = .stop
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    private var givesTokens: Bool { model.pooling == .tokens }

    func validate() throws {
        if givesTokens, text.dimensions != nil {
            throw CommandError.usage(
                "--dimensions shortens vectors of texts, and --pooling none gives those of tokens, whole; drop it, or use another pooling")
        }
    }

    func run() throws {
        let terminals = Terminals.current
        let inputPlan = try input.plan(terminals)
        let outputPlan = try OutputPlan(output, inputs: inputPlan.paths, terminals: terminals, givesTokens: givesTokens)
        let quantizer = try outputPlan.quantizer()
        for path in inputPlan.paths { try ByteSource.check(path) }

        let interruption = Interruption()
        try Signals.onInterrupt { interruption.finish($0) }
        let embedder = try model.load()
        if verbosity.verbose {
            Console.note(embedder.model.pipeline)
            let info = embedder.model
            Console.note(
                "\(info.precision) on \(info.instructionSet), \(info.threads) threads, working memory at most \(info.workingMemoryLimit >> 20) MiB"
            )
            if givesTokens { Console.note("--pooling none: the vectors are those before pooling") }
        }
        let dimensions = text.dimensions ?? embedder.model.dimensions
        guard dimensions <= embedder.model.dimensions else {
            throw CommandError.usage("--dimensions \(dimensions): the model has \(embedder.model.dimensions); ask for fewer")
        }

        let writer = RowWriter(try outputPlan.format.open(try outputPlan.open(), quantizer.shape(dimensions: dimensions)))
        interruption.guarding(writer)
        let reporter = Reporter(
            verbosity, terminals: terminals, writesToTerminal: outputPlan.path == nil && terminals.output, totalBytes: inputPlan.totalBytes)
        let pipeline = EmbedPipeline(
            input: inputPlan,
            engine: engine(embedder, quantizer),
            writer: writer, skipsErrors: onError == .skip,
            onFirst: { if let hint = hint($0, inputPlan) { reporter.warn(hint) } },
            onProgress: reporter.progress, onSkip: reporter.skipped)
        do {
            let counts = try pipeline.run()
            reporter.finish(counts, maxTokens: embedder.model.maxTokens, truncatesStart: text.truncate == .start)
        } catch {
            reporter.clear()
            throw error
        }
    }

    private func engine(_ embedder: Embedder, _ quantizer: RowQuantizer) -> any TextEngine {
        if givesTokens { return TokenEngine(embedder: embedder, role: text.textRole, options: text.embedOptions) }
        return LibraryEngine(embedder: embedder, role: text.textRole, options: text.embedOptions, quantizer: quantizer)
    }

    /// JSONL that is read as plain lines is hardly what was meant.
    private func hint(_ first: Record, _ plan: InputPlan) -> String? {
        guard input.input == nil, plan.sources.contains(.standardInput(.lines)), first.source == ByteSource.standardInput.name,
            first.text.utf8.first == UInt8(ascii: "{"), (try? JSONValue.parse(utf8: first.text))?.object != nil
        else { return nil }
        return "standard input looks like JSONL and is embedded as plain lines; name the member that holds the text with --field, "
            + "or pass --input lines to keep it so"
    }
}

/// Ends the output with whole rows when the run is interrupted.
private final class Interruption: Sendable {
    private let writer = Mutex<RowWriter?>(nil)

    func guarding(_ value: RowWriter) { writer.withLock { $0 = value } }

    func finish(_ status: ExitStatus) -> Never {
        writer.withLock { $0 }?.endIfFree(within: 2)
        if System.isTerminal(2) { Console.write("\r\u{1B}[K") }
        System.exitNow(status)
    }
}
