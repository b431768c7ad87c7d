internal import MartletSystem

/// The SHA-256 of a file, with as little reading as possible: from the hub's name for it, else from what an
/// earlier run remembered, else from its bytes, which is remembered.
struct FileDigest {
    let path: String
    /// What the file was when the model was opened; a file that has changed since has another digest than
    /// what was loaded.
    private let facts: Facts?

    /// What tells a changed file from the one that was hashed.
    private struct Facts: Equatable {
        let size: Int
        let seconds: Int
        let nanoseconds: Int
        let inode: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            size = Int(status.st_size)
            inode = UInt64(status.st_ino)
            #if canImport(Darwin)
            (seconds, nanoseconds) = (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
            #else
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
            #endif
        }

        var text: String { "\(size) \(seconds).\(nanoseconds) \(inode)" }
    }

    init(path: String) {
        self.path = path
        facts = Facts(path)
    }

    /// 64 hexadecimal digits; for a file that is gone or was replaced since, a text that equals no digest.
    var value: String {
        guard let facts, Facts(path) == facts else { return "changed:\(path)" }
        if let name = hubName { return name }
        let memory = DigestMemory(path: path, facts: facts.text)
        if let known = memory.recall() { return known }
        guard let digest = computed() else { return "unreadable:\(path)" }
        guard Facts(path) == facts else { return "changed:\(path)" }
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
