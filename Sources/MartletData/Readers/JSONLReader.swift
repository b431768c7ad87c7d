/// An object on each line: `{"id": 7, "text": "…"}`. Blank lines are passed over. Of each line only the two
/// members are kept.
package struct JSONLReader: RecordReader {
    private var splitter: RecordSplitter
    private let fields: JSONFields
    package var bytesRead: Int { splitter.bytesRead }
    package var position: ReadPosition { splitter.position }

    package init(_ source: ByteSource, fields: FieldNames, limits: ReaderLimits = ReaderLimits()) {
        splitter = RecordSplitter(source, framing: .lines, limits: limits)
        self.fields = JSONFields(fields)
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        try splitter.skip(to: position)
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        while true {
            switch try splitter.next(waiting: waiting) {
            case .idle: return .idle
            case .end: return .end
            case .record(let range, let line):
                let (name, fields) = (splitter.source.name, fields)
                let step = try splitter.withBytes(range) { (bytes) throws(DataError) -> ReadStep? in
                    if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
                    return try fields.record(bytes, place: "\(name):\(line)", line: line)
                }
                if let step { return step }
            }
        }
    }
}

extension InputFormat {
    /// A JSON object on each line, or one array of them.
    public static let jsonl = InputFormat(name: "jsonl", endings: ["jsonl", "ndjson"], readsFields: true) {
        source, fields in
        JSONRecordReader(source, fields: fields)
    }
}
