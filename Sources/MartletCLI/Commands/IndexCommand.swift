#if Command

import ArgumentParser
import Martlet
import MartletChunking
import MartletIndex

extension VectorStore: ExpressibleByArgument {}

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Make files searchable: cut them into chunks, embed these and keep them in a collection.",
        discussion: """
            A collection is a folder. Run the same command again later: what has not changed is not embedded again, and what has left its \
            file or folder leaves the collection. Of a JSONL file each line is a record, and its other members become fields for filters; of a CSV \
            or TSV file each row is one, with its other columns.

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

    @Option(help: "Member of JSONL, or column of CSV, that holds the text.")
    var field = "text"

    @Option(help: "Member or column that holds the id; without it the id is FILE#LINE.")
    var id = "id"

    @Option(
        help: ArgumentHelp(
            "How files are cut: \(ChunkerKind.all.map(\.name).joined(separator: ", ")).", valueName: "chunker"
        ))
    var chunk = "auto"

    @Option(help: "How vectors are kept: f16, f32 or int8. Only for a new collection.")
    var store: VectorStore = .f16

    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    func validate() throws {
        do throws(ChunkingError) { _ = try ChunkerKind.named(chunk) } catch {
            throw CommandError.usage("--chunk: \(error.message)")
        }
    }

    func run() async throws {
        let began = System.seconds()
        let embedder = try model.load()
        let collection = try collection(embedder)
        let writer = try collection.writer()
        let texts = IndexedTexts(
            chunker: try ChunkerKind.named(chunk).chunker(embedder: embedder),
            counter: try embedder.tokenCounter(as: .document),
            textField: field, idField: id)
        var run = IndexRun(embedder: embedder, writer: writer, snapshot: writer.snapshot)
        try await texts.forEach(
            inputs, onSkip: { if !verbosity.quiet { Console.warning("\($0) (skipped)") } }
        ) { try run.take($0) }
        try run.finish(roots: inputs)
        if !verbosity.quiet {
            Console.note(
                "\(output): \(run.added) added, \(run.changed) changed, \(run.unchanged) unchanged, \(run.removed) removed in "
                    + "\(Format.duration(System.seconds() - began)); \(Format.count(writer.snapshot.count, "record"))"
            )
        }
    }

    private func collection(_ embedder: Embedder) throws -> SearchCollection {
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
            return collection
        } catch let error as IndexError where error.code == .notFound {
            let similarity: VectorSimilarity = embedder.model.similarity == .dot ? .dot : .cosine
            return try SearchCollection.create(
                at: output,
                settings: CollectionSettings(
                    identity: identity, dimensions: embedder.model.dimensions, similarity: similarity,
                    store: store,
                    chunker: chunk))
        }
    }
}

#endif
