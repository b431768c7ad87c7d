internal import MartletSystem

/// What a download asks of the disk, so that a test can fill it.
struct Disk: Sendable {
    /// Writes bytes at an offset of a file, as `pwrite` does: how many, or -1 with `errno`.
    var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int = {
        pwrite($0, $1.baseAddress, $1.count, off_t($2))
    }
    /// Bytes that can still be written to the disk of a folder; nil where the system does not say.
    var freeSpace: @Sendable (_ folder: String) -> Int? = { Files.freeSpace($0) }
}
