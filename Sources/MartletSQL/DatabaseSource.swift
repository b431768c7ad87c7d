import MartletData
import MartletSystem

/// A query over a database as a source of records.
package protocol DatabaseSource: RecordSource where Batches == ThreadBatches {
    /// Differs when the database's address or the query does.
    var digest: String { get }
    var query: DatabaseQuery { get }
    /// Opens the database and compiles the query, to find faults before other work is done.
    func check() throws(DataError)
    /// All rows of the query. Blocks its thread.
    func open() throws(DataError) -> any DatabaseRows
}

/// Rows of a query, one after the other. Blocks its thread.
package protocol DatabaseRows: AnyObject {
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
///
/// To go on from a position it reads the rows before it again, and compares them with those that were read.
struct DatabaseReader {
    private let source: any DatabaseSource
    private let rows: any DatabaseRows
    private var read = ReadRows()
    private var index: Int
    private var bytes = 0
    private var isDone = false
    private var failure: DataError?

    init(_ source: any DatabaseSource, after checkpoint: Checkpoint?) throws(DataError) {
        self.source = source
        index = checkpoint?.index ?? 0
        let prefix = source.digest + " "
        if let checkpoint, !checkpoint.source.hasPrefix(prefix) {
            throw DataError(
                .changedInput, at: "the query", "is another one than before",
                remedies: [.advice("start from the beginning")])
        }
        rows = try source.open()
        guard let checkpoint, checkpoint.offset > 0 else { return }
        while read.count < checkpoint.offset, let row = try rows.next() { read.add(row) }
        let count = checkpoint.offset
        let state = checkpoint.source.dropFirst(prefix.count)
        guard read.count == count, read.areThose(of: state, endingAt: checkpoint.key) else {
            throw DataError(
                .changedInput, at: "the query",
                ReadRows.digests(state) == nil
                    ? "was read to a position that an earlier version wrote, and whether its first \(count) rows are the same is not known"
                    : "gives other rows than before, or in another order: its first \(count) are not those that were read",
                remedies: [
                    .advice("start from the beginning"),
                    .advice("end the query in ORDER BY its id, so that new rows come last"),
                ])
        }
    }

    private var position: Checkpoint {
        Checkpoint(
            source: "\(source.digest) \(read.state)", index: index, offset: read.count,
            key: read.order.last?.text)
    }

    mutating func next() throws(DataError) -> RecordBatch? {
        if let failure { throw failure }
        guard !isDone else { return nil }
        var (records, skipped): ([Record], [SkippedRecord]) = ([], [])
        var size = 0
        let (wanted, mostBytes) = (source.query.batchSize.texts, source.query.batchSize.maxBytes)
        while records.count + skipped.count < wanted, size < mostBytes {
            do throws(DataError) {
                guard let row = try rows.next() else {
                    isDone = true
                    break
                }
                let place = "row \(read.count + 1) of the query"
                if let fault = row.fault {
                    let error = DataError(
                        .field, at: place, fault, remedies: [.skipRecords], isRecoverable: true)
                    guard source.query.badRecords == .skip else { throw error }
                    skipped.append(SkippedRecord(index: index, message: "\(place): \(fault)"))
                } else {
                    size += row.text.utf8.count
                    records.append(
                        Record(text: row.text, id: row.id, index: index, source: "row", line: read.count + 1))
                }
                read.add(row)
                index += 1
            } catch {
                failure = error
                break
            }
        }
        if let failure, records.isEmpty, skipped.isEmpty { throw failure }
        bytes += size
        return RecordBatch(records: records, skipped: skipped, end: position, bytesRead: bytes)
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
