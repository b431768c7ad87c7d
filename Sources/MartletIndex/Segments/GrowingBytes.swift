/// Bytes that are appended to, at an address that holds until the next append: what points into them need not
/// copy them.
final class GrowingBytes {
    private(set) var start: UnsafeMutableRawPointer
    private(set) var count = 0
    private var capacity: Int

    /// - Parameter capacity: Bytes that are appended without a move.
    init(capacity: Int) {
        self.capacity = max(64, capacity)
        start = .allocate(byteCount: self.capacity, alignment: 64)
    }

    deinit { start.deallocate() }

    func append(_ bytes: UnsafeRawBufferPointer) {
        if count + bytes.count > capacity { grow(to: count + bytes.count) }
        if let base = bytes.baseAddress { (start + count).copyMemory(from: base, byteCount: bytes.count) }
        count += bytes.count
    }

    private func grow(to size: Int) {
        capacity = max(2 * capacity, size)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
        larger.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = larger
    }
}
