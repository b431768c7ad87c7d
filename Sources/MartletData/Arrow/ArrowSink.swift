/// A file of Apache Arrow (IPC, also called Feather 2): `id` (text, missing where a record has none or null),
/// `index`, `truncated`, and `embedding`, a list of fixed size. Facts of the schema and the records that were
/// left out are in the schema's metadata, under `martlet.NAME` and `martlet.skipped`.
/// https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
struct ArrowSink: RecordSink {
    private static let magic = Array("ARROW1".utf8)
    private static let batchBytes = 8 << 20
    private static let skippedBytes = 1 << 20
    private let output: Output
    private var schema = VectorSchema(width: 0)
    private var batch = ArrowBatch()
    /// Offset, bytes of the metadata and of the body of each batch.
    private var blocks: [Int64] = []
    private var offset = 0
    private var skipped = ""
    private var skippedCount = 0
    private var isOpen = false

    init(_ output: Output) { self.output = output }

    private var facts: [(String, String)] { schema.allFacts.map { ("martlet.\($0.name)", $0.json) } }

    mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        self.schema = schema
        isOpen = true
        guard let message = ArrowSchema.message(schema, metadata: facts) else {
            throw DataError(.unsupported, at: output.name, "Arrow takes dense vectors of a known width")
        }
        try put(Self.magic + [0, 0] + message)
        return nil
    }

    private mutating func put(_ bytes: [UInt8]) throws(DataError) {
        output.buffer += bytes
        offset += bytes.count
        try output.flush()
    }

    mutating func write(_ batch: RowBatch) throws(DataError) {
        for record in batch.skipped {
            skippedCount += 1
            // A million of them would not fit into the footer.
            guard skipped.utf8.count < Self.skippedBytes else { continue }
            skipped += (skipped.isEmpty ? "" : ",") + record.json
        }
        guard case .dense(let rows) = batch.rows else { return }
        let truncated = Set(batch.truncated)
        for (row, record) in batch.records.enumerated() {
            self.batch.append(record, isTruncated: truncated.contains(row), rows, row: row)
            // Where a batch ends depends on the rows alone: equal rows give equal files.
            if self.batch.byteCount >= Self.batchBytes { try flushBatch() }
        }
    }

    private mutating func flushBatch() throws(DataError) {
        guard batch.count > 0 else { return }
        let (metadata, body) = batch.encoded(width: schema.width)
        blocks += [Int64(offset), Int64(metadata.count), Int64(body.count)]
        batch = ArrowBatch()
        try put(metadata)
        try put(body)
    }

    func commit(_ checkpoint: Checkpoint) {}

    mutating func finish() throws(DataError) {
        guard isOpen else { return }
        isOpen = false
        try flushBatch()
        let facts =
            facts + [("martlet.skipped", "[\(skipped)]"), ("martlet.skipped_count", "\(skippedCount)")]
        var buffer = FlatBufferWriter()
        let table = ArrowSchema.table(schema, metadata: facts, in: &buffer)
        let dictionaries = buffer.structs([], longsOfEach: 3)
        let blocks = buffer.structs(blocks, longsOfEach: 3)
        let footer = buffer.finish(
            root: buffer.table([
                (0, ArrowMessage.version), (1, .offset(table)), (2, .offset(dictionaries)),
                (3, .offset(blocks)),
            ]))
        let end: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]
        let size = withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) }
        try put(end + footer + size + Self.magic)
    }
}

extension OutputFormat {
    /// A file of Apache Arrow.
    public static let arrow = OutputFormat(
        name: "arrow", endings: ["arrow", "feather"], isBinary: true
    ) { ArrowSink($0) }
}
