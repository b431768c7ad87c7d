/// Integers are little-endian in all files of a collection.
extension [UInt8] {
    mutating func append<T: FixedWidthInteger>(little value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// A length in 32 bits, then the bytes.
    mutating func append(sized bytes: some Swift.Collection<UInt8>) {
        append(little: UInt32(truncatingIfNeeded: bytes.count))
        append(contentsOf: bytes)
    }
}

/// Reads values one after the other; every one is nil where the bytes end early.
struct ByteReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }
    var count: Int { rest.count }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
        let size = MemoryLayout<T>.size
        guard rest.count >= size else { return nil }
        let value = T(littleEndian: rest.loadUnaligned(as: T.self))
        rest = UnsafeRawBufferPointer(rebasing: rest[size...])
        return value
    }

    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    /// Bytes after their length in 32 bits.
    mutating func sized() -> UnsafeRawBufferPointer? {
        guard let count = integer(UInt32.self) else { return nil }
        return bytes(Int(count))
    }

    mutating func string() -> String? { sized().map { String(decoding: $0, as: UTF8.self) } }
}
