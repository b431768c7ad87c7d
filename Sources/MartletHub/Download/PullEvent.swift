/// What a pull is doing, in the order in which it happens; files are fetched side by side.
public enum PullEvent: Sendable, Hashable {
    /// The revision stands for this commit; the files will follow.
    case resolved(commit: String)
    /// All files that are needed, with those that the cache holds already.
    case planned(files: [PulledFile])
    /// A file has grown to so many bytes, those of an earlier pull included. It can become shorter again,
    /// when a server cannot go on where it stopped.
    case received(file: PulledFile, bytes: Int)
    /// Another process fetches the file; this one waits for it.
    case waiting(file: PulledFile)
    /// A request failed and will be sent again after the pause. `file` is a path, or nil for the list of
    /// files.
    case retrying(file: String?, reason: String, pause: Duration)
    /// The file is whole, and its digest is right.
    case finished(file: PulledFile)
}

/// A file of a model.
public struct PulledFile: Sendable, Hashable {
    /// The path inside the repository.
    public let path: String
    /// Bytes.
    public let size: Int
    /// In hexadecimal: SHA-256 of a large file, git's SHA-1 of a small one.
    public let digest: String
    /// Whether the cache held the file before the pull.
    public let wasCached: Bool

    package init(path: String, size: Int, digest: String, wasCached: Bool) {
        self.path = path
        self.size = size
        self.digest = digest
        self.wasCached = wasCached
    }
}
