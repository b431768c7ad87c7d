import MartletData
import MartletSystem

/// Makes one file of the parts that runs with a shard each have left: the bytes are those of one run over the
/// whole source.
package struct FileMerge {
    private let output: String
    private let logs: [JobLog]
    private let header: JobHeader
    private let format: OutputFormat
    private let locks: [JobLock]

    /// Finds the logs of all parts beside `output`, and checks that they belong together and are whole.
    package init(into output: String) throws(DataError) {
        let count = try Self.count(of: output)
        var logs: [JobLog] = []
        var locks: [JobLock] = []
        var first: JobHeader?
        var whole: InputContents?
        for number in 1...count {
            let path = FileJob.logPath(of: output, shard: JobHeader.Shard(number: number, of: count))
            guard access(path, F_OK) == 0 else {
                throw DataError(
                    .io, at: path, "is missing",
                    remedies: [.advice("run the part with --shard \(number)/\(count)")])
            }
            locks.append(try JobLock(path))
            let log = try JobLog(SystemLogFile(path))
            guard var header = log.header, log.isFinished else {
                throw DataError(
                    .malformed, at: path, "is a part that is not whole",
                    remedies: [.advice("run the same command again for this part")])
            }
            header.shard = nil
            if let first {
                if let difference = first.difference(from: header) {
                    throw DataError(
                        .changedInput, at: path, "does not belong to the first part, which has \(difference)")
                }
            }
            let contents = log.last.flatMap { InputContents(statedIn: $0.checkpoint) }
            // Parts that an earlier version has made do not say what the input had.
            let isOther =
                if let contents, let whole { contents != whole } else { first?.source != header.source }
            if first != nil, isOther { throw Self.otherInput(contents, of: path, first: whole) }
            whole = whole ?? contents
            first = first ?? header
            logs.append(log)
        }
        guard let first, let format = OutputFormat.all.first(where: { $0.name == first.format }) else {
            throw DataError(
                .unsupported, at: output, "the parts are of a format that this version does not write")
        }
        (self.output, self.logs, self.header, self.format, self.locks) = (output, logs, first, format, locks)
    }

    private static func otherInput(
        _ contents: InputContents?, of path: String, first: InputContents?
    ) -> DataError {
        var difference = ""
        if let contents, let first {
            difference =
                contents.count == first.count
                ? ": as many records, with other ids or texts"
                : ": of \(contents.count) records, and the first of \(first.count)"
        }
        return DataError(
            .changedInput, at: path,
            "is a part of another state of the input than the first part" + difference,
            remedies: [.advice("remove the parts that are not of this state, and run them again")])
    }

    /// Rows of all parts.
    package var rows: Int { logs.reduce(0) { $0 + ($1.last?.rows ?? 0) } }
    package var parts: Int { logs.count }

    nonisolated(nonsending) package func run() async throws {
        try await FileJob.write(logs, to: output, as: format, header)
    }

    /// `N` of the files `OUTPUT.K-of-N.job`.
    private static func count(of output: String) throws(DataError) -> Int {
        let parts = output.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
        let prefix = "\(parts.last ?? "")."
        var counts: Set<Int> = []
        for name in FolderWalk.names(inFolder: folder.isEmpty ? "/" : folder)
        where name.hasPrefix(prefix) && name.hasSuffix(".job") {
            let middle = name.dropFirst(prefix.count).dropLast(4).split(separator: "-")
            guard middle.count == 3, middle[1] == "of", let count = Int(middle[2]), count > 0 else {
                continue
            }
            counts.insert(count)
        }
        guard let count = counts.first, count <= 1_000_000 else {
            throw DataError(
                .io, at: output, "has no parts beside it: no file \(prefix)1-of-N.job",
                remedies: [.advice("check the path")])
        }
        guard counts.count == 1 else {
            throw DataError(
                .changedInput, at: output,
                "has parts of \(counts.sorted().map(String.init).joined(separator: " and of ")); remove those of one of them"
            )
        }
        return count
    }
}
