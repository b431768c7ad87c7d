/// The fields of a protobuf message, one after the other. Every step is checked; a step that does not fit
/// ends the reading with `isBroken`.
struct ProtobufFields {
    enum Value {
        case number(UInt64)
        /// Four or eight bytes.
        case fixed(UInt64)
        /// Where the bytes of a string, a message or packed numbers lie.
        case bytes(Range<Int>)
    }

    private let bytes: UnsafeRawBufferPointer
    /// Where the next field begins.
    private(set) var offset: Int
    private let end: Int
    private(set) var isBroken = false

    /// `range` lies inside `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        (offset, end) = (range.lowerBound, range.upperBound)
    }

    mutating func next() -> (number: UInt64, value: Value)? {
        guard !isBroken, offset < end else { return nil }
        guard let tag = varint(), tag >> 3 > 0, let value = value(wireType: tag & 7) else {
            isBroken = true
            return nil
        }
        return (tag >> 3, value)
    }

    private mutating func value(wireType: UInt64) -> Value? {
        switch wireType {
        case 0: return varint().map { .number($0) }
        case 1: return take(8).map { .fixed(littleEndian($0)) }
        case 2:
            guard let count = varint().flatMap({ Int(exactly: $0) }) else { return nil }
            return take(count).map { .bytes($0) }
        case 5: return take(4).map { .fixed(littleEndian($0)) }
        default: return nil
        }
    }

    private func littleEndian(_ range: Range<Int>) -> UInt64 {
        range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    private mutating func take(_ count: Int) -> Range<Int>? {
        guard count >= 0, count <= end - offset else { return nil }
        defer { offset += count }
        return offset..<offset + count
    }

    /// Seven bits a byte, the lowest first; the tenth byte has one.
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard offset < end else { return nil }
            let byte = bytes[offset]
            offset += 1
            guard shift < 63 || byte <= 1 else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}

extension ProtobufFields.Value {
    var bytes: Range<Int>? { if case .bytes(let range) = self { range } else { nil } }
    var number: UInt64? { if case .number(let number) = self { number } else { nil } }
}
