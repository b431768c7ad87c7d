#if Command

import ArgumentParser
import Martlet
import MartletChunking
import MartletData

struct ChunkCommand: InterruptibleCommand {
    static let configuration = CommandConfiguration(
        commandName: "chunk",
        abstract: "Cut documents into chunks that the model takes whole.",
        discussion: """
            Sizes are exact, in tokens of the model with its prompt and special tokens. A file is one document, and so is standard input; \
            JSONL and CSV give one a record. Words and characters stay whole unless one alone is too large.

            A line of jsonl is a chunk: {"id":"notes.md#0","document":"notes.md","chunk":0,"start":0,"end":310,"line":1,"headings":["Kitchen"],"tokens":84,"text":"…"}. \
            start and end are bytes of the document; without --overlap the chunks of a document join to it.

            CHUNKERS
            \(ChunkerKind.all.map { "  " + Format.padded($0.name, to: 11) + $0.summary }.joined(separator: "\n"))

            --embed each adds the vector of each chunk's text. --embed late makes the vector of a chunk with the text around it in view \
            (late chunking): the model reads the document once, and the tokens of each chunk are pooled. It is for models with mean pooling.

            EXAMPLES
              martlet chunk -f notes/*.md
              martlet chunk --chunker sentences --size 128 --overlap 16 < book.txt
              martlet chunk -f docs.jsonl --field body --id id \\
                  | martlet embed --field text -o vectors.npy
              martlet chunk --embed late --model nomic-embed-text -f report.html \\
                  > chunks.jsonl
            """)

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Chunks") var chunks: ChunkOptions
    @Option(help: "Add a vector to each chunk: of its text alone, or with the document in view.")
    var embed: ChunkVectors?
    @Option(help: "Default: text on a terminal, else jsonl.")
    var format: TokenFormat?
    @Option(help: "Whether a record that cannot be read ends the run or is skipped.")
    var onError: BadRecordPolicy = .stop
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>

    func validate() throws {
        if embed != nil, format == .text {
            throw CommandError.usage("--embed adds vectors, which --format text does not show; use jsonl")
        }
        let makesVectors = try embed != nil || chunks.kind().needsEmbedder
        if !makesVectors, model.pooling != .native {
            throw CommandError.usage(
                "--pooling is about the vectors of --embed: give that too, or drop --pooling")
        }
    }

    static func interrupted(_ status: ExitStatus) -> Never { System.exitNow(status) }

    func run() async throws {
        let terminals = Terminals.current
        let plan = try documents(terminals)
        let source = plan.source()
        try source.checkFiles()
        let embedder = try model.load()
        let counter = try embedder.tokenCounter(as: chunks.textRole, prompt: chunks.prompt)
        let chunker = try chunks.kind().chunker(size: chunks.limits, embedder: embedder)
        let format = format ?? (terminals.output && embed == nil ? .text : .jsonl)
        let output = Output.standardOutput()
        var reader = InputReader(source)
        var (documents, skipped) = (0, 0)
        while let record = try next(&reader, skipped: &skipped, beforeFailing: { try output.flush() }) {
            documents += 1
            do {
                let document = Document(record.text, name: name(of: record))
                let made = try await chunker.chunks(of: document, measuring: counter)
                let vectors = try await vectors(of: made, document, embedder)
                for chunk in made {
                    switch format {
                    case .jsonl:
                        ChunkText.appendJSON(chunk, of: record, vectors?[chunk.index], to: &output.buffer)
                    case .text: ChunkText.appendText(chunk, of: record, to: &output.buffer)
                    }
                    try output.endRow()
                }
            } catch let error as ChunkingError {
                try output.flush()
                throw CommandError(
                    "\(record.place): \(error.message)", status: error.code == .indivisible ? .failed : .usage
                )
            } catch let error as MartletError {
                try output.flush()
                throw CommandError("\(record.place): \(error.message(calling: "the text"))")
            }
        }
        try output.flush()
        guard skipped > 0 else { return }
        let count = Format.count(skipped, "record")
        if documents == 0 {
            throw CommandError("\(count) skipped, and nothing is left; the warnings before say why")
        }
        Console.warning("\(count) skipped")
    }

    /// The next record that can be read; nil: there is none.
    private func next(
        _ reader: inout InputReader, skipped: inout Int, beforeFailing: () throws -> Void
    ) throws -> Record? {
        while true {
            do throws(DataError) {
                guard case .record(let record) = try reader.next(waiting: true) else { return nil }
                return record
            } catch {
                guard onError == .skip, error.isRecoverable else {
                    try beforeFailing()
                    throw error
                }
                skipped += 1
                guard skipped <= Reporter.shownSkips else { continue }
                Console.warning("\(error.place): \(error.reason) (skipped)")
                if skipped == Reporter.shownSkips {
                    Console.warning("more skipped records are counted, not shown")
                }
            }
        }
    }

    /// Plain text is one document, unless the options say that it has records.
    private func documents(_ terminals: Terminals) throws -> InputPlan {
        var plan = try input.plan(terminals)
        // Chunkers read HTML themselves, and say where in its source each chunk is.
        plan.inputs = plan.inputs.map { input in
            switch input {
            case .standardInput(.html): .standardInput(.file)
            case .file(let path, .html): .file(path, .file)
            case .standardInput, .file, .text: input
            }
        }
        guard input.input == nil, input.field == nil, input.id == nil else { return plan }
        plan.inputs = plan.inputs.map { input in
            switch input {
            case .standardInput: .standardInput(.file)
            case .file(let path, .lines) where plan.plainText == .linesOf(path): .file(path, .file)
            case .file, .text: input
            }
        }
        return plan
    }

    /// The name by which a document's type is known: that of its file, or an id that names one.
    private func name(of record: Record) -> String? {
        if input.input == .html { return "document.html" }
        guard case .text(let id) = record.id else { return nil }
        return InputFormat.nameInside(id)
    }

    private func vectors(of made: [Chunk], _ document: Document, _ embedder: Embedder) async throws
        -> Embeddings?
    {
        let options = EmbedOptions(prompt: chunks.prompt)
        switch embed {
        case nil: return nil
        case .each?:
            let vectors = try await embedder.embed(made.map(\.text), as: chunks.textRole, options: options)
            // Only the chunker none makes chunks that the model does not take whole.
            if !vectors.usage.truncatedInputs.isEmpty {
                Console.warning(
                    "\(document.name ?? "a text"): longer than the \(embedder.model.maxTokens) tokens that the model takes, and cut off"
                )
            }
            return vectors
        case .late?:
            return try await embedder.embedLate(made, of: document, as: chunks.textRole, options: options)
        }
    }
}

/// What a chunk's vector is made of.
enum ChunkVectors: String, CaseIterable, ExpressibleByArgument { case each, late }

#endif
