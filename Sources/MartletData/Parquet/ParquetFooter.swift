/// What a Parquet file says of itself: its columns, and where their pages are.
/// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
struct ParquetFooter {
    /// A column of values.
    struct Column {
        /// Names from the root, joined by dots.
        let name: String
        let type: PhysicalType
        /// Optional values on the way to it, itself included.
        let definitionLevels: Int
        let isRepeated: Bool
        /// The old name of what the values mean, as a number of the format.
        let convertedType: Int?
        let hasLogicalType: Bool
    }

    enum PhysicalType: Int {
        case boolean, int32, int64, int96, float, double, byteArray, fixedLengthByteArray
    }

    /// The values of a column in a row group.
    struct Chunk {
        let codec: Int
        /// Bytes of the file that hold its pages.
        let range: Range<Int>
        let valueCount: Int
    }

    struct RowGroup {
        let rowCount: Int
        /// As many as columns.
        let chunks: [Chunk]
    }

    let columns: [Column]
    let groups: [RowGroup]

    /// - Parameter fileSize: Everything that the footer names must be inside.
    init(_ bytes: ArraySlice<UInt8>, fileSize: Int) throws(ColumnFileError) {
        var reader = ThriftReader(bytes)
        let root: ThriftValue
        do throws(ThriftError) { root = try reader.structure() } catch {
            throw .malformed("its footer is not readable")
        }
        guard let schema = root[2]?.list, let groups = root[4]?.list else {
            throw .malformed("its footer has no schema")
        }
        columns = try Self.columns(schema)
        var result: [RowGroup] = []
        for group in groups {
            result.append(try Self.group(group, columns: columns.count, fileSize: fileSize))
        }
        self.groups = result
    }

    /// The leaves of the schema, which is a tree in depth-first order.
    private static func columns(_ schema: [ThriftValue]) throws(ColumnFileError) -> [Column] {
        var columns: [Column] = []
        var position = 0
        // A name has those of the groups around it: a small file can describe very long ones.
        var nameBytes = 16 << 20
        func walk(_ path: String, levels: Int, isRepeated: Bool, depth: Int) throws(ColumnFileError) {
            guard position < schema.count, depth < 32 else {
                throw .malformed("its schema ends early or is nested too deep")
            }
            let element = schema[position]
            position += 1
            guard let name = element[4]?.text else { throw .malformed("a column has no name") }
            let own = depth == 0 ? "" : path.isEmpty ? name : "\(path).\(name)"
            let repetition = depth == 0 ? 0 : element[3]?.int ?? 0
            guard (0...2).contains(repetition) else {
                throw .malformed("column \(own.quoted) has an unknown repetition")
            }
            let (levels, isRepeated) = (levels + (repetition > 0 ? 1 : 0), isRepeated || repetition == 2)
            if let children = element[5]?.int, children > 0 || depth == 0 {
                guard children >= 0, children <= schema.count - position else {
                    throw .malformed("its schema ends early")
                }
                for _ in 0..<children {
                    try walk(own, levels: levels, isRepeated: isRepeated, depth: depth + 1)
                }
                return
            }
            guard let type = element[1]?.int.flatMap(PhysicalType.init) else {
                throw .malformed("column \(own.quoted) has no known type")
            }
            nameBytes -= own.utf8.count
            guard nameBytes >= 0 else { throw .malformed("the names of its columns have more than 16 MiB") }
            columns.append(
                Column(
                    name: own, type: type, definitionLevels: levels, isRepeated: isRepeated,
                    convertedType: element[6]?.int,
                    hasLogicalType: element[10] != nil))
        }
        try walk("", levels: 0, isRepeated: false, depth: 0)
        guard position == schema.count else {
            throw .malformed("its schema has elements that belong to no group")
        }
        return columns
    }

    private static func group(_ group: ThriftValue, columns columnCount: Int, fileSize: Int)
        throws(ColumnFileError)
        -> RowGroup
    {
        guard let columns = group[1]?.list, columns.count == columnCount, let rows = group[3]?.int, rows >= 0
        else {
            throw .malformed("a row group has other columns than the schema")
        }
        var chunks: [Chunk] = []
        for column in columns {
            guard column[1] == nil else { throw .unsupported("its columns are in other files") }
            guard let data = column[3], let codec = data[4]?.int, let count = data[5]?.int,
                let size = data[7]?.int,
                let first = data[9]?.int
            else { throw .malformed("a column chunk is incomplete") }
            // A group without rows has no pages, and what says where they are is 0.
            if rows == 0 {
                chunks.append(Chunk(codec: codec, range: 0..<0, valueCount: 0))
                continue
            }
            // The dictionary, where there is one, is before the data.
            let start = data[11]?.int.flatMap { $0 > 0 && $0 < first ? $0 : nil } ?? first
            guard start >= 4, size >= 0, count >= 0, start <= fileSize, size <= fileSize - start else {
                throw .malformed("a column chunk is outside the file; it may be cut off")
            }
            chunks.append(Chunk(codec: codec, range: start..<start + size, valueCount: count))
        }
        return RowGroup(rowCount: rows, chunks: chunks)
    }
}
