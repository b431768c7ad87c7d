/// The columns of a file of vectors, and how its footer describes them.
/// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
enum ParquetLayout {
    typealias Shape = ParquetColumnWriter.Shape

    /// The leaves, in the order of the schema.
    static func columns(_ schema: VectorSchema) -> [Shape] {
        let first = [
            Shape(path: ["id"], type: .byteArray, isOptional: true), Shape(path: ["index"], type: .int64),
            Shape(path: ["truncated"], type: .boolean),
        ]
        switch schema.kind {
        case .dense: return first + [list("embedding", type(of: schema.elementType))]
        case .sparse:
            return first + [list("indices", .int32), list("values", .float), list("tokens", .byteArray)]
        case .multiVector:
            let vectors = Shape(
                path: ["embedding", "list", "element", "list", "element"], type: .float, depth: 2)
            return first + [list("tokens", .byteArray), vectors]
        }
    }

    private static func list(_ name: String, _ type: ParquetFooter.PhysicalType) -> Shape {
        Shape(path: [name, "list", "element"], type: type, depth: 1)
    }

    private static func type(of elements: VectorElementType) -> ParquetFooter.PhysicalType {
        switch elements {
        case .float32: .float
        case .float16: .fixedLengthByteArray
        case .int8, .uint8: .int32
        }
    }

    private enum Repetition: Int { case required, optional, repeated }

    /// Numbers of the format's converted types.
    private enum Converted {
        static let utf8 = 0
        static let list = 3
        static let uint8 = 11
        static let int8 = 15
    }

    /// Fields of the format's union of logical types.
    private enum Logical {
        static let string = 1
        static let list = 3
        static let float16 = 15
    }

    /// The elements of the schema in depth-first order, the root first.
    static func elements(_ schema: VectorSchema) -> [[UInt8]] {
        let columns = columns(schema)
        var elements = [group("schema", nil, children: columns.count)]
        for column in columns {
            guard column.depth > 0 else {
                elements.append(
                    leaf(column.path[0], column.type, column.isOptional ? .optional : .required, nil))
                continue
            }
            for level in 0..<column.depth {
                elements.append(group(column.path[2 * level], .required, children: 1, isList: true))
                elements.append(group("list", .repeated, children: 1))
            }
            elements.append(
                leaf("element", column.type, .required, schema.kind == .dense ? schema.elementType : nil))
        }
        return elements
    }

    private static func group(_ name: String, _ repetition: Repetition?, children: Int, isList: Bool = false)
        -> [UInt8]
    {
        ThriftWriter.structure { element in
            if let repetition { element.int32(3, repetition.rawValue) }
            element.text(4, name)
            element.int32(5, children)
            if isList {
                element.int32(6, Converted.list)
                element.structure(10) { $0.structure(Logical.list) { _ in } }
            }
        }
    }

    private static func leaf(
        _ name: String, _ type: ParquetFooter.PhysicalType, _ repetition: Repetition,
        _ elements: VectorElementType?
    ) -> [UInt8] {
        ThriftWriter.structure { element in
            element.int32(1, type.rawValue)
            if type == .fixedLengthByteArray { element.int32(2, 2) }
            element.int32(3, repetition.rawValue)
            element.text(4, name)
            switch elements {
            case .int8: element.int32(6, Converted.int8)
            case .uint8: element.int32(6, Converted.uint8)
            default: break
            }
            if type == .byteArray {
                element.int32(6, Converted.utf8)
                element.structure(10) { $0.structure(Logical.string) { _ in } }
            }
            if elements == .float16 { element.structure(10) { $0.structure(Logical.float16) { _ in } } }
        }
    }
}
