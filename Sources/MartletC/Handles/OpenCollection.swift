import Martlet
import MartletIndex
import MartletSystem

/// A collection that the caller has opened, with the model of its vectors.
final class OpenCollection: Sendable {
    let collection: SearchCollection
    let embedder: Embedder
    let identity: CollectionIdentity
    private let open = Locked<CollectionWriter?>(nil)

    init(_ collection: SearchCollection, embedder: Embedder) throws(CallError) {
        self.collection = collection
        self.embedder = embedder
        let mine = CollectionIdentity(embedder.identity)
        identity = collection.settings.identity
        guard mine.fingerprint == identity.fingerprint else {
            throw CallError(
                .mismatch, "identity_mismatch",
                "\(collection.path) holds vectors of \(identity.model) (\(identity.fingerprint)); the model is \(mine.model) "
                    + "(\(mine.fingerprint)): open it with the first model, or index the texts again into a new collection",
                file: collection.path)
        }
    }

    /// The writer, which is made at its first use and kept.
    func writer() throws(IndexError) -> CollectionWriter {
        try open.withLock { (writer) throws(IndexError) in
            if let writer { return writer }
            let made = try collection.writer()
            writer = made
            return made
        }
    }
}
