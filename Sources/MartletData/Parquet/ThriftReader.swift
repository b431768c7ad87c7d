/// A value of Thrift's compact protocol, which Parquet's metadata is written in.
/// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
enum ThriftValue {
    case bool(Bool)
    case integer(Int)
    case double
    case binary(ArraySlice<UInt8>)
    case list([ThriftValue])
    case structure([Int: ThriftValue])

    subscript(field: Int) -> ThriftValue? {
        guard case .structure(let fields) = self else { return nil }
        return fields[field]
    }

    var int: Int? { if case .integer(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var list: [ThriftValue]? { if case .list(let values) = self { values } else { nil } }
    var text: String? {
        if case .binary(let bytes) = self { String(validating: bytes, as: UTF8.self) } else { nil }
    }
}

/// What is wrong with a Thrift text.
enum ThriftError: Error {
    /// More bytes are needed.
    case ends
    case malformed
}

/// Reads structures of Thrift's compact protocol. Whatever the bytes, it throws or ends: depth and sizes are
/// bounded by the input.
struct ThriftReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var position: Int
    private static let depthLimit = 32

    private enum Kind: UInt8 {
        case stop, yes, no, byte, int16, int32, int64, double, binary, list, set, map, structure
    }

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func structure(depth: Int = 0) throws(ThriftError) -> ThriftValue {
        guard depth < Self.depthLimit else { throw .malformed }
        var fields: [Int: ThriftValue] = [:]
        var field = 0
        while true {
            let head = try byte()
            guard let kind = Kind(rawValue: head & 15) else { throw .malformed }
            if kind == .stop { return .structure(fields) }
            if head >> 4 > 0 { field += Int(head >> 4) } else { field = try zigzag() }
            guard (0...Int(Int16.max)).contains(field) else { throw .malformed }
            switch kind {
            case .yes: fields[field] = .bool(true)
            case .no: fields[field] = .bool(false)
            default: fields[field] = try value(kind, depth: depth)
            }
        }
    }

    private mutating func value(_ kind: Kind, depth: Int) throws(ThriftError) -> ThriftValue {
        switch kind {
        case .yes, .no: return .bool(try byte() == 1)
        case .byte: return .integer(Int(Int8(bitPattern: try byte())))
        case .int16, .int32, .int64: return .integer(try zigzag())
        case .double:
            try skip(8)
            return .double
        case .binary:
            let count = try size()
            let start = position
            try skip(count)
            return .binary(bytes[start..<position])
        case .list, .set:
            let head = try byte()
            let count = head >> 4 == 15 ? try size() : Int(head >> 4)
            // Every element has a byte at least. A list of none needs no type, and fastparquet names none.
            guard let kind = Kind(rawValue: head & 15), kind != .stop || count == 0,
                count <= bytes.endIndex - position
            else {
                throw count > bytes.endIndex - position ? .ends : .malformed
            }
            guard depth < Self.depthLimit else { throw .malformed }
            var elements: [ThriftValue] = []
            elements.reserveCapacity(min(count, 1 << 16))
            for _ in 0..<count { elements.append(try value(kind, depth: depth + 1)) }
            return .list(elements)
        case .structure: return try structure(depth: depth + 1)
        case .map, .stop: throw .malformed  // Parquet has no maps
        }
    }

    private mutating func byte() throws(ThriftError) -> UInt8 {
        guard position < bytes.endIndex else { throw .ends }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func skip(_ count: Int) throws(ThriftError) {
        guard count <= bytes.endIndex - position else { throw .ends }
        position += count
    }

    private mutating func size() throws(ThriftError) -> Int {
        guard let count = Int(exactly: try varint()) else { throw .malformed }
        return count
    }

    private mutating func zigzag() throws(ThriftError) -> Int {
        let value = try varint()
        return Int(bitPattern: UInt(value >> 1)) ^ -Int(bitPattern: UInt(value & 1))
    }

    private mutating func varint() throws(ThriftError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            let next = try byte()
            if shift == 63, next > 1 { throw .malformed }
            value |= UInt64(next & 127) << UInt64(shift)
            if next < 128 { return value }
        }
        throw .malformed
    }
}
