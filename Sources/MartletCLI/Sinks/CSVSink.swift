#if Command

import MartletJSON

/// `id,0,1,2,…` and a row to a text; the first column is `index` where the first text has no id.
struct CSVSink: Sink {
    private let output: Output
    private let shape: RowShape
    private var hasHeader = false

    init(_ output: Output, _ shape: RowShape) {
        self.output = output
        self.shape = shape
    }

    mutating func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError) {
        if !hasHeader { appendHeader(record.id == .none ? "index" : "id") }
        switch record.id {
        case .none: JSONText.append(record.index, to: &output.buffer)
        case .text(let id): Self.append(id, to: &output.buffer)
        case .literal(let id): output.buffer.append(contentsOf: id.utf8)
        }
        output.buffer.append(UInt8(ascii: ","))
        rows.appendList(row: row, separator: UInt8(ascii: ","), to: &output.buffer)
        output.buffer.append(UInt8(ascii: "\n"))
        try output.endRow()
    }

    func flush() throws(OutputError) { try output.flush() }

    mutating func end() throws(OutputError) {
        if !hasHeader { appendHeader("index") }
        try output.flush()
    }

    private mutating func appendHeader(_ first: String) {
        hasHeader = true
        output.buffer.append(contentsOf: first.utf8)
        for column in 0..<shape.width {
            output.buffer.append(UInt8(ascii: ","))
            JSONText.append(column, to: &output.buffer)
        }
        output.buffer.append(UInt8(ascii: "\n"))
    }

    /// In quotes where RFC 4180 asks for them.
    static func append(_ text: String, to buffer: inout [UInt8]) {
        let needsQuotes = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D].contains($0) }
        guard needsQuotes else {
            buffer.append(contentsOf: text.utf8)
            return
        }
        buffer.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { buffer.append(byte) }
            buffer.append(byte)
        }
        buffer.append(UInt8(ascii: "\""))
    }
}

#endif
