/// Reads little-endian fields from bytes that nobody has checked: every step is bounds-checked, and a step
/// past the end is nil.
package struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    package private(set) var offset: Int

    package init(_ bytes: UnsafeRawBufferPointer, offset: Int = 0) {
        self.bytes = bytes
        self.offset = min(max(offset, 0), bytes.count)
    }

    package var remaining: Int { bytes.count - offset }

    package mutating func read<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> T? {
        guard remaining >= MemoryLayout<T>.size else { return nil }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
        offset += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    /// A 64-bit unsigned field that counts or measures something, if it fits an `Int`.
    package mutating func readCount() -> Int? {
        guard let value = read(UInt64.self) else { return nil }
        return Int(exactly: value)
    }

    package mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= remaining else { return false }
        offset += count
        return true
    }

    package mutating func readBytes(_ count: Int) -> UnsafeRawBufferPointer? {
        let start = offset
        guard skip(count) else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }

    /// A 64-bit length and as many bytes: a GGUF string.
    package mutating func readString() -> UnsafeRawBufferPointer? {
        guard let count = readCount() else { return nil }
        return readBytes(count)
    }
}
