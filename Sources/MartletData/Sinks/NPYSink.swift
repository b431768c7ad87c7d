/// NumPy's format, version 1.0: a header of 128 bytes with the shape, then the rows. The number of rows is
/// written into the header whenever rows go out, so the file can be loaded whatever ends the run. Where that
/// cannot be done (a pipe), the rows wait in a temporary file: memory stays bounded, and the array comes out
/// whole at the end. What identifies the rows goes into a companion.
package struct NPYSink: RecordSink {
    static let headerSize = 128
    private let output: Output
    private var body: Output?
    private var schema = VectorSchema(width: 0)
    private var companion: Companion?
    private var count = 0
    /// Rows in the header.
    private var stated = 0

    init(_ output: Output) { self.output = output }

    package mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        self.schema = schema
        let body = output.isSeekable ? output : try Output.temporary()
        self.body = body
        companion = try Companion(of: output, schema)
        body.buffer.append(contentsOf: Self.header(schema, rows: 0))
        try body.flush()
        return nil
    }

    package mutating func write(_ batch: RowBatch) throws(DataError) {
        guard case .dense(let rows) = batch.rows, let body else { return }
        for row in 0..<rows.count {
            rows.appendBytes(row: row, to: &body.buffer)
            count += 1
            if body.isFull { try flush() }
        }
        try companion?.add(batch)
    }

    package mutating func commit(_ checkpoint: Checkpoint) throws(DataError) { try flush() }

    private mutating func flush() throws(DataError) {
        guard let body else { return }
        do throws(DataError) {
            try body.flush()
        } catch {
            count = stated
            throw error
        }
        guard count != stated else { return }
        try body.rewrite(Self.header(schema, rows: count), at: 0)
        stated = count
    }

    package mutating func finish() throws(DataError) {
        guard let body else { return }
        try flush()
        self.body = nil
        if body !== output { try body.copyContents(to: output) }
        try companion?.write()
    }

    /// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, padded with spaces to a length
    /// that any count fits.
    package static func header(_ schema: VectorSchema, rows: Int) -> [UInt8] {
        let type =
            switch schema.elementType {
            case .float32: "<f4"
            case .float16: "<f2"
            case .int8: "|i1"
            case .uint8: "|u1"
            }
        let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows), \(schema.width)), }"
        var bytes: [UInt8] = [0x93]
        bytes += "NUMPY".utf8
        bytes += [1, 0, UInt8(headerSize - 10), 0]
        bytes += text.utf8
        bytes += [UInt8](repeating: 0x20, count: headerSize - 1 - bytes.count)
        bytes.append(0x0A)
        return bytes
    }
}

extension OutputFormat {
    /// An array of NumPy.
    public static let npy = OutputFormat(
        name: "npy", endings: ["npy"], isBinary: true, identification: .companion
    ) { NPYSink($0) }
}
