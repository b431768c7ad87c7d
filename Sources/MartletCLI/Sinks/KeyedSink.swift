#if Command

import MartletData
import Synchronization

/// What a run gives to a place where a row replaces one of the same id: rows that replace others of the run are
/// counted, so that the user hears of them.
struct KeyedSink: RecordSink {
    private var sink: any RecordSink
    private let destination: any Destination
    private let repeated: RepeatedIDs

    init(_ sink: any RecordSink, of destination: any Destination, counting repeated: RepeatedIDs) {
        (self.sink, self.destination, self.repeated) = (sink, destination, repeated)
    }

    nonisolated(nonsending) mutating func begin(_ schema: VectorSchema) async throws -> Checkpoint? {
        try await sink.begin(schema)
    }

    nonisolated(nonsending) mutating func write(_ batch: RowBatch) async throws {
        for record in batch.records {
            if record.id == .null {
                throw DataError(
                    .field, at: record.place, "the id is null, and rows are found by their ids",
                    remedies: [.advice("give each record an id"), .nameIDField])
            }
            repeated.add(record, key: destination.key(of: record))
        }
        try await sink.write(batch)
    }

    nonisolated(nonsending) mutating func commit(_ checkpoint: Checkpoint) async throws {
        try await sink.commit(checkpoint)
    }

    nonisolated(nonsending) mutating func finish() async throws { try await sink.finish() }
}

/// Ids that came more than once in a run. Memory: a hash for each id.
final class RepeatedIDs: Sendable {
    private let state = Mutex(State())

    private struct State {
        var ids: Set<Int> = []
        var count = 0
        var first: String?
    }

    /// - Parameter key: What the place knows the row by.
    func add(_ record: Record, key: RecordID) {
        // Where records have no ids, their numbers are the keys.
        let key = key == .none ? RecordID.literal("\(record.index)") : key
        state.withLock { state in
            guard !state.ids.insert(key.hashValue).inserted else { return }
            state.count += 1
            if state.first == nil { state.first = record.place }
        }
    }

    /// What to tell the user; nil: each id came once.
    var warning: String? {
        state.withLock { state in
            guard let first = state.first else { return nil }
            let rows = Format.count(state.count, "row")
            return
                "\(rows) had the id of an earlier row of this run and replaced it, the first at \(first); name another member with --id"
        }
    }
}

#endif
