internal import MartletHTML

/// The visible text of a whole HTML file is one text, and its path is the id.
package struct HTMLFileReader: RecordReader {
    private var file: TextFileReader
    package var bytesRead: Int { file.bytesRead }
    package var position: ReadPosition { file.position }

    package init(_ source: ByteSource, limits: ReaderLimits = ReaderLimits()) {
        file = TextFileReader(source, limits: limits)
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        try file.skip(to: position)
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        let step = try file.next(waiting: waiting)
        guard case .record(let source, let id, let line) = step else { return step }
        let visible = HTMLReader(Array(source.utf8)).visible
        return .record(text: String(decoding: visible, as: UTF8.self), id: id, line: line)
    }
}

extension InputFormat {
    /// The whole file is one text: what a browser shows of it, without tags, scripts and what is hidden.
    public static let html = InputFormat(
        name: "html", endings: ["html", "htm", "xhtml"], readsFields: false
    ) { source, _ in HTMLFileReader(source) }
}
