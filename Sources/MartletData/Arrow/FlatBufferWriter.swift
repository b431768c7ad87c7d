/// Writes a flatbuffer from its end to its beginning, as its offsets point forward. Positions count from the
/// end.
struct FlatBufferWriter {
    enum Value {
        case byte(UInt8)
        case short(Int16)
        case int(Int32)
        case long(Int64)
        /// The position of a table, a text or a vector.
        case offset(Int)
    }

    /// In reverse order.
    private var reversed: [UInt8] = []

    mutating func text(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        align(to: 4, before: bytes.count + 1 + 4)
        reversed.append(0)
        reversed += bytes.reversed()
        put(UInt32(bytes.count))
        return reversed.count
    }

    /// A vector of offsets.
    mutating func offsets(_ positions: [Int]) -> Int {
        align(to: 4, before: 4)
        for position in positions.reversed() { put(offset(to: position)) }
        put(UInt32(positions.count))
        return reversed.count
    }

    /// A vector of structs whose members fill 64-bit numbers, in order.
    mutating func structs(_ members: [Int64], longsOfEach count: Int) -> Int {
        align(to: 8, before: members.count * 8)
        for member in members.reversed() { put(member) }
        put(UInt32(members.count / count))
        return reversed.count
    }

    /// A table, by the numbers of its fields.
    mutating func table(_ fields: [(slot: Int, value: Value)]) -> Int {
        let end = reversed.count
        var places: [Int: Int] = [:]
        // The largest first, so that few bytes are lost to alignment.
        for field in fields.sorted(by: { $0.value.size < $1.value.size }) {
            align(to: field.value.size, before: field.value.size)
            switch field.value {
            case .byte(let value): put(value)
            case .short(let value): put(value)
            case .int(let value): put(value)
            case .long(let value): put(value)
            case .offset(let position): put(offset(to: position))
            }
            places[field.slot] = reversed.count
        }
        align(to: 4, before: 4)
        // The distance to the table of field positions, which is put before this table.
        let slots = (fields.map(\.slot).max() ?? -1) + 1
        let listSize = 4 + 2 * slots
        put(Int32(listSize))
        let start = reversed.count
        for slot in (0..<slots).reversed() { put(UInt16(places[slot].map { start - $0 } ?? 0)) }
        put(UInt16(start - end))
        put(UInt16(listSize))
        return start
    }

    /// The bytes, which begin with the offset of `root`.
    mutating func finish(root: Int) -> [UInt8] {
        align(to: 8, before: 4)
        put(offset(to: root))
        return reversed.reversed()
    }

    /// From the place where the offset will be.
    private func offset(to position: Int) -> UInt32 { UInt32(reversed.count + 4 - position) }

    /// After `count` bytes more the position will be a multiple of `size`.
    private mutating func align(to size: Int, before count: Int) {
        while (reversed.count + count) % size != 0 { reversed.append(0) }
    }

    private mutating func put<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { reversed.append(contentsOf: $0.reversed()) }
    }
}

extension FlatBufferWriter.Value {
    fileprivate var size: Int {
        switch self {
        case .byte: 1
        case .short: 2
        case .int, .offset: 4
        case .long: 8
        }
    }
}
