#if Command

import ArgumentParser
import Martlet
import MartletIndex

/// What weighs the words of a collection.
struct WordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What weighs words in the search by words: bm25, bm42 (the attention of the built-in model), or a sparse model such as SPLADE or bge-m3. Default: bm25.",
            valueName: "model"),
        completion: .file())
    var words: String?

    /// The sparse model; nil: words are counted.
    func load(_ model: ModelOptions<Pooling>) throws -> SparseEmbedder? {
        guard let words, words != "bm25" else { return nil }
        let configuration = model.configurationOfSecondModel
        if words == "bm42" {
            return try SparseEmbedder(BM42(), of: DefaultModel.source, configuration: configuration)
        }
        return try SparseEmbedder(ModelName.source(words), configuration: configuration)
    }

    /// The sparse model of a collection, which has to be named again.
    /// - Throws: If it is another one, or none.
    func load(_ model: ModelOptions<Pooling>, for settings: CollectionSettings, _ path: String) throws
        -> SparseEmbedder?
    {
        let embedder = try load(model)
        let identity = embedder.map { CollectionIdentity($0.identity) }
        guard identity == settings.sparse else {
            let known =
                settings.sparse.map { "weighed by \($0.model) (\($0.fingerprint))" } ?? "weighed by BM25"
            throw CommandError(
                "\(path) has words \(known), and --words names \(identity.map { "\($0.model) (\($0.fingerprint))" } ?? "BM25"); name the first"
            )
        }
        return embedder
    }
}

#endif
