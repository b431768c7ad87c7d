package import MartletSystem

/// A metadata array, left in the file until it is asked for. Its extent was checked when the file was opened.
package struct GGUFArray: Sendable {
    package let elementType: GGUFValueType
    package let count: Int
    /// The elements as the file stores them.
    package let bytes: MemoryRegion

    init(elementType: GGUFValueType, count: Int, bytes: MemoryRegion) {
        self.elementType = elementType
        self.count = count
        self.bytes = bytes
    }

    /// The elements of an array of any type, nested arrays too.
    package var values: [GGUFValue] {
        bytes.withUnsafeBytes { buffer in
            var cursor = ByteCursor(buffer)
            var values: [GGUFValue] = []
            values.reserveCapacity(count)
            for _ in 0..<count {
                guard let value = cursor.readValue(elementType, in: bytes) else { break }
                values.append(value)
            }
            return values
        }
    }

    /// The strings of an array of strings without a copy of their bytes.
    package var strings: GGUFStringArray? { GGUFStringArray(self) }

    /// The elements of an array of any integer type; nil if it has another type, or one element does not fit.
    package var ints: [Int]? {
        switch elementType {
        case .uint8: map(UInt8.self) { Int($0) }
        case .int8: map(Int8.self) { Int($0) }
        case .uint16: map(UInt16.self) { Int($0) }
        case .int16: map(Int16.self) { Int($0) }
        case .uint32: map(UInt32.self) { Int($0) }
        case .int32: map(Int32.self) { Int($0) }
        case .uint64: map(UInt64.self) { Int(exactly: $0) }
        case .int64: map(Int64.self) { Int($0) }
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// The elements of an array of any number type, rounded to floats.
    package var floats: [Float]? {
        switch elementType {
        case .float32: map(UInt32.self) { Float(bitPattern: $0) }
        case .float64: map(UInt64.self) { Float(Double(bitPattern: $0)) }
        default: ints?.map { Float($0) }
        }
    }

    package var bools: [Bool]? {
        elementType == .bool ? map(UInt8.self) { $0 != 0 } : nil
    }

    private func map<Stored: FixedWidthInteger & BitwiseCopyable, R>(
        _ type: Stored.Type, _ convert: (Stored) -> R?
    ) -> [R]? {
        bytes.withUnsafeBytes { buffer in
            var values: [R] = []
            values.reserveCapacity(count)
            for index in 0..<count {
                let stored = buffer.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
                guard let value = convert(Stored(littleEndian: stored)) else { return nil }
                values.append(value)
            }
            return values
        }
    }
}

/// The strings of a metadata array as ranges of bytes: a vocabulary of 250,000 tokens is walked once and not
/// copied.
package struct GGUFStringArray: Sendable {
    private let bytes: MemoryRegion
    /// Where the bytes of each string start; each is preceded by its length in eight bytes. One more entry
    /// for the end.
    private let starts: [Int]

    init?(_ array: GGUFArray) {
        guard array.elementType == .string else { return nil }
        bytes = array.bytes
        starts = array.bytes.withUnsafeBytes { buffer in
            var cursor = ByteCursor(buffer)
            return [Int](unsafeUninitializedCapacity: array.count + 1) { starts, initialized in
                while initialized < array.count,
                    cursor.readString().map({ starts[initialized] = cursor.offset - $0.count }) != nil
                {
                    initialized += 1
                }
                starts[initialized] = cursor.offset + 8
                initialized += 1
            }
        }
    }

    package var count: Int { starts.count - 1 }

    /// Calls `body` with the bytes of one string; UTF-8 is not checked.
    package func withBytes<R, E: Error>(at index: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R)
        throws(E) -> R
    {
        let range = starts[index]..<starts[index + 1] - 8
        return try bytes.withUnsafeBytes { (buffer) throws(E) -> R in
            try body(UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
    }

    /// One string; bytes that are no valid UTF-8 are replaced by U+FFFD.
    package subscript(index: Int) -> String {
        withBytes(at: index) { String(decoding: $0, as: UTF8.self) }
    }

    /// All strings in order.
    package func strings() -> [String] {
        bytes.withUnsafeBytes { buffer in
            (0..<count).map {
                String(
                    decoding: UnsafeRawBufferPointer(rebasing: buffer[starts[$0]..<starts[$0 + 1] - 8]),
                    as: UTF8.self)
            }
        }
    }
}
