#if Hub

internal import MartletSystem

/// A file that grows as a download goes on, with the digest of what it holds. It stays when a download breaks
/// off, and the next one goes on where it ends. Only the holder of the blob's lock opens it.
struct PartialFile: ~Copyable {
    let path: String
    private let digest: ContentDigest
    private let size: Int
    private let descriptor: Int32
    private let disk: Disk
    private var hasher: ContentDigest.Hasher
    /// Bytes that the file holds.
    private(set) var count = 0

    /// Opens the file, or makes an empty one, and reads what an earlier download left.
    init(path: String, digest: ContentDigest, size: Int, disk: Disk = Disk()) async throws {
        self.path = path
        self.disk = disk
        self.digest = digest
        self.size = size
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        hasher = ContentDigest.Hasher(digest.kind, size: size)
        guard descriptor >= 0 else { throw Files.failure("write", path) }
        try await readEarlier()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private mutating func readEarlier() async throws {
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let length = block.withUnsafeMutableBytes { Files.readSome(descriptor, $0) }
            guard length >= 0 else { throw Files.failure("read", path) }
            if length == 0 { return }
            guard count + length <= size else { return try clear() }
            block.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
            count += length
            // A large file takes seconds, and other tasks share this thread.
            await Task.yield()
            try Task.checkCancellation()
        }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        var rest = bytes
        while rest.count > 0 {
            let written = disk.write(descriptor, rest, count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Files.failure("write", path, code: written < 0 ? errno : ENOSPC) }
            hasher.update(UnsafeRawBufferPointer(rebasing: rest[..<written]))
            count += written
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    mutating func clear() throws(HubError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw Files.failure("write", path)
        }
        count = 0
        hasher = ContentDigest.Hasher(digest.kind, size: size)
    }

    /// Whether the bytes are those that the digest names.
    func isRight() -> Bool {
        count == size && hasher.finish() == digest.hexadecimal
    }

    /// Makes the bytes durable and gives them their name.
    func finish(as name: String) throws(HubError) {
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            let error = Files.failure("write", path)
            // The disk may lack bytes that the system's memory still gives: another pull would take them for
            // whole.
            unlink(path)
            throw error
        }
        try Files.move(path, to: name)
    }
}

#endif
