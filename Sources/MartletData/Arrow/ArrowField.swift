/// What a column of Arrow holds. https://github.com/apache/arrow/blob/main/format/Schema.fbs
enum ArrowType: Equatable {
    case null
    case bool
    case integer(bits: Int, isSigned: Bool)
    /// Single or double precision.
    case number(bits: Int)
    case text(offsetBits: Int)
    /// Texts of up to 12 bytes in place, longer ones in buffers that follow.
    case textView
    /// What holds neither texts nor ids.
    case other(buffers: Int, isView: Bool = false)

    /// - Parameter kind: The number in the union of types.
    init(kind: Int, _ table: FlatBufferTable, isOldUnion: Bool) throws(ColumnFileError) {
        switch kind {
        case 1: self = .null
        case 2:
            let bits = try table.integer(0, Int32.self) ?? 0
            guard [8, 16, 32, 64].contains(bits) else { throw .malformed("it has integers of \(bits) bits") }
            self = .integer(bits: bits, isSigned: try table.integer(1, UInt8.self) == 1)
        case 3:
            let precision = try table.integer(0, Int16.self) ?? 0
            self = precision == 0 ? .other(buffers: 2) : .number(bits: precision == 1 ? 32 : 64)
        case 5: self = .text(offsetBits: 32)
        case 6: self = .bool
        case 20: self = .text(offsetBits: 64)
        case 24: self = .textView
        // Binary, and its large form.
        case 4, 19: self = .other(buffers: 3)
        // Binary views.
        case 23: self = .other(buffers: 2, isView: true)
        // Decimals, dates, times, intervals, durations, binary of fixed size; lists and maps.
        case 7...11, 15, 18, 12, 17, 21: self = .other(buffers: 2)
        // Structures, lists of fixed size.
        case 13, 16: self = .other(buffers: 1)
        // Unions: dense ones have offsets. Until version 4 of the metadata they could have missing values.
        case 14:
            let isDense = try table.integer(0, Int16.self) == 1
            self = .other(buffers: (isDense ? 2 : 1) + (isOldUnion ? 1 : 0))
        // Runs of equal values.
        case 22: self = .other(buffers: 0)
        // Views of lists.
        case 25, 26: self = .other(buffers: 3)
        default: throw .unsupported("it has a type of column that is not known (\(kind))")
        }
    }
}

/// A column of the schema.
struct ArrowField: NamedColumn {
    let name: String
    /// Of a dictionary, that of its values.
    let type: ArrowType
    /// The number of its dictionary and the type of the indices into it.
    let dictionary: (id: Int, index: ArrowType)?
    /// How much of a record batch it and the columns in it take.
    let layout: ArrowLayout

    /// What the columns of a schema may still take. A small flatbuffer can describe very many columns with
    /// long names, as tables and texts may be shared.
    struct Budget {
        var columns = 100_000
        var nameBytes = 16 << 20
    }

    init(
        _ table: FlatBufferTable, isOldUnion: Bool, depth: Int = 0, budget: inout Budget
    ) throws(ColumnFileError) {
        budget.columns -= 1
        guard depth < 64, budget.columns > 0 else { throw .malformed("its schema has too many columns") }
        let nameBytes = try table.bytes(0) ?? []
        budget.nameBytes -= nameBytes.count
        guard budget.nameBytes >= 0 else {
            throw .malformed("the names of its columns have more than \(Budget().nameBytes >> 20) MiB")
        }
        guard let name = String(validating: nameBytes, as: UTF8.self) else {
            throw .malformed("the name of a column is not UTF-8")
        }
        self.name = name
        guard let description = try table.table(3) else { throw .malformed("a column has no type") }
        type = try ArrowType(
            kind: try table.integer(2, UInt8.self) ?? 0, description, isOldUnion: isOldUnion)
        var layout = ArrowLayout(nodes: 1)
        if let encoding = try table.table(4) {
            var index = ArrowType.integer(bits: 32, isSigned: true)
            if let type = try encoding.table(1) {
                index = try ArrowType(kind: 2, type, isOldUnion: false)
            }
            dictionary = (try encoding.integer(0, Int64.self) ?? 0, index)
            layout.buffers = 2
        } else {
            dictionary = nil
            switch type {
            case .null: break
            case .bool, .integer, .number: layout.buffers = 2
            case .text: layout.buffers = 3
            case .textView: (layout.buffers, layout.views) = (2, 1)
            case .other(let buffers, let isView): (layout.buffers, layout.views) = (buffers, isView ? 1 : 0)
            }
            try table.forEachTable(5) { (child) throws(ColumnFileError) in
                layout += try ArrowField(
                    child, isOldUnion: isOldUnion, depth: depth + 1, budget: &budget
                ).layout
            }
        }
        self.layout = layout
    }

    var reasonAgainstReading: String? { nil }

    var holdsTexts: Bool {
        switch type {
        case .text, .textView: true
        default: false
        }
    }

    var reasonAgainstID: String? {
        if case .other = type { "has a type that cannot be written as an id" } else { nil }
    }
}

/// Parts of a record batch that columns take, or that are before a column.
struct ArrowLayout {
    var nodes = 0
    /// Without the buffers that views lead to, whose number each batch says.
    var buffers = 0
    var views = 0

    static func += (a: inout ArrowLayout, b: ArrowLayout) {
        (a.nodes, a.buffers, a.views) = (a.nodes + b.nodes, a.buffers + b.buffers, a.views + b.views)
    }
}
