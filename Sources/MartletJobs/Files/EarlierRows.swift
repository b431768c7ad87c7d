import MartletData
import Synchronization

/// Vectors of an earlier run by the digests of their texts. It takes about 50 bytes for each text; the
/// vectors stay on the disk.
package final class EarlierRows: Sendable {
    /// A vector of that run.
    package struct Row: Sendable {
        package let rows: VectorRows
        package let position: Int
        package let isTruncated: Bool
    }

    private struct Place: Sendable {
        let offset: Int
        let position: Int32
    }

    private struct State {
        let log: JobLog
        /// The frame that was read last: neighbours come together.
        var cached: (offset: Int, batch: RowBatch)?
    }

    private let places: [TextDigest: Place]
    private let state: Mutex<State>

    /// - Parameter log: Compared with its checksums; nobody else reads it any more.
    init(_ log: sending JobLog) throws(DataError) {
        var places: [TextDigest: Place] = [:]
        for frame in try log.rowFrames() {
            for (position, digest) in frame.digests.enumerated() {
                places[digest] = Place(offset: frame.offset, position: Int32(clamping: position))
            }
        }
        self.places = places
        state = Mutex(State(log: log, cached: nil))
    }

    /// Different texts.
    package var count: Int { places.count }

    package func row(for text: String) throws(DataError) -> Row? {
        guard let place = places[TextDigest(of: text)] else { return nil }
        return try state.withLock { (state: inout State) throws(DataError) in
            let batch: RowBatch
            if let cached = state.cached, cached.offset == place.offset {
                batch = cached.batch
            } else {
                batch = try state.log.batch(at: place.offset)
                state.cached = (place.offset, batch)
            }
            let position = Int(place.position)
            return Row(rows: batch.rows, position: position, isTruncated: batch.truncated.contains(position))
        }
    }
}
