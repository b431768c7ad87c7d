import MartletData
import MartletSystem

/// A job whose result is a file: rows gather in a log beside it, and the file is made of them when all are
/// there.
///
/// The file appears under its name when it is whole; one that was there before stays until then. The same
/// rows give the same bytes, however often the job was interrupted.
package final class FileJob: Sendable {
    /// What the log says.
    package enum State: Sendable, Equatable {
        case new
        /// Rows of an earlier run are there.
        case resumed(JobCommit)
        /// The file was made from this source by this job, and nothing is to do.
        case finished(JobCommit)
        /// As `resumed`, from the beginning: unchanged texts have their vectors in the log of the run before.
        case changed
    }

    package let output: String
    package let state: State
    private let format: OutputFormat
    private let header: JobHeader
    private let lock: JobLock

    /// The log beside an output, or beside one part of it.
    package static func logPath(of output: String, shard: JobHeader.Shard? = nil) -> String {
        "\(output)\(shard.map { ".\($0.number)-of-\($0.count)" } ?? "").job"
    }

    package var shard: JobHeader.Shard? { header.shard }
    package var logPath: String { Self.logPath(of: output, shard: header.shard) }
    /// Rows of the run before, while this one reuses them.
    private var earlierPath: String { "\(output).earlier.job" }

    /// Opens the log, or begins one.
    /// - Throws: ``DataError/Code/changedInput`` if the log belongs to another model, other options or
    ///   another source, with what differs.
    package init(writing output: String, as format: OutputFormat, _ header: JobHeader) throws(DataError) {
        self.output = output
        self.format = format
        self.header = header
        let path = Self.logPath(of: output, shard: header.shard)
        var lock = try JobLock(path)
        state = try Self.state(of: path, beside: output, header, &lock)
        self.lock = lock
    }

    /// Looks at the log under a lock, and begins one if need be.
    private static func state(
        of path: String, beside output: String, _ header: JobHeader, _ lock: inout JobLock
    ) throws(DataError) -> State {
        let log = try JobLog(SystemLogFile(path))
        guard let before = log.header else {
            try log.begin(header)
            try synchronizeFolder(of: path)
            return .new
        }
        if let difference = before.difference(from: header) {
            throw DataError(
                .changedInput, at: path, "holds a job with \(difference)",
                remedies: [.advice("give the same options"), .advice("remove \(path) to begin again")])
        }
        let now = stamp(of: output)
        let isThere = header.shard != nil || now != nil
        // Logs of earlier versions do not say what was made of them.
        let isOwn = header.shard != nil || log.made == nil || log.made == now
        let (isSameSource, reuses) = (before.source == header.source, header.keepsRows && before.keepsRows)
        if log.isFinished, let last = log.last, isSameSource, isThere, isOwn,
            before.keepsRows || !header.keepsRows
        {
            return .finished(last)
        } else if reuses, log.isFinished || !isSameSource {
            if try setAside(log, at: path, as: "\(output).earlier.job", header) {
                // The lock was on the file that has another name now.
                lock = try lockOfNewLog(path)
            }
            try JobLog(SystemLogFile(path)).begin(header)
            return .changed
        } else if log.isFinished, isSameSource, isThere, !isOwn, !header.keepsRows {
            throw DataError(
                .changedInput, at: output,
                "is not the file that the job of \(path) has made, or was changed since",
                remedies: [
                    .advice("name another output"), .advice("remove \(path) to embed the input again"),
                ])
        } else if log.isFinished, isSameSource, !isThere || header.keepsRows {
            // The file is gone, or its rows were not kept.
            try log.begin(header)
            return .new
        } else if before.source != header.source {
            throw DataError(
                .changedInput, at: path, "belongs to another state of the input, which has changed since",
                remedies: [.advice("remove \(path) to begin again")])
        } else if let last = log.last {
            return .resumed(last)
        } else {
            return .new
        }
    }

    /// Keeps the rows of the run before for the next one. If that run was itself reusing rows and did not
    /// end, both are kept.
    /// - Returns: Whether the log has another name now.
    private static func setAside(
        _ log: JobLog, at path: String, as earlierPath: String, _ header: JobHeader
    ) throws(DataError) -> Bool {
        if !log.isFinished, access(earlierPath, F_OK) == 0 {
            let earlier = try JobLog(SystemLogFile(earlierPath))
            if let before = earlier.header, before.difference(from: header) == nil {
                try earlier.append(rowsOf: log)
                return false
            }
        }
        guard rename(path, earlierPath) == 0 else {
            throw DataError(.io, at: path, "cannot be renamed: \(FileError.text())")
        }
        return true
    }

    /// Locks a log that is to be begun: no other run may have begun it since there was none.
    static func lockOfNewLog(_ path: String) throws(DataError) -> JobLock {
        let lock = try JobLock(path)
        guard try JobLog(SystemLogFile(path)).header == nil else { throw JobLock.isTaken(path) }
        return lock
    }

    /// Size and time of a file, which are others when something else has written it; nil: there is none.
    private static func stamp(of path: String) -> String? {
        FileStamp(path: path).map { "\($0.size) \($0.modified)" }
    }

    /// Rows that earlier runs have left.
    package var rowsBefore: Int { if case .resumed(let last) = state { last.rows } else { 0 } }

    /// A sink that appends to the log.
    package func sink() throws(DataError) -> JobSink {
        JobSink(try JobLog(SystemLogFile(logPath)), header: header)
    }

    /// Vectors of texts that an earlier run has embedded; nil: there are none.
    package func earlierRows() throws(DataError) -> EarlierRows? {
        guard header.keepsRows, access(earlierPath, F_OK) == 0 else { return nil }
        let log = try JobLog(SystemLogFile(earlierPath))
        guard let before = log.header, before.difference(from: header) == nil else { return nil }
        return try EarlierRows(log)
    }

    /// The source was read to its end: makes the file. A part of several only ends its log.
    nonisolated(nonsending) package func finish() async throws {
        let log = try JobLog(SystemLogFile(logPath))
        guard header.shard == nil else { return try log.finish() }
        if !log.isFinished || access(output, F_OK) != 0 {
            try await Self.write([log], to: output, as: format, header)
        }
        let made = Self.stamp(of: output)
        guard let last = log.last else { return try log.finish(made) }
        if header.keepsRows {
            try log.finish(made)
            unlink(earlierPath)
        } else {
            try shorten(last, made)
        }
    }

    /// Replaces the log by one without rows, which says that the file is whole.
    private func shorten(_ last: JobCommit, _ made: String?) throws(DataError) {
        let path = "\(logPath).new"
        unlink(path)
        let log = try JobLog(SystemLogFile(path))
        try log.begin(header)
        try log.adopt(last)
        try log.finish(made)
        guard rename(path, logPath) == 0 else {
            throw DataError(.io, at: logPath, "cannot be replaced: \(FileError.text())")
        }
        try Self.synchronizeFolder(of: logPath)
    }

    private static func synchronizeFolder(of path: String) throws(DataError) {
        let code = FileDescriptor.synchronizeFolder(of: path)
        guard code == 0 else {
            throw DataError(.io, at: path, "cannot be written: \(FileError.text(code))")
        }
    }

    /// Gives the rows of logs to the sink of a format, one log after the other.
    nonisolated(nonsending) static func write(
        _ logs: [JobLog], to output: String, as format: OutputFormat, _ header: JobHeader
    ) async throws {
        let file = try Output.replacing(output)
        var sink = format.sink(writingTo: file, companion: header.companion)
        _ = try await sink.begin(header.schema)
        for log in logs {
            try await log.forEachBatch { batch, _ in try await sink.write(batch) }
        }
        try await sink.finish()
        try file.publish()
    }
}
