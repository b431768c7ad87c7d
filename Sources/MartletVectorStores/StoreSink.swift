import MartletData
import MartletHTTP

/// Rows into a collection of a vector database.
///
/// A row replaces the one with its id. The position in the source is stored after the rows before it, so a run
/// that was killed sends some rows again, and every row is there once.
package struct StoreSink: RecordSink {
    private var collection: any StoreCollection
    private let source: String
    private var schema = VectorSchema(width: 0)

    /// - Parameter source: What names the source and the options of the job.
    package init(_ collection: any StoreCollection, source: String) {
        self.collection = collection
        self.source = source
    }

    nonisolated(nonsending) package mutating func begin(_ schema: VectorSchema) async throws -> Checkpoint? {
        try collection.check(schema)
        self.schema = schema
        do {
            switch try await collection.state() {
            case .absent:
                try await collection.make(schema, DestinationMark(schema))
                return nil
            case .present(nil):
                throw DataError(
                    .changedInput, at: collection.name,
                    "exists, and which model made its vectors is not known",
                    remedies: [.advice("name another collection")])
            case .prepared:
                try await collection.join(DestinationMark(schema))
                return nil
            case .present(let mark?):
                try mark.check(schema, at: collection.name)
                return mark.checkpoint(of: source)
            }
        } catch let failure as RetryingClient.Failure {
            throw failure.error(at: collection.name)
        }
    }

    nonisolated(nonsending) package mutating func write(_ batch: RowBatch) async throws {
        // Of several rows with one key the last counts, as if they had come one after the other.
        var last: [RecordID: Int] = [:]
        for (row, record) in batch.records.enumerated() { last[collection.key(of: record)] = row }
        var rows: [StoreRow] = []
        var bytes = 0
        for (position, record) in batch.records.enumerated() {
            guard last[collection.key(of: record)] == position else { continue }
            let row = StoreRow(record, rows: batch.rows, position: position)
            if !rows.isEmpty,
                rows.count >= collection.limits.rows || bytes + row.size > collection.limits.bytes
            {
                try await send(rows[...])
                (rows, bytes) = ([], 0)
            }
            rows.append(row)
            bytes += row.size
        }
        if !rows.isEmpty { try await send(rows[...]) }
    }

    /// Rows that the database refuses are halved until the one at fault is alone.
    nonisolated(nonsending) private func send(_ rows: ArraySlice<StoreRow>) async throws {
        do {
            try await collection.upsert(Array(rows))
        } catch let failure as RetryingClient.Failure {
            let isAboutRows = failure.status.map { [400, 413, 422].contains($0) } ?? false
            guard isAboutRows else { throw failure.error(at: collection.name) }
            guard rows.count > 1 else {
                let place = rows.first?.record.place ?? collection.name
                throw DataError(
                    .io, at: place, "cannot be stored in \(collection.name): \(failure.reason)")
            }
            let middle = rows.startIndex + rows.count / 2
            try await send(rows[..<middle])
            try await send(rows[middle...])
        }
    }

    nonisolated(nonsending) package mutating func commit(_ checkpoint: Checkpoint) async throws {
        var mark = DestinationMark(schema)
        mark.source = source
        mark.position = DestinationMark.json(checkpoint)
        do {
            try await collection.write(mark)
        } catch let failure as RetryingClient.Failure {
            throw failure.error(at: collection.name)
        }
    }

    package mutating func finish() {}
}

extension RetryingClient.Failure {
    func error(at place: String) -> DataError {
        let advice: [Remedy] =
            switch status {
            case 401, 403: [.advice("check the key in the environment")]
            case nil: [.advice("run the same command again: it continues after the last commit")]
            default: []
            }
        return DataError(.io, at: place, reason, remedies: advice)
    }
}
