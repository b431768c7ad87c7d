/// Read-only bytes that stay valid for as long as a value refers to them: a mapped file, or data inside the
/// binary.
///
/// A region never copies. `subregion` checks its bounds and shares the owner, so that a tensor view keeps its
/// file mapped.
package struct MemoryRegion: Sendable {
    /// Keeps the memory alive; nil for memory that lives as long as the process.
    private let owner: (any AnyObject & Sendable)?
    private let base: UInt
    package let count: Int

    /// Wraps memory that `owner` keeps valid and unchanged, or that is valid for the life of the process if
    /// `owner` is nil.
    package init(unsafe bytes: UnsafeRawBufferPointer, owner: (any AnyObject & Sendable)?) {
        self.owner = owner
        self.base = UInt(bitPattern: bytes.baseAddress)
        self.count = bytes.count
    }

    /// The bytes from `offset` on, or nil if they do not all lie inside this region.
    package func subregion(offset: Int, count length: Int) -> MemoryRegion? {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
        return MemoryRegion(owner: owner, base: base &+ UInt(offset), count: length)
    }

    private init(owner: (any AnyObject & Sendable)?, base: UInt, count: Int) {
        self.owner = owner
        self.base = base
        self.count = count
    }

    /// The file that is mapped; nil for other memory.
    package var file: MappedFile? { owner as? MappedFile }

    /// Says that the bytes of a mapped file will not be read again soon: they leave the process's memory.
    /// They can still be read.
    package func adviseNotNeeded() { (owner as? MappedFile)?.adviseNotNeeded(from: base, count: count) }

    /// Says whether the bytes of a mapped file will be read in any order, or in theirs.
    package func advise(inAnyOrder: Bool) {
        (owner as? MappedFile)?.advise(inAnyOrder: inAnyOrder, from: base, count: count)
    }

    package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    {
        defer { withExtendedLifetime(owner) {} }
        return try body(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: base), count: count))
    }
}
