internal import MartletSystem

/// Remembers the digest of a file between runs, in a small file of the user's cache folder that names the
/// file's path and its ``FileStamp``. A memory that cannot be written is done without.
struct DigestMemory {
    private let folder: String?
    private let entry: String?
    private let key: String

    /// - Parameter stamp: What must be as it was for the digest to hold.
    init(path: String, stamp: FileStamp, environment: (String) -> String? = CacheFolder.variable) {
        let real = realpath(path, nil)
        defer { free(real) }
        let place = real.map { String(cString: $0) } ?? path
        key = "\(stamp) \(place)"
        folder = CacheFolder.path(named: "digests", environment: environment)
        entry = folder.map { "\($0)/\(SHA256.digest(of: place).prefix(32))" }
    }

    /// The digest, if the file is the one that was remembered.
    func recall() -> String? {
        guard let entry, let file = try? MappedFile(path: entry) else { return nil }
        let text = file.region.withUnsafeBytes { String(decoding: $0.prefix(1 << 14), as: UTF8.self) }
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == key, parts[0].utf8.count == 64 else { return nil }
        return String(parts[0])
    }

    func remember(_ digest: String) {
        guard let folder, let entry, !key.contains("\n"), CacheFolder.make(folder) else { return }
        // Lost at worst: the next run computes it again.
        guard let file = try? AtomicFile(replacing: entry) else { return }
        try? file.write(Array("\(digest)\n\(key)\n".utf8))
        try? file.finish()
    }
}
