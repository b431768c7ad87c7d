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
