/// A table of a flatbuffer. Whatever the bytes, a member is read or an error is thrown.
/// https://flatbuffers.dev/internals
struct FlatBufferTable {
    private let bytes: [UInt8]
    private let position: Int
    /// Distances of the members from `position`, two bytes each; 0: the member is absent.
    private let slots: Range<Int>

    /// The root table of a buffer.
    init(_ bytes: [UInt8]) throws(ColumnFileError) {
        guard let offset = Self.number(bytes, 0, UInt32.self) else { throw Self.damaged }
        try self.init(bytes, at: Int(offset))
    }

    private init(_ bytes: [UInt8], at position: Int) throws(ColumnFileError) {
        guard let distance = Self.number(bytes, position, Int32.self) else { throw Self.damaged }
        let list = position - Int(distance)
        guard let size = Self.number(bytes, list, UInt16.self), size >= 4, Int(size) <= bytes.count - list
        else { throw Self.damaged }
        self.bytes = bytes
        self.position = position
        slots = list + 4..<list + Int(size)
    }

    private static var damaged: ColumnFileError { .malformed("its metadata is damaged") }

    private static func number<T: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: [UInt8], _ offset: Int, _ type: T.Type
    ) -> T? {
        let size = MemoryLayout<T>.size
        guard offset >= 0, offset <= bytes.count - size else { return nil }
        return bytes.withUnsafeBytes {
            T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self))
        }
    }

    /// Where a member is; nil: it is absent.
    private func place(_ slot: Int) -> Int? {
        let entry = slots.lowerBound + 2 * slot
        guard entry + 2 <= slots.upperBound, let distance = Self.number(bytes, entry, UInt16.self),
            distance > 0
        else { return nil }
        return position + Int(distance)
    }

    /// A number; nil: the member is absent, and has its default.
    func integer<T: FixedWidthInteger & BitwiseCopyable>(
        _ slot: Int, _ type: T.Type
    ) throws(ColumnFileError) -> Int? {
        guard let place = place(slot) else { return nil }
        guard let value = Self.number(bytes, place, type), let number = Int(exactly: value) else {
            throw Self.damaged
        }
        return number
    }

    func table(_ slot: Int) throws(ColumnFileError) -> FlatBufferTable? {
        guard let place = place(slot) else { return nil }
        return try FlatBufferTable(bytes, at: try target(place))
    }

    /// A vector of bytes, or the bytes of a text.
    func bytes(_ slot: Int) throws(ColumnFileError) -> ArraySlice<UInt8>? {
        try vector(slot, sizeOfEach: 1).map { bytes[$0.bytes] }
    }

    /// Calls `body` with each table of a vector: a small buffer can have very many, as they may be shared.
    func forEachTable(
        _ slot: Int, _ body: (FlatBufferTable) throws(ColumnFileError) -> Void
    ) throws(ColumnFileError) {
        guard let vector = try vector(slot, sizeOfEach: 4) else { return }
        for index in 0..<vector.count {
            let place = vector.bytes.lowerBound + 4 * index
            try body(try FlatBufferTable(bytes, at: try target(place)))
        }
    }

    /// A vector of structs that are so many 64-bit numbers, one after the other.
    func longs(_ slot: Int, ofEach count: Int = 1) throws(ColumnFileError) -> [Int] {
        guard let vector = try vector(slot, sizeOfEach: 8 * count) else { return [] }
        return stride(from: vector.bytes.lowerBound, to: vector.bytes.upperBound, by: 8).map {
            Int(Self.number(bytes, $0, Int64.self) ?? 0)
        }
    }

    private func target(_ place: Int) throws(ColumnFileError) -> Int {
        guard let offset = Self.number(bytes, place, UInt32.self) else { throw Self.damaged }
        return place + Int(offset)
    }

    private func vector(
        _ slot: Int, sizeOfEach size: Int
    ) throws(ColumnFileError) -> (bytes: Range<Int>, count: Int)? {
        guard let place = place(slot) else { return nil }
        let start = try target(place)
        guard let count = Self.number(bytes, start, UInt32.self),
            Int(count) <= (bytes.count - start - 4) / size
        else { throw Self.damaged }
        return (start + 4..<start + 4 + Int(count) * size, Int(count))
    }
}
