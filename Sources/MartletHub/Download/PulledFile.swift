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
