#if Command

import ArgumentParser
import Martlet
import MartletChunking
import MartletIndex

extension VectorStore: ExpressibleByArgument {}

struct IndexCommand: InterruptibleCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Make files searchable: cut them into chunks, embed these and keep them in a collection.",
        discussion: """
            A collection is a folder. Run the same command again later: only new and changed texts are embedded, and records that have left \
            their file or folder leave the collection.

            Each line of a JSONL file is a record. Its other members become fields, which search --filter reads: strings, numbers, booleans \
            and arrays of strings. Each row of a CSV or TSV file is a record, and its other columns become fields. A text file is cut into \
            chunks; each is a record with the file's size and date, and with what the front matter of Markdown says. Files may be compressed \
            with gzip, zstd, bzip2, xz or LZ4. PDF and office files are not read: make texts of them first.

            EXAMPLES
              martlet index notes/ -o notes.martlet
              martlet index conversations.jsonl --field text --id id -o chats.martlet
              martlet index products.csv --field description --id sku -o products.martlet
              martlet search notes.martlet "how do I cook pasta"
            """)

    @Argument(help: "Folders, text files, and .jsonl, .csv and .tsv files.", completion: .file())
    var inputs: [String]

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("The collection; it is made if it does not exist.", valueName: "folder"),
        completion: .file())
    var output: String

    @Option(
        help: ArgumentHelp(
            "Member of JSONL (a.b and a.0.b for nested ones), or column of CSV, that holds the text. Default: text.",
            valueName: "name"))
    var field: String?

    @Option(
        help: ArgumentHelp(
            "Member or column that holds the id. Default: id, and FILE#LINE where there is none.",
            valueName: "name"))
    var id: String?

    @Option(
        help: ArgumentHelp(
            "Member of JSONL whose texts are dates, such as 2024-05-31; may be given several times.",
            valueName: "name"))
    var dateField: [String] = []

    @Option(
        help: ArgumentHelp(
            "How files are cut: \(ChunkerKind.all.map(\.name).joined(separator: ", ")).", valueName: "chunker"
        ))
    var chunk = "auto"

    @Option(help: "How vectors are stored. It cannot be changed later. Default: f16.")
    var store: VectorStore?

    @Option(
        help: ArgumentHelp(
            "Language of the texts; the search by words ignores its word endings: \(IndexCommand.languages.joined(separator: ", ")). none is for all other languages: words are found as they are. It cannot be changed later. Default: english.",
            valueName: "language"),
        completion: .list(IndexCommand.languages),
        transform: { name in
            do throws(IndexError) { return try WordLanguage.named(name) } catch {
                throw ValidationError(error.message)
            }
        })
    var language: WordLanguage?

    private static let languages = WordLanguage.allCases.map(\.rawValue)

    @OptionGroup(title: "Words") var words: WordOptions
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    func validate() throws {
        do throws(ChunkingError) { _ = try ChunkerKind.named(chunk) } catch {
            throw CommandError.usage("--chunk: \(error.message)")
        }
    }

    func run() async throws {
        let began = System.seconds()
        let skip = { (reason: String) in if !verbosity.quiet { Console.warning("\(reason) (skipped)") } }
        let note = { (text: String) in if !verbosity.quiet { Console.warning(text) } }
        let inputs = try IndexInputs(
            self.inputs, members: IndexInputs.Members(text: field, id: id, dates: dateField), onSkip: skip)
        let embedder = try model.load()
        let sparse = try words.load(model)
        let collection = try collection(embedder, sparse)
        let writer = try collection.writer()
        var run = IndexRun(embedder: embedder, words: sparse, writer: writer, snapshot: writer.snapshot)
        let texts = try IndexedTexts(
            inputs, chunker: try ChunkerKind.named(chunk).chunker(embedder: embedder),
            counter: try embedder.tokenCounter(as: .document), known: writer.snapshot.fields)
        Self.begin(output, isQuiet: verbosity.quiet)
        var absentDates = Set(dateField)
        do {
            try await texts.forEach(onSkip: skip, onNote: note) { text in
                if !absentDates.isEmpty { absentDates.subtract(text.fields.keys) }
                try run.take(text, onSkip: skip, isEnded: Self.isEnded)
            }
        } catch is CancellationError {
            await Self.waitForTheEnd()
        }
        try run.finish(roots: self.inputs)
        if !verbosity.quiet {
            for name in absentDates.sorted() {
                Console.warning("--date-field \(name): no record has this field")
            }
            if run.truncated > 0 {
                Console.warning(
                    "\(Format.count(run.truncated, "text")) had more than the model's \(embedder.model.maxTokens) tokens; their ends are found by words alone"
                )
            }
            Console.note(
                "\(output): \(run.added) added, \(run.changed) changed, \(run.unchanged) unchanged, \(run.removed) removed, "
                    + (run.repeated > 0 ? "\(run.repeated) repeated and skipped, " : "")
                    + "\(run.embedded) embedded in \(Format.duration(System.seconds() - began)); \(Format.count(writer.snapshot.count, "record"))"
            )
        }
    }

    private func collection(_ embedder: Embedder, _ sparse: SparseEmbedder?) throws -> SearchCollection {
        let identity = CollectionIdentity(embedder.identity)
        do {
            let collection = try SearchCollection(opening: output)
            let settings = collection.settings
            guard settings.identity == identity, settings.dimensions == embedder.model.dimensions else {
                throw CommandError(
                    "\(output) holds vectors of \(settings.identity.model) (\(settings.identity.fingerprint)), and the model is now "
                        + "\(identity.model) (\(identity.fingerprint)); give the first model with -m, or name another folder with -o"
                )
            }
            if let chunker = settings.chunker, chunker != chunk {
                throw CommandError(
                    "\(output) was made with --chunk \(chunker); use it again, or name another folder with -o"
                )
            }
            _ = try words.load(model, for: settings, output)
            try check("--store", given: store?.rawValue, made: settings.store.rawValue)
            try check("--language", given: language?.rawValue, made: settings.language.rawValue)
            return collection
        } catch let error as IndexError where error.code == .notFound {
            let similarity: VectorSimilarity = embedder.model.similarity == .dot ? .dot : .cosine
            return try SearchCollection.create(
                at: output,
                settings: CollectionSettings(
                    identity: identity, dimensions: embedder.model.dimensions, similarity: similarity,
                    store: store ?? .f16, language: language ?? .english,
                    sparse: sparse.map { CollectionIdentity($0.identity) }, chunker: chunk))
        }
    }

    /// A collection keeps what it was made with.
    private func check(_ option: String, given: String?, made: String) throws {
        guard let given, given != made else { return }
        throw CommandError(
            "\(output) was made with \(option) \(made), which stays; drop the option, or name another folder with -o"
        )
    }
}

#endif
