import Martlet
import MartletData
import MartletIndex

/// A collection of MartletIndex, which `martlet search` reads.
package struct CollectionDestination: Destination {
    private let path: String
    private let similarity: VectorSimilarity
    private let source: String
    private let rowsOfCommit: Int

    /// - Parameters:
    ///   - path: The folder; it is made if it does not exist.
    ///   - similarity: How a new collection compares vectors.
    ///   - source: What names the source and the options of the job.
    ///   - rowsOfCommit: Rows that are gathered before they are stored.
    package init(
        path: String, similarity: VectorSimilarity = .cosine, source: String, rowsOfCommit: Int = 4096
    ) {
        self.rowsOfCommit = rowsOfCommit
        self.path = path
        self.similarity = similarity
        self.source = source
    }

    package var name: String { path }

    package func open() throws(DataError) -> any RecordSink {
        CollectionSink(path: path, similarity: similarity, source: source, rowsOfCommit: rowsOfCommit)
    }

    package func key(of record: MartletData.Record) -> RecordID { .text(record.collectionID) }

    nonisolated(nonsending) package func exists() async throws -> Bool {
        do throws(IndexError) {
            _ = try SearchCollection(opening: path)
            return true
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
    }

    nonisolated(nonsending) package func remove(_ ids: [RecordID]) async throws {
        let texts = ids.compactMap { id -> String? in
            switch id {
            case .none: nil
            case .text(let text), .literal(let text): text
            }
        }
        try SearchCollection(opening: path).writer().remove(ids: texts)
    }

    nonisolated(nonsending) package func complete() async throws {
        let writer = try SearchCollection(opening: path).writer()
        var notes = writer.snapshot.notes
        for name in CollectionSink.noteNames { notes[name] = nil }
        guard notes != writer.snapshot.notes else { return }
        try writer.change(adding: [], removing: [], identity: nil, notes: notes)
    }
}
