#if Command

import MartletJSON

/// `{"id":…,"embedding":[…]}` a line; `"index"` counts the inputs where they have no id. With token vectors
/// `"tokens":[…]` stands before the embedding, which is a list of as many vectors. A sparse vector is `"indices":[…],"values":[…]`.
struct JSONLSink: Sink {
    private let output: Output

    init(_ output: Output) { self.output = output }

    func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError) {
        Self.append(record, rows, row, to: &output.buffer)
        output.buffer.append(UInt8(ascii: "\n"))
        try output.endRow()
    }

    func flush() throws(OutputError) { try output.flush() }
    func end() throws(OutputError) { try output.flush() }

    static func append(_ record: Record, _ rows: Rows, _ row: Int, to buffer: inout [UInt8]) {
        switch record.id {
        case .none:
            buffer.append(contentsOf: "{\"index\":".utf8)
            JSONText.append(record.index, to: &buffer)
        case .text(let id):
            buffer.append(contentsOf: "{\"id\":".utf8)
            JSONText.append(id, to: &buffer)
        case .literal(let id):
            buffer.append(contentsOf: "{\"id\":".utf8)
            buffer.append(contentsOf: id.utf8)
        }
        if let sparse = rows.sparse {
            sparse[row].appendMembers(to: &buffer)
            buffer.append(UInt8(ascii: "}"))
            return
        }
        rows.appendTokensMember(row: row, to: &buffer)
        buffer.append(contentsOf: ",\"embedding\":".utf8)
        rows.appendJSON(row: row, to: &buffer)
        buffer.append(UInt8(ascii: "}"))
    }
}

#endif
