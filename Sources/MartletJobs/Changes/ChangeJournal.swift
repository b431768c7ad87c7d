import MartletData
import MartletJSON
import MartletSystem
import Synchronization

/// Which texts a destination has, by id, in a file of lines: a run embeds what has changed since, and knows what
/// has left the source.
///
/// A line is added after its row is committed, so a row that a crash leaves without a line is embedded again.
/// About 120 bytes of memory and of the file for each record.
package final class ChangeJournal: Sendable {
    private struct State {
        var digests: [RecordID: TextDigest] = [:]
        /// Ids that the source has, with the last text of each.
        var seen: [RecordID: TextDigest] = [:]
        var unchanged = 0
        var unread = 0
        var size = 0
    }

    private let path: String
    private let header: JobHeader
    private let lock: JobLock
    private let state: Mutex<State>

    /// Opens the journal, or begins one.
    /// - Parameter header: What the job is tied to; its source is not compared.
    /// - Throws: ``DataError/Code/changedInput`` if the journal is that of another destination, model or options.
    package init(_ path: String, _ header: JobHeader) throws(DataError) {
        self.path = path
        self.header = header
        lock = try JobLock(path)
        let bytes = try Self.contents(path)
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What stands after the last line end was cut off while it was written.
        let rest = lines.popLast()?.count ?? 0
        if rest > 0 { try SystemLogFile(path).truncate(to: bytes.count - rest) }
        var state = State(size: bytes.count - rest)
        if let first = lines.first {
            guard let before = JobHeader(json: Array(first)) else {
                throw DataError(
                    .malformed, at: path, "is not a journal of changes",
                    remedies: [.advice("name another file")])
            }
            if let difference = before.difference(from: header) {
                throw DataError(
                    .changedInput, at: path, "belongs to a job with \(difference)",
                    remedies: [
                        .advice("give the same options"), .advice("remove \(path) to embed all rows again"),
                    ])
            }
            for line in lines.dropFirst() {
                guard let (id, digest) = Self.entry(Array(line)) else {
                    throw DataError(
                        .malformed, at: path, "is damaged",
                        remedies: [.advice("remove it to embed all rows again")])
                }
                state.digests[id] = digest
            }
        } else {
            let line = header.json + [UInt8(ascii: "\n")]
            let file = try SystemLogFile(path)
            try file.truncate(to: 0)
            try file.write(line, at: 0)
            state.size = line.count
        }
        self.state = Mutex(state)
    }

    private static func contents(_ path: String) throws(DataError) -> [UInt8] {
        let file = try SystemLogFile(path)
        var bytes = [UInt8](repeating: 0, count: try file.size())
        let result: Result<Int, DataError> = bytes.withUnsafeMutableBytes { buffer in
            do throws(DataError) { return .success(try file.read(into: buffer, at: 0)) } catch {
                return .failure(error)
            }
        }
        bytes.removeLast(bytes.count - (try result.get()))
        return bytes
    }

    // MARK: Lines

    private static func line(_ id: RecordID, _ digest: TextDigest) -> [UInt8] {
        let members: [(String, JSONValue)] =
            switch id {
            case .none: []
            case .text(let text): [("id", .string(text))]
            case .literal(let text): [("literal", .string(text))]
            }
        return JobHeader.bytes(members + [("sha256", .string(digest.description))]) + [UInt8(ascii: "\n")]
    }

    private static func entry(_ line: [UInt8]) -> (RecordID, TextDigest)? {
        guard let value = try? JSONValue.parse(line), let digits = value["sha256"]?.string,
            let digest = TextDigest(digits)
        else { return nil }
        if let text = value["id"]?.string { return (.text(text), digest) }
        if let text = value["literal"]?.string { return (.literal(text), digest) }
        return nil
    }

    // MARK: A run

    /// Whether the destination has the record with this text; notes that the source still has it. Of records
    /// with one id the last one stays, so each is compared with the one before it.
    /// - Throws: ``DataError/Code/field`` for a record without an id.
    package func isUnchanged(_ record: Record) throws(DataError) -> Bool {
        guard record.id != .none else {
            throw DataError(
                .field, at: record.place, "has no id, by which its row could be found again",
                remedies: [.nameIDField])
        }
        let digest = TextDigest(of: record.text)
        return state.withLock { state in
            let before = state.seen.updateValue(digest, forKey: record.id) ?? state.digests[record.id]
            guard before == digest else { return false }
            state.unchanged += 1
            return true
        }
    }

    /// Notes records that could not be read: which rows are theirs is not known.
    func note(unread count: Int) { state.withLock { $0.unread += count } }

    /// Records that could not be read.
    package var unread: Int { state.withLock { $0.unread } }

    /// The rows of these records are committed.
    package func add(_ records: [Record]) throws(DataError) {
        var lines: [UInt8] = []
        let digests = records.map { TextDigest(of: $0.text) }
        for (record, digest) in zip(records, digests) { lines += Self.line(record.id, digest) }
        let start = state.withLock { state in
            for (record, digest) in zip(records, digests) { state.digests[record.id] = digest }
            defer { state.size += lines.count }
            return state.size
        }
        try SystemLogFile(path).write(lines, at: start)
    }

    /// Rows that the destination has.
    package var count: Int { state.withLock { $0.digests.count } }

    /// Records that were not embedded again.
    package var unchanged: Int { state.withLock { $0.unchanged } }

    /// Ids that the source no longer has; to be asked after its end. None if records could not be read: a row
    /// may be one of theirs.
    package var gone: [RecordID] {
        state.withLock { state in
            state.unread > 0 ? [] : state.digests.keys.filter { state.seen[$0] == nil }
        }
    }

    /// Those of `ids` whose rows are of no record that the source has.
    /// - Parameter key: What the destination knows the row of an id by: it may take 1 and "1" for one.
    package func withoutRecord(_ ids: [RecordID], key: (RecordID) -> RecordID) -> [RecordID] {
        guard !ids.isEmpty else { return [] }
        let kept = Set(state.withLock { Array($0.seen.keys) }.map(key))
        return ids.filter { !kept.contains(key($0)) }
    }

    /// The source was read to its end: writes the file anew with one line for each id.
    /// - Parameter removed: Ids that the source no longer has.
    package func finish(removing removed: [RecordID]) throws(DataError) {
        let digests = state.withLock { state in
            for id in removed { state.digests[id] = nil }
            return state.digests
        }
        let output = try Output.replacing(path)
        output.buffer = header.json + [UInt8(ascii: "\n")]
        for (id, digest) in digests {
            output.buffer += Self.line(id, digest)
            try output.endRow()
        }
        try output.publish()
    }
}
