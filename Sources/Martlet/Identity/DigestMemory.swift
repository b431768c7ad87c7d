internal import MartletSystem

/// Remembers the digest of a file between runs, in a small file of the user's cache folder that names the
/// file's path, size, time of change and inode. A memory that cannot be written is done without.
struct DigestMemory {
    private let entry: String?
    private let key: String

    /// - Parameters:
    ///   - facts: What must be as it was for the digest to hold.
    init(path: String, facts: String, environment: (String) -> String? = DigestMemory.environment) {
        let real = realpath(path, nil)
        defer { free(real) }
        let place = real.map { String(cString: $0) } ?? path
        key = "\(facts) \(place)"
        entry = Self.folder(environment).map { "\($0)/\(SHA256.digest(of: place).prefix(32))" }
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
        guard let entry, !key.contains("\n"), Self.makeFolders(to: entry) else { return }
        // Lost at worst: the next run computes it again.
        guard let file = try? AtomicFile(replacing: entry) else { return }
        try? file.write(Array("\(digest)\n\(key)\n".utf8))
        try? file.finish()
    }

    /// `$XDG_CACHE_HOME/martlet/digests`, or the same below the user's cache folder; nil: there is none.
    private static func folder(_ environment: (String) -> String?) -> String? {
        if let cache = environment("XDG_CACHE_HOME"), cache.hasPrefix("/") {
            return cache + "/martlet/digests"
        }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        #if canImport(Darwin)
        return home + "/Library/Caches/martlet/digests"
        #else
        return home + "/.cache/martlet/digests"
        #endif
    }

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }

    private static func makeFolders(to entry: String) -> Bool {
        var path = ""
        for part in entry.split(separator: "/").dropLast() {
            path += "/" + part
            if mkdir(path, 0o777) != 0, errno != EEXIST { return false }
        }
        return true
    }
}
