/// Every line is a text; so is an empty one, which is embedded and counted as blank, so that line N gives
/// vector N.
package struct LineReader: RecordReader {
    private var splitter: RecordSplitter
    package var bytesRead: Int { splitter.bytesRead }
    package var position: ReadPosition { splitter.position }

    package init(_ source: ByteSource, limits: ReaderLimits = ReaderLimits()) {
        splitter = RecordSplitter(source, framing: .lines, limits: limits)
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        try splitter.skip(to: position)
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        switch try splitter.next(waiting: waiting) {
        case .idle: return .idle
        case .end: return .end
        case .record(let range, let line):
            let name = splitter.source.name
            let text = try splitter.withBytes(range) { (bytes) throws(DataError) in
                try CheckedText.string(bytes, place: "\(name):\(line)")
            }
            return .record(text: text, id: .none, line: line)
        }
    }
}

extension InputFormat {
    /// A text on each line.
    public static let lines = InputFormat(name: "lines", endings: [], readsFields: false) { source, _ in
        LineReader(source)
    }
}
