public import Martlet

/// Makes the vectors of a collection anew with another model, beside the old ones, and then swaps.
///
/// ```swift
/// let reindexing = try Reindexing(collection, settings: settings)      // of the new model
/// while let records = try reindexing.next(1000) {
///     try reindexing.add(await embedder.embed(records.map(\.text), as: .document).map(\.values))
/// }
/// try reindexing.swap()
/// ```
/// Searches find the old records until the swap, which is one commit. A run that ends early leaves a folder
/// `reindex` in the collection, from which the next run goes on. Other writers are locked out meanwhile.
public final class Reindexing {
    private let writer: CollectionWriter
    private let other: SearchCollection
    private let otherWriter: CollectionWriter
    private let source: Snapshot
    private let identity: CollectionIdentity
    private var place: RecordCursor
    private var taken: [Record] = []
    private let known: Snapshot
    /// Records of the collection.
    public var count: Int { source.count }
    /// Records that an earlier run had done.
    public private(set) var resumed = 0

    private static let folder = "reindex"

    /// - Parameter settings: Of the new vectors: identity, dimensions, similarity, store and sparse model. Chunker,
    ///   fields and language stay as they are.
    /// - Throws: ``IndexError``, with ``IndexError/Code/locked`` while another writer has the collection.
    public init(_ collection: SearchCollection, settings: CollectionSettings) throws(IndexError) {
        writer = try collection.writer()
        source = writer.snapshot
        identity = settings.identity
        var settings = settings
        settings.chunker = source.settings.chunker
        settings.fields = source.fields
        settings.language = source.settings.language
        settings.bm25 = source.settings.bm25
        other = try Self.folder(in: collection.folder, settings)
        otherWriter = try other.writer()
        known = otherWriter.snapshot
        place = RecordCursor(source)
    }

    /// The unfinished collection of an earlier run if it was made for the same model, else a new one.
    private static func folder(in folder: CollectionFolder, _ settings: CollectionSettings) throws(IndexError)
        -> SearchCollection
    {
        let path = folder.file(Self.folder)
        do throws(IndexError) {
            let known = try SearchCollection(opening: path, files: folder.files)
            let old = known.settings
            if old.identity == settings.identity, old.dimensions == settings.dimensions,
                old.store == settings.store, old.sparse == settings.sparse
            {
                return known
            }
        } catch {
            guard error.code == .notFound || error.code == .damaged else { throw error }
        }
        try remove(path, folder.files)
        return try SearchCollection.create(at: path, settings: settings, files: folder.files)
    }

    private static func remove(_ path: String, _ files: any IndexFileSystem) throws(IndexError) {
        for name in try files.names(in: path) { try files.remove("\(path)/\(name)") }
    }

    /// The next records that have no new vector yet, at most so many; nil at the end.
    public func next(_ count: Int) throws(IndexError) -> [Record]? {
        taken.removeAll(keepingCapacity: true)
        while taken.count < count, let record = try place.next() {
            if try isDone(record) { resumed += 1 } else { taken.append(record) }
        }
        return taken.isEmpty ? nil : taken
    }

    private func isDone(_ record: Record) throws(IndexError) -> Bool {
        guard known.count > 0, let done = try known.record(id: record.id) else { return false }
        return done.text == record.text && done.fields == record.fields
    }

    /// Adds the new vectors of the records that ``next(_:)`` gave last, in their order.
    /// - Parameter sparse: Their sparse vectors, where a model weighs the new collection's words.
    public func add(_ vectors: [[Float]], sparse: [SparseEmbedding]? = nil) throws(IndexError) {
        guard vectors.count == taken.count, sparse?.count ?? taken.count == taken.count else {
            throw IndexError(
                .invalidRecord, "\(vectors.count) vectors for \(taken.count) records", path: other.path)
        }
        let records = taken.indices.map { index in
            let record = taken[index]
            return Record(
                id: record.id, text: record.text, vector: vectors[index], fields: record.fields,
                sparse: sparse?[index])
        }
        try otherWriter.add(records, identity: identity)
    }

    /// Puts the new records in the place of the old ones.
    public func swap() throws(IndexError) {
        // What has left the collection since an unfinished run is not to come back.
        var gone: [String] = []
        let done = otherWriter.snapshot
        if done.count != source.count {
            var cursor = RecordCursor(done)
            while let record = try cursor.next() {
                if try source.record(id: record.id) == nil { gone.append(record.id) }
            }
        }
        if !gone.isEmpty { try otherWriter.remove(ids: gone) }
        guard otherWriter.snapshot.count == source.count else {
            throw IndexError(
                .invalidOption,
                "\(otherWriter.snapshot.count) of \(source.count) records have new vectors; add the others first",
                path: other.path)
        }
        try writer.adopt(other, of: otherWriter)
        try? Self.remove(other.path, other.folder.files)
        other.folder.files.removeFolder(other.path)
    }
}

/// The live records of a snapshot, one after the other, the oldest first.
struct RecordCursor {
    private let snapshot: Snapshot
    private var row = 0

    init(_ snapshot: Snapshot) { self.snapshot = snapshot }

    mutating func next() throws(IndexError) -> Record? {
        while row < snapshot.firstRecent + snapshot.recent.count {
            let place = snapshot.place(of: row)
            row += 1
            switch place {
            case .segment(let part, let row):
                if part.dead?.contains(row) != true { return try part.segment.record(row) }
            case .recent(let recent): return try recent.record(snapshot.settings)
            }
        }
        return nil
    }
}
