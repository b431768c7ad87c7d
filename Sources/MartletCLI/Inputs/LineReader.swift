#if Command

/// Every line is a text; so is an empty one, which is embedded and counted as blank, so that line N gives vector N.
struct LineReader: RecordReader {
    private var splitter: RecordSplitter
    var bytesRead: Int { splitter.bytesRead }

    init(_ source: ByteSource, blockSize: Int = 256 << 10, limit: Int = RecordSplitter.defaultLimit) {
        splitter = RecordSplitter(source, framing: .lines, blockSize: blockSize, limit: limit)
    }

    mutating func next(waiting: Bool) throws(InputError) -> ReadStep {
        switch try splitter.next(waiting: waiting) {
        case .idle: return .idle
        case .end: return .end
        case .record(let range, let line):
            let name = splitter.source.name
            let text = try splitter.withBytes(range) { (bytes) throws(InputError) in
                try CheckedText.string(bytes, place: "\(name):\(line)")
            }
            return .record(text: text, id: .none, line: line)
        }
    }
}

#endif
