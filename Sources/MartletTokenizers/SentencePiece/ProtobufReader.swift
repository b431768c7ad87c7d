struct ProtobufError: Error {
    let reason: String
    let offset: Int

    init(_ reason: String, at offset: Int) { (self.reason, self.offset) = (reason, offset) }
}

/// The fields of a protobuf message, one after the other.
struct ProtobufReader {
    struct Field {
        fileprivate enum Value {
            case number(UInt64)
            case fixed(UInt32)
            case bytes(UnsafeRawBufferPointer)
        }

        let number: Int
        /// Where it begins in its message.
        let offset: Int
        fileprivate let value: Value

        func bytes() throws(ProtobufError) -> UnsafeRawBufferPointer {
            guard case .bytes(let bytes) = value else {
                throw ProtobufError("expected field \(number) to have a length", at: offset)
            }
            return bytes
        }

        func message() throws(ProtobufError) -> ProtobufReader { ProtobufReader(try bytes()) }

        func float() throws(ProtobufError) -> Float {
            guard case .fixed(let bits) = value, case let float = Float(bitPattern: bits), float.isFinite
            else {
                throw ProtobufError("expected field \(number) to be a finite number of 32 bits", at: offset)
            }
            return float
        }

        /// Negative numbers are stored as 64 bits of their complement.
        func int() throws(ProtobufError) -> Int {
            guard case .number(let bits) = value, let int = Int32(exactly: Int64(bitPattern: bits)) else {
                throw ProtobufError("expected field \(number) to be a whole number", at: offset)
            }
            return Int(int)
        }
    }

    private let message: UnsafeRawBufferPointer
    private var position = 0

    init(_ message: UnsafeRawBufferPointer) { self.message = message }

    /// nil at the end.
    mutating func next() throws(ProtobufError) -> Field? {
        guard position < message.count else { return nil }
        let start = position
        let tag = try varint()
        guard let number = Int(exactly: tag >> 3), number > 0 else {
            throw ProtobufError("a field has no number", at: start)
        }
        switch tag & 7 {
        case 0: return Field(number: number, offset: start, value: .number(try varint()))
        case 1:
            _ = try take(8)
            return Field(number: number, offset: start, value: .number(0))
        case 2:
            guard let count = Int(exactly: try varint()) else {
                throw ProtobufError("a length is too large", at: start)
            }
            return Field(number: number, offset: start, value: .bytes(try take(count)))
        case 5:
            let bits = (try take(4)).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return Field(number: number, offset: start, value: .fixed(bits))
        default: throw ProtobufError("a field has an unknown type", at: start)
        }
    }

    private mutating func take(_ count: Int) throws(ProtobufError) -> UnsafeRawBufferPointer {
        guard count <= message.count - position else {
            throw ProtobufError("a field ends after its message", at: position)
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: message[position..<position + count])
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < message.count else { throw ProtobufError("a number is cut off", at: position) }
            let byte = message[position]
            position += 1
            if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
            if byte < 0x80 { return value }
        }
        throw ProtobufError("a number has more than ten bytes", at: position)
    }
}
