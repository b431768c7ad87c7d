internal import MartletSystem

/// The SHA-256 of a file, with as little reading as possible: from the hub's name for it, else from what an
/// earlier run remembered, else from its bytes, which is remembered.
struct FileDigest {
    let path: String
    /// What the file was when the model was opened; a file that has changed since has another digest than
    /// what was loaded.
    private let stamp: FileStamp?
    private let environment: @Sendable (String) -> String?

    /// - Parameter environment: The variables that say where digests are remembered.
    init(path: String, environment: @escaping @Sendable (String) -> String? = CacheFolder.variable) {
        self.path = path
        self.environment = environment
        stamp = Self.stamp(of: path)
    }

    /// nil: no regular file is there.
    private static func stamp(of path: String) -> FileStamp? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileStamp(status)
    }

    /// 64 hexadecimal digits; for a file that is gone or was replaced since, a text that equals no digest.
    var value: String {
        guard let stamp, Self.stamp(of: path) == stamp else { return "changed:\(path)" }
        if let name = hubName { return name }
        let memory = DigestMemory(path: path, stamp: stamp, environment: environment)
        if let known = memory.recall() { return known }
        guard let digest = computed() else { return "unreadable:\(path)" }
        guard Self.stamp(of: path) == stamp else { return "changed:\(path)" }
        memory.remember(digest)
        return digest
    }

    /// The hub's cache links `snapshots/…/model.safetensors` to `blobs/SHA256`.
    private var hubName: String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        let parts = String(cString: real).split(separator: "/").suffix(2)
        guard parts.count == 2, parts.first == "blobs", let name = parts.last, name.utf8.count == 64 else {
            return nil
        }
        let isHexadecimal = name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        return isHexadecimal ? String(name) : nil
    }

    private func computed() -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return hash.finish() }
            buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}
