#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Zero-filled memory of trivial elements, aligned to 64 bytes, owned and freed once.
///
/// Large buffers ask for huge pages where the system has them.
package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable {
    package let pointer: UnsafeMutablePointer<Element>
    package let count: Int

    /// `count` elements, all zero, with 64 more zero bytes after them so that a kernel may read a whole vector at the end.
    package init(count: Int) {
        self.count = count
        let bytes = count * MemoryLayout<Element>.stride + 64
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        #if os(Linux)
            if bytes >= 1 << 22 {
                let page = 1 << 12
                let first = (UInt(bitPattern: raw) + UInt(page) - 1) & ~UInt(page - 1)
                let length = (UInt(bitPattern: raw) + UInt(bytes) - first) & ~UInt(page - 1)
                _ = madvise(UnsafeMutableRawPointer(bitPattern: first), Int(length), MADV_HUGEPAGE)
            }
        #endif
        memset(raw, 0, bytes)
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
    package var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: pointer, count: count) }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
