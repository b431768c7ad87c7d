internal import MartletJSON

/// The schema of Apache Arrow that goes with a Parquet file, so that Arrow's readers see a vector as a list
/// of fixed size: an encapsulated message with a flatbuffer.
/// https://arrow.apache.org/docs/format/Columnar.html, https://flatbuffers.dev/internals
enum ArrowSchema {
    /// In base64, as `ARROW:schema` holds it; nil for rows without a fixed width.
    static func encoded(_ schema: VectorSchema) -> String? {
        guard schema.kind == .dense, schema.width > 0, schema.width <= Int(Int32.max) else { return nil }
        let message = message(schema)
        var bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        let padded = (message.count + 7) / 8 * 8
        withUnsafeBytes(of: UInt32(padded).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += message + [UInt8](repeating: 0, count: padded - message.count)
        return String(base64: bytes)
    }

    /// Numbers of Arrow's union of types.
    private enum Kind {
        static let integer: UInt8 = 2
        static let floatingPoint: UInt8 = 3
        static let text: UInt8 = 5
        static let bool: UInt8 = 6
        static let fixedSizeList: UInt8 = 16
        static let schema: UInt8 = 1
    }

    private static func message(_ schema: VectorSchema) -> [UInt8] {
        var buffer = FlatBufferWriter()
        let element: Int =
            switch schema.elementType {
            case .float32: field("element", Kind.floatingPoint, in: &buffer) { $0.table([(0, .short(1))]) }
            case .float16: field("element", Kind.floatingPoint, in: &buffer) { $0.table([(0, .short(0))]) }
            case .int8:
                field("element", Kind.integer, in: &buffer) { $0.table([(0, .int(8)), (1, .byte(1))]) }
            case .uint8:
                field("element", Kind.integer, in: &buffer) { $0.table([(0, .int(8)), (1, .byte(0))]) }
            }
        let width = Int32(schema.width)
        let fields = [
            field("id", Kind.text, isNullable: true, in: &buffer) { $0.table([]) },
            field("index", Kind.integer, in: &buffer) { $0.table([(0, .int(64)), (1, .byte(1))]) },
            field("truncated", Kind.bool, in: &buffer) { $0.table([]) },
            field("embedding", Kind.fixedSizeList, children: [element], in: &buffer) {
                $0.table([(0, .int(width))])
            },
        ]
        let all = buffer.offsets(fields)
        let table = buffer.table([(1, .offset(all))])
        // Version 5 of the metadata, a message whose header is a schema, without a body.
        return buffer.finish(
            root: buffer.table([(0, .short(4)), (1, .byte(Kind.schema)), (2, .offset(table)), (3, .long(0))]))
    }

    private static func field(
        _ name: String, _ kind: UInt8, isNullable: Bool = false, children: [Int] = [],
        in buffer: inout FlatBufferWriter,
        type: (inout FlatBufferWriter) -> Int
    ) -> Int {
        let name = buffer.text(name)
        let type = type(&buffer)
        let children = buffer.offsets(children)
        return buffer.table([
            (0, .offset(name)), (1, .byte(isNullable ? 1 : 0)), (2, .byte(kind)), (3, .offset(type)),
            (5, .offset(children)),
        ])
    }
}
