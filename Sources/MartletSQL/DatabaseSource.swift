import MartletData
import MartletSystem

/// A query over a database as a source of records.
package protocol DatabaseSource: RecordSource where Batches == ThreadBatches {
    /// Differs when the database's address or the query does.
    var digest: String { get }
    var query: DatabaseQuery { get }
    /// Opens the database and compiles the query, to find faults before other work is done.
    func check() throws(DataError)
    /// The rows after a position. Blocks its thread.
    func open(after checkpoint: Checkpoint?) throws(DataError) -> any DatabaseRows
}

/// Rows of a query, one after the other. Blocks its thread.
package protocol DatabaseRows: AnyObject {
    /// What differs when the rows may have changed; nil: it cannot be known.
    var state: String? { get }
    func next() throws(DataError) -> DatabaseRow?
}

/// A row of a query.
package struct DatabaseRow {
    var text = ""
    var id = RecordID.none
    /// nil: the id cannot be ordered.
    var key: KeyOrder.Key?
    /// Why the row is no record.
    var fault: String?
}

extension DatabaseSource {
    package func batches(after checkpoint: Checkpoint?) -> ThreadBatches {
        let source = self
        return ThreadBatches(name: "the database") { () throws(DataError) in
            var reader = try DatabaseReader(source, after: checkpoint)
            return { () throws(DataError) in try reader.next() }
        }
    }
}

/// Collects rows into batches, as `BatchReader` does for files.
struct DatabaseReader {
    private let source: any DatabaseSource
    private let rows: any DatabaseRows
    private var order: KeyOrder
    private let state: String
    private var index: Int
    private var offset: Int
    private var bytes: Int
    private var isDone = false
    private var failure: DataError?

    init(_ source: any DatabaseSource, after checkpoint: Checkpoint?) throws(DataError) {
        self.source = source
        let key = checkpoint?.key.flatMap(KeyOrder.Key.init)
        if let checkpoint, !checkpoint.source.hasPrefix(source.digest) {
            throw DataError(
                .changedInput, at: "the query", "is another one than before",
                remedies: [.advice("start from the beginning")])
        }
        rows = try source.open(after: checkpoint)
        state = source.digest + " " + (rows.state ?? "unknown")
        if let checkpoint, key == nil, checkpoint.offset > 0, rows.state == nil || checkpoint.source != state
        {
            throw DataError(
                .changedInput, at: "the database",
                "may have changed, and the query is not ordered by an ascending id",
                remedies: [.advice("end the query in ORDER BY its id"), .advice("start from the beginning")])
        }
        order = KeyOrder(after: key)
        index = checkpoint?.index ?? 0
        offset = checkpoint?.offset ?? 0
        bytes = 0
        // Rows before a position whose key is unknown were not in order.
        if checkpoint != nil, offset > 0, key == nil { order.add(nil) }
    }

    private var position: Checkpoint {
        Checkpoint(source: state, index: index, offset: offset, key: order.last?.text)
    }

    mutating func next() throws(DataError) -> RecordBatch? {
        if let failure { throw failure }
        guard !isDone else { return nil }
        var (records, skipped): ([Record], [SkippedRecord]) = ([], [])
        var size = 0
        let (wanted, mostBytes) = (source.query.batchSize.texts, source.query.batchSize.maxBytes)
        var end = position
        while records.count + skipped.count < wanted, size < mostBytes {
            do throws(DataError) {
                guard let row = try rows.next() else {
                    isDone = true
                    break
                }
                let place = "row \(offset + 1) of the query"
                if let fault = row.fault {
                    let error = DataError(
                        .field, at: place, fault, remedies: [.skipRecords], isRecoverable: true)
                    guard source.query.badRecords == .skip else { throw error }
                    skipped.append(SkippedRecord(index: index, message: "\(place): \(fault)"))
                } else {
                    size += row.text.utf8.count
                    records.append(
                        Record(text: row.text, id: row.id, index: index, source: "row", line: offset + 1))
                }
                order.add(row.key)
                index += 1
                offset += 1
            } catch {
                failure = error
                break
            }
            end = position
        }
        if let failure, records.isEmpty, skipped.isEmpty { throw failure }
        bytes += size
        return RecordBatch(records: records, skipped: skipped, end: end, bytesRead: bytes)
    }
}

enum QueryDigest {
    static func of(_ parts: [String]) -> String {
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        let digits = String(Checksum.xxh64(text), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension String {
    /// Without the semicolon and the space at the end.
    var droppingEndOfStatement: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
        return String(text)
    }
}
