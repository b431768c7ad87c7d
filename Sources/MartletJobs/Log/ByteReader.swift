/// Reads values from bytes that were written by `ByteWriter`; every count is compared with what is left
/// before it is used.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    /// The bytes are not what was written.
    struct Malformed: Error {}

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw Malformed() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(Malformed) -> T {
        let size = MemoryLayout<T>.size
        var value = T.zero
        for (place, byte) in try take(size).enumerated() {
            value |= T(truncatingIfNeeded: byte) << (8 * place)
        }
        return value
    }

    /// A number of elements of at least `size` bytes each, of which the bytes that are left can hold as many.
    mutating func count(elementSize size: Int) throws(Malformed) -> Int {
        let count = Int(try integer(UInt32.self))
        guard count <= (bytes.count - position) / max(1, size) else { throw Malformed() }
        return count
    }

    mutating func text() throws(Malformed) -> String {
        let bytes = try take(try count(elementSize: 1))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// Numbers as they are in memory: every platform of Swift is little-endian.
    mutating func elements<T: BitwiseCopyable>(_ count: Int, of type: T.Type) throws(Malformed) -> [T] {
        let size = MemoryLayout<T>.size
        guard count >= 0, count <= (bytes.count - position) / size else { throw Malformed() }
        let source = try take(count * size)
        return [T](unsafeUninitializedCapacity: count) { buffer, filled in
            UnsafeMutableRawBufferPointer(buffer).copyBytes(from: source)
            filled = count
        }
    }
}

extension [UInt8] {
    mutating func appendInteger<T: FixedWidthInteger>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendText(_ text: String) {
        appendInteger(UInt32(clamping: text.utf8.count))
        append(contentsOf: text.utf8)
    }

    mutating func appendElements<T: BitwiseCopyable>(_ values: [T]) {
        values.withUnsafeBytes { append(contentsOf: $0) }
    }
}
