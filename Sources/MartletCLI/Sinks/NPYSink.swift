#if Command

/// NumPy's format, version 1.0: a header of 128 bytes with the shape, then the rows. The number of rows is written into the header
/// whenever rows go out, so the file can be loaded whatever ends the run. Where that cannot be done (a pipe), the rows wait in a
/// temporary file: memory stays bounded, and the array comes out whole at the end.
struct NPYSink: Sink {
    static let headerSize = 128
    private let output: Output
    private let body: Output
    private let shape: RowShape
    private var count = 0
    /// Rows in the header.
    private var stated = 0

    init(_ output: Output, _ shape: RowShape) throws(OutputError) {
        self.output = output
        self.shape = shape
        do throws(CommandError) {
            body = output.isSeekable ? output : try Output.temporary()
        } catch {
            throw .failed(error)
        }
        body.buffer.append(contentsOf: Self.header(shape, rows: 0))
        try body.flush()
    }

    mutating func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError) {
        rows.appendBytes(row: row, to: &body.buffer)
        count += 1
        if body.isFull { try flush() }
    }

    mutating func flush() throws(OutputError) {
        do throws(OutputError) {
            try body.flush()
        } catch {
            count = stated
            throw error
        }
        guard count != stated else { return }
        try body.rewrite(Self.header(shape, rows: count), at: 0)
        stated = count
    }

    mutating func end() throws(OutputError) {
        try flush()
        if body !== output { try body.copyContents(to: output) }
    }

    /// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, padded with spaces to a length that any count fits.
    static func header(_ shape: RowShape, rows: Int) -> [UInt8] {
        let type =
            switch shape.kind {
            case .float32: "<f4"
            case .float16: "<f2"
            case .int8: "|i1"
            case .uint8: "|u1"
            }
        let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows), \(shape.width)), }"
        var bytes: [UInt8] = [0x93]
        bytes += "NUMPY".utf8
        bytes += [1, 0, UInt8(headerSize - 10), 0]
        bytes += text.utf8
        bytes += [UInt8](repeating: 0x20, count: headerSize - 1 - bytes.count)
        bytes.append(0x0A)
        return bytes
    }
}

#endif
