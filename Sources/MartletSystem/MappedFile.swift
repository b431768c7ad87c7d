/// A regular file mapped read-only into memory, unmapped when the last reference goes.
///
/// Sendable because the mapping is never written and its address never changes.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    /// What the file was when it was mapped.
    package let stamp: FileStamp
    private let bytes: UnsafeRawBufferPointer

    /// Maps the whole of the file at `path`. An empty file gives an empty region.
    package init(path: String) throws(FileError) {
        // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError.last("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.last("read the size of", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, message: "\(path) is not a regular file", code: EINVAL)
        }
        self.path = path
        stamp = FileStamp(status)
        let count = Int(status.st_size)
        if count == 0 {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
        else {
            throw FileError.last("map", path)
        }
        bytes = UnsafeRawBufferPointer(start: address, count: count)
    }

    deinit {
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }

    /// Takes the whole pages of a range out of the process's memory; whoever reads them again gets them from
    /// the file.
    func adviseNotNeeded(from base: UInt, count: Int) {
        advise(MADV_DONTNEED, from: base, count: count)
    }

    /// Says whether the whole pages of a range will be read in any order, one here and one there: the system then
    /// reads these alone from the disk, and else what follows them too.
    func advise(inAnyOrder: Bool, from base: UInt, count: Int) {
        advise(inAnyOrder ? MADV_RANDOM : MADV_NORMAL, from: base, count: count)
    }

    private func advise(_ advice: Int32, from base: UInt, count: Int) {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let first = (base + page - 1) / page * page
        let end = (base + UInt(count)) / page * page
        guard end > first else { return }
        _ = madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), advice)
    }

    /// The file's bytes; the region keeps the file mapped.
    package var region: MemoryRegion { MemoryRegion(unsafe: bytes, owner: self) }
}
