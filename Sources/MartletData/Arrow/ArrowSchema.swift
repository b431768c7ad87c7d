internal import MartletJSON

/// The schema of Apache Arrow for rows of vectors: an Arrow file begins with it, and a Parquet file carries
/// it, so that Arrow's readers see a vector as a list of fixed size.
/// https://arrow.apache.org/docs/format/Columnar.html, https://flatbuffers.dev/internals
enum ArrowSchema {
    /// As `ARROW:schema` of a Parquet file holds it, in base64; nil for rows without a fixed width.
    static func encoded(_ schema: VectorSchema) -> String? {
        message(schema).map { String(base64: $0) }
    }

    /// An encapsulated message; nil for rows without a fixed width.
    static func message(_ schema: VectorSchema, metadata: [(String, String)] = []) -> [UInt8]? {
        guard schema.kind == .dense, schema.width > 0, schema.width <= Int(Int32.max) else { return nil }
        var buffer = FlatBufferWriter()
        let table = table(schema, metadata: metadata, in: &buffer)
        return ArrowMessage.encapsulated(
            ArrowMessage.finished(&buffer, kind: ArrowMessage.schema, header: table, bodyLength: 0))
    }

    /// Numbers of Arrow's union of types.
    private enum Kind {
        static let integer: UInt8 = 2
        static let floatingPoint: UInt8 = 3
        static let text: UInt8 = 5
        static let bool: UInt8 = 6
        static let fixedSizeList: UInt8 = 16
    }

    /// The table `Schema`; returns its position.
    static func table(
        _ schema: VectorSchema, metadata: [(String, String)], in buffer: inout FlatBufferWriter
    ) -> Int {
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
        var members: [(slot: Int, value: FlatBufferWriter.Value)] = [(1, .offset(buffer.offsets(fields)))]
        if !metadata.isEmpty {
            let pairs = metadata.map { key, value in
                let (key, value) = (buffer.text(key), buffer.text(value))
                return buffer.table([(0, .offset(key)), (1, .offset(value))])
            }
            members.append((2, .offset(buffer.offsets(pairs))))
        }
        return buffer.table(members)
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
