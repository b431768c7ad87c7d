import Martlet
import MartletData
import MartletIndex

/// A collection of MartletIndex, which `martlet search` reads.
package struct CollectionDestination: Destination {
    private let path: String
    private let similarity: VectorSimilarity
    private let source: String

    /// - Parameters:
    ///   - path: The folder; it is made if it does not exist.
    ///   - similarity: How a new collection compares vectors.
    ///   - source: What names the source and the options of the job.
    package init(path: String, similarity: VectorSimilarity = .cosine, source: String) {
        self.path = path
        self.similarity = similarity
        self.source = source
    }

    package var name: String { path }

    package func open() throws(DataError) -> any RecordSink {
        CollectionSink(path: path, similarity: similarity, source: source)
    }

    nonisolated(nonsending) package func complete() async throws {
        let writer = try SearchCollection(opening: path).writer()
        var notes = writer.snapshot.notes
        for name in CollectionSink.noteNames { notes[name] = nil }
        guard notes != writer.snapshot.notes else { return }
        try writer.change(adding: [], removing: [], identity: nil, notes: notes)
    }
}
