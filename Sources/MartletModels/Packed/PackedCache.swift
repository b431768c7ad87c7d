internal import MartletCompute
package import MartletSystem

/// Keeps an encoder's packed matrices and scales in a file, so that the next start maps them.
///
/// A file is checked by its key, its shapes and a checksum of every part before it is used; one that fails is
/// removed. Two processes that pack the same model write a file each, and the last to finish replaces the
/// other's, which is equal.
package struct PackedCache: Sendable {
    private let folder: CacheFolder
    private let leastBytes: Int

    /// - Parameter leastBytes: Of what is kept: a small encoder is packed about as fast as a file of it is
    ///   checked.
    package init(_ folder: CacheFolder, leastBytes: Int = 4 << 20) {
        self.folder = folder
        self.leastBytes = leastBytes
    }

    func open(_ key: PackedKey, pool: WorkerPool) -> PackedFile? {
        guard let mapped = folder.open(key.name) else { return nil }
        let file = PackedFile(mapped, key: key, pool: pool)
        if file == nil { folder.remove(key.name) }
        return file
    }

    /// Keeps what `add` adds, if it is large enough to be worth a file and small enough for the folder. A
    /// full disk leaves no trace.
    func keep(_ key: PackedKey, pool: WorkerPool, _ add: (inout PackedFileWriter) -> Void) {
        var writer = PackedFileWriter()
        add(&writer)
        guard writer.bytes >= leastBytes, let file = folder.create(key.name, bytes: writer.bytes) else {
            return
        }
        do throws(FileError) {
            try writer.write(to: file, key: key, pool: pool)
            // No wait for the disk: a file that lost bytes in a power cut has another checksum.
            try file.finish(isDurable: false)
        } catch {
            return
        }
        folder.trim(keeping: key.name)
    }
}
