import MartletData
import MartletSystem

/// Where jobs of this machine have their logs: a file for each, whose text is the path of the log.
///
/// It is a convenience: whatever cannot be read or written is left out, and a job does not need it.
package struct JobRegistry: Sendable {
    private let folder: String?

    /// In the folder that `XDG_STATE_HOME` or `HOME` names.
    package init(environment: (String) -> String? = CacheFolder.variable) {
        if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") {
            folder = "\(base)/martlet/jobs"
        } else if let home = environment("HOME"), home.hasPrefix("/") {
            folder = "\(home)/.local/state/martlet/jobs"
        } else {
            folder = nil
        }
    }

    package func add(_ path: String) {
        guard let folder, let absolute = Self.absolute(path), CacheFolder.make(folder),
            let file = try? AtomicFile(replacing: "\(folder)/\(String(Checksum.xxh64(absolute), radix: 16))")
        else { return }
        try? file.write(Array(absolute.utf8))
        try? file.finish()
    }

    /// What is known of a job.
    package struct Entry: Sendable, Equatable {
        package enum State: String, Sendable { case running, stopped, finished }
        package let path: String
        package let state: State
        package let header: JobHeader
        package let last: JobCommit?
    }

    /// The jobs whose logs can be read; logs that are gone are forgotten. Reads the heads of their frames.
    package func entries() -> [Entry] {
        guard let folder else { return [] }
        var entries: [Entry] = []
        for name in FolderWalk.names(inFolder: folder) {
            guard let file = try? SystemLogFile.reading("\(folder)/\(name)"), let size = try? file.size(),
                size < 1 << 16
            else { continue }
            var bytes = [UInt8](repeating: 0, count: size)
            let count = bytes.withUnsafeMutableBytes { (try? file.read(into: $0, at: 0)) ?? 0 }
            guard count == size, let path = String(validating: bytes, as: UTF8.self) else { continue }
            guard access(path, F_OK) == 0 else {
                unlink("\(folder)/\(name)")
                continue
            }
            if let entry = Self.entry(path) { entries.append(entry) }
        }
        return entries.sorted { $0.path < $1.path }
    }

    /// The state of the job that has its log at `path`; nil if it is none.
    package static func entry(_ path: String) -> Entry? {
        guard let file = try? SystemLogFile.reading(path), let log = try? JobLog(file, isVerified: false),
            let header = log.header
        else {
            return nil
        }
        let state: Entry.State = log.isFinished ? .finished : JobLock.isHeld(path) ? .running : .stopped
        return Entry(path: path, state: state, header: header, last: log.last)
    }

    private static func absolute(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
