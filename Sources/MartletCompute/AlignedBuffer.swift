internal import MartletSystem

/// Zero-filled memory of trivial elements, aligned to 64 bytes, owned and freed once.
///
/// Large buffers are pages of their own, which the system has back when they are freed, and huge ones where
/// it has them.
package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable {
    package let pointer: UnsafeMutablePointer<Element>
    package let count: Int
    private let isMapped: Bool

    private static var leastMapped: Int { 1 << 18 }
    #if os(Linux)
    private static var leastHuge: Int { 1 << 22 }
    #endif

    /// `count` elements, all zero, with 64 more zero bytes after them so that a kernel may read a whole
    /// vector at the end.
    package init(count: Int) {
        self.count = count
        let bytes = count * MemoryLayout<Element>.stride + 64
        let raw: UnsafeMutableRawPointer
        if bytes >= Self.leastMapped, let pages = Self.map(bytes) {
            (raw, isMapped) = (pages, true)
        } else {
            (raw, isMapped) = (.allocate(byteCount: bytes, alignment: 64), false)
            memset(raw, 0, bytes)
        }
        pointer = raw.bindMemory(to: Element.self, capacity: count)
    }

    /// Zero-filled memory that holds `elements` first.
    package init(copying elements: [Element], padding: Int = 0) {
        self.init(count: elements.count + padding)
        elements.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
        }
    }

    package var bytes: Int { Self.bytes(count: count) }
    /// The memory that `count` elements take.
    package static func bytes(count: Int) -> Int { count * MemoryLayout<Element>.stride + 64 }
    package var buffer: UnsafeMutableBufferPointer<Element> {
        UnsafeMutableBufferPointer(start: pointer, count: count)
    }

    deinit {
        if isMapped { munmap(pointer, bytes) } else { UnsafeMutableRawPointer(pointer).deallocate() }
    }

    /// Pages of zeros, or nil if the system has none left.
    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        #if canImport(Darwin)
        let flags = MAP_PRIVATE | MAP_ANON
        #else
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        #endif
        guard let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), pages != MAP_FAILED else {
            return nil
        }
        #if os(Linux)
        if bytes >= leastHuge { _ = madvise(pages, bytes, MADV_HUGEPAGE) }
        #endif
        return pages
    }
}
