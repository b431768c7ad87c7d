#if Command

import ArgumentParser
import Martlet
import MartletIndex

struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Embed all records of a collection with another model.",
        discussion: """
            Texts, ids and fields stay. The new vectors are made beside the old ones, which searches use until all are there; then one commit \
            swaps them. A run that was ended early goes on where it was. Chunks stay as they were cut for the first model: run martlet index \
            into a new folder to cut them anew.

            EXAMPLES
              martlet collection reindex notes.martlet --model bge-small-en-v1.5
            """)

    @Argument(help: "The collection's folder.", completion: .file())
    var collection: String

    @Option(help: "How the new vectors are kept: f16, f32 or int8. Default: as the old ones.")
    var store: VectorStore?

    @OptionGroup(title: "Words") var words: WordOptions
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    private static let recordsAtOnce = 4096

    func run() async throws {
        let began = System.seconds()
        let collection = try SearchCollection(opening: collection)
        let embedder = try model.load()
        var settings = collection.settings
        let identity = CollectionIdentity(embedder.identity)
        let store = store ?? settings.store
        let sparse = try words.load(model)
        let sparseIdentity = sparse.map { CollectionIdentity($0.identity) }
        guard identity != settings.identity || store != settings.store || sparseIdentity != settings.sparse
        else {
            throw CommandError(
                "\(self.collection) holds vectors of this model already: \(identity.model) (\(identity.fingerprint)); name another with --model"
            )
        }
        settings.identity = identity
        settings.dimensions = embedder.model.dimensions
        settings.similarity = embedder.model.similarity == .dot ? .dot : .cosine
        settings.store = store
        settings.sparse = sparseIdentity
        let reindexing = try Reindexing(collection, settings: settings)
        var (embedded, truncated) = (0, 0)
        while let records = try reindexing.next(Self.recordsAtOnce) {
            let texts = records.map(\.text)
            let vectors = try await embedder.embed(texts, as: .document)
            let weights = try await sparse?.embed(texts, as: .document)
            truncated += vectors.usage.truncatedInputs.count
            try reindexing.add(vectors.map(\.values), sparse: weights.map(Array.init))
            embedded += records.count
        }
        try reindexing.swap()
        guard !verbosity.quiet else { return }
        if truncated > 0 {
            Console.warning(
                "\(Format.count(truncated, "text")) had more than the model's \(embedder.model.maxTokens) tokens; their ends are found by words alone"
            )
        }
        let before = reindexing.resumed > 0 ? ", \(reindexing.resumed) by an earlier run" : ""
        Console.note(
            "\(self.collection): \(Format.count(embedded, "record")) embedded with \(identity.model)\(before) in "
                + "\(Format.duration(System.seconds() - began))")
    }
}

#endif
