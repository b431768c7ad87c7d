import MartletData
import MartletHTTP

/// A collection of a vector database.
package struct StoreDestination: Destination {
    private let collection: any StoreCollection
    private let source: String

    /// - Parameter source: What names the source and the options of the job.
    package init(_ collection: any StoreCollection, source: String) {
        self.collection = collection
        self.source = source
    }

    package var name: String { collection.name }

    package func open() throws(DataError) -> any RecordSink { StoreSink(collection, source: source) }

    package func key(of record: Record) -> RecordID { collection.key(of: record) }

    nonisolated(nonsending) package func exists() async throws -> Bool {
        var collection = collection
        do {
            return try await collection.state() != .absent
        } catch let failure as RetryingClient.Failure {
            throw failure.error(at: collection.name)
        }
    }

    nonisolated(nonsending) package func remove(_ ids: [RecordID]) async throws {
        var collection = collection
        do {
            _ = try await collection.state()
            for start in stride(from: 0, to: ids.count, by: collection.limits.rows) {
                try await collection.remove(
                    Array(ids[start..<min(start + collection.limits.rows, ids.count)]))
            }
            try await collection.complete()
        } catch let failure as RetryingClient.Failure {
            throw failure.error(at: collection.name)
        }
    }

    nonisolated(nonsending) package func complete() async throws {
        var collection = collection
        do {
            guard case .present(let mark?) = try await collection.state() else { return }
            try await collection.write(
                DestinationMark(fingerprint: mark.fingerprint, identity: mark.identity))
            try await collection.complete()
        } catch let failure as RetryingClient.Failure {
            throw failure.error(at: collection.name)
        }
    }
}
