/// Writes one structure of Thrift's compact protocol. Fields must be written in ascending order.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var last = 0

    private enum Kind {
        static let yes: UInt8 = 1
        static let no: UInt8 = 2
        static let int32: UInt8 = 5
        static let int64: UInt8 = 6
        static let binary: UInt8 = 8
        static let list: UInt8 = 9
        static let structure: UInt8 = 12
    }

    mutating func int32(_ field: Int, _ value: Int) {
        head(field, Kind.int32)
        Self.zigzag(value, to: &bytes)
    }

    mutating func int64(_ field: Int, _ value: Int) {
        head(field, Kind.int64)
        Self.zigzag(value, to: &bytes)
    }

    mutating func bool(_ field: Int, _ value: Bool) { head(field, value ? Kind.yes : Kind.no) }

    mutating func text(_ field: Int, _ value: String) {
        head(field, Kind.binary)
        Self.binary(value, to: &bytes)
    }

    mutating func structure(_ field: Int, _ body: (inout ThriftWriter) -> Void) {
        head(field, Kind.structure)
        bytes += Self.structure(body)
    }

    mutating func integers(_ field: Int, _ values: [Int]) {
        list(field, Kind.int32, values) { Self.zigzag($0, to: &$1) }
    }

    mutating func texts(_ field: Int, _ values: [String]) {
        list(field, Kind.binary, values) { Self.binary($0, to: &$1) }
    }

    /// Structures that are whole already.
    mutating func structures(_ field: Int, _ values: [[UInt8]]) {
        list(field, Kind.structure, values) { $1 += $0 }
    }

    /// A structure with the byte that ends it.
    static func structure(_ body: (inout ThriftWriter) -> Void) -> [UInt8] {
        var writer = ThriftWriter()
        body(&writer)
        return writer.bytes + [0]
    }

    private mutating func list<T>(
        _ field: Int, _ kind: UInt8, _ values: [T], _ append: (T, inout [UInt8]) -> Void
    ) {
        head(field, Kind.list)
        if values.count < 15 {
            bytes.append(UInt8(values.count) << 4 | kind)
        } else {
            bytes.append(0xF0 | kind)
            Self.varint(UInt64(values.count), to: &bytes)
        }
        for value in values { append(value, &bytes) }
    }

    private mutating func head(_ field: Int, _ kind: UInt8) {
        let step = field - last
        if (1...15).contains(step) {
            bytes.append(UInt8(step) << 4 | kind)
        } else {
            bytes.append(kind)
            Self.zigzag(field, to: &bytes)
        }
        last = field
    }

    private static func binary(_ value: String, to bytes: inout [UInt8]) {
        varint(UInt64(value.utf8.count), to: &bytes)
        bytes += value.utf8
    }

    private static func zigzag(_ value: Int, to bytes: inout [UInt8]) {
        varint(UInt64(bitPattern: Int64((value << 1) ^ (value >> 63))), to: &bytes)
    }

    static func varint(_ value: UInt64, to bytes: inout [UInt8]) {
        var value = value
        while value > 127 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 128)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}
