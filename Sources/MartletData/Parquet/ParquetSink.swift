/// Parquet: `id` (text, missing where a record has none or null), `index`, `truncated`, and the vector as a
/// list: `embedding` of dense vectors, `indices` and `values` of sparse ones, `tokens` and `embedding` of vectors
/// for each token. Facts of the schema and the records that were left out are in the file's metadata, under
/// `martlet.NAME` and `martlet.skipped`.
///
/// A row group is in memory until it is written. Without its end a Parquet file cannot be read, so nothing is
/// shown before `finish`.
struct ParquetSink: RecordSink {
    private static let groupBytes = 32 << 20
    private static let skippedBytes = 1 << 20
    private let output: Output
    private var schema = VectorSchema(width: 0)
    private var columns: [ParquetColumnWriter] = []
    private var groups: [[UInt8]] = []
    private var rowsInGroup = 0
    private var rows = 0
    private var offset = 0
    private var skipped = ""
    private var skippedCount = 0
    private var isOpen = false

    init(_ output: Output) { self.output = output }

    mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        self.schema = schema
        isOpen = true
        columns = ParquetLayout.columns(schema).map(ParquetColumnWriter.init)
        output.buffer += "PAR1".utf8
        offset = 4
        try output.flush()
        return nil
    }

    mutating func write(_ batch: RowBatch) throws(DataError) {
        for record in batch.skipped { note(record) }
        let truncated = Set(batch.truncated)
        for (row, record) in batch.records.enumerated() {
            switch record.id {
            case .none, .null: columns[0].append(nil)
            case .text(let id), .literal(let id): columns[0].append(id)
            }
            columns[1].append(record.index)
            columns[2].append(truncated.contains(row))
            append(batch.rows, row)
            rowsInGroup += 1
            // Where a group ends depends on the rows alone, never on the batches that they came in: equal
            // rows give equal files.
            if rowsInGroup & 63 == 0, columns.reduce(0, { $0 + $1.byteCount }) >= Self.groupBytes {
                try flushGroup()
            }
        }
    }

    private mutating func append(_ rows: VectorRows, _ row: Int) {
        switch rows {
        case .dense(let rows):
            columns[3].appendList(count: rows.width) { body in
                switch rows.elements {
                case .float32, .float16: rows.appendBytes(row: row, to: &body)
                case .int8(let values):
                    for value in values[rows.range(of: row)] { Self.append(Int32(value), to: &body) }
                case .uint8(let values):
                    for value in values[rows.range(of: row)] { Self.append(Int32(value), to: &body) }
                }
            }
        case .sparse(let rows):
            let sparse = rows[row]
            columns[3].appendList(count: sparse.indices.count) { body in
                for index in sparse.indices { Self.append(Int32(truncatingIfNeeded: index), to: &body) }
            }
            columns[4].appendList(count: sparse.values.count) { body in
                for value in sparse.values { Self.append(Int32(bitPattern: value.bitPattern), to: &body) }
            }
            columns[5].appendList(count: sparse.tokens?.count ?? 0) { body in
                for token in sparse.tokens ?? [] { ParquetColumnWriter.append(token, to: &body) }
            }
        case .multiVector(let rows):
            columns[3].appendList(count: rows.tokens[row].count) { body in
                for token in rows.tokens[row] { ParquetColumnWriter.append(token, to: &body) }
            }
            let ranges = rows.ranges(of: row)
            columns[4].appendLists(counts: ranges.map(\.count)) { index, body in
                for value in rows.vectors[ranges[index]] {
                    Self.append(Int32(bitPattern: value.bitPattern), to: &body)
                }
            }
        }
    }

    private static func append(_ value: Int32, to body: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { body.append(contentsOf: $0) }
    }

    /// The first records that were left out; a million of them would not fit into the footer.
    private mutating func note(_ record: SkippedRecord) {
        skippedCount += 1
        guard skipped.utf8.count < Self.skippedBytes else { return }
        skipped += (skipped.isEmpty ? "" : ",") + record.json
    }

    private mutating func flushGroup() throws(DataError) {
        guard rowsInGroup > 0 else { return }
        var entries: [[UInt8]] = []
        var size = 0
        for index in columns.indices {
            let (entry, bytes) = columns[index].flush(to: output, at: offset)
            entries.append(entry)
            offset += bytes
            size += bytes
            try output.endRow()
        }
        let count = rowsInGroup
        groups.append(
            ThriftWriter.structure { group in
                group.structures(1, entries)
                group.int64(2, size)
                group.int64(3, count)
            })
        rows += rowsInGroup
        rowsInGroup = 0
        try output.flush()
    }

    func commit(_ checkpoint: Checkpoint) {}

    mutating func finish() throws(DataError) {
        guard isOpen else { return }
        isOpen = false
        try flushGroup()
        var facts = schema.allFacts.map { ("martlet.\($0.name)", $0.json) }
        facts.append(("martlet.skipped", "[\(skipped)]"))
        facts.append(("martlet.skipped_count", "\(skippedCount)"))
        if let arrow = ArrowSchema.encoded(schema) { facts.append(("ARROW:schema", arrow)) }
        let metadata = facts.map { fact in
            ThriftWriter.structure { pair in
                pair.text(1, fact.0)
                pair.text(2, fact.1)
            }
        }
        let (rows, groups, schema) = (rows, groups, schema)
        let footer = ThriftWriter.structure { file in
            file.int32(1, 2)
            file.structures(2, ParquetLayout.elements(schema))
            file.int64(3, rows)
            file.structures(4, groups)
            file.structures(5, metadata)
            file.text(6, "martlet")
        }
        output.buffer += footer
        withUnsafeBytes(of: UInt32(footer.count).littleEndian) { output.buffer.append(contentsOf: $0) }
        output.buffer += "PAR1".utf8
        try output.flush()
    }
}

extension OutputFormat {
    /// An Apache Parquet file.
    public static let parquet = OutputFormat(
        name: "parquet", endings: ["parquet"], isBinary: true, kinds: Set(VectorKind.allCases)
    ) { ParquetSink($0) }
}
