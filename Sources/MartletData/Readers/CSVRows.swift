/// The rows of comma- or tab-separated values, blank ones left out, the header among them.
package struct CSVRows {
    private var splitter: RecordSplitter
    private let delimiter: UInt8
    package var bytesRead: Int { splitter.bytesRead }
    package var position: ReadPosition { splitter.position }

    package enum Step { case row([[UInt8]], line: Int), idle, end }

    package init(_ source: ByteSource, delimiter: UInt8, limits: ReaderLimits = ReaderLimits()) {
        splitter = RecordSplitter(source, framing: .csv(delimiter: delimiter), limits: limits)
        self.delimiter = delimiter
    }

    /// With `waiting` false, `.idle` instead of a wait for a slow pipe.
    package mutating func next(waiting: Bool) throws(DataError) -> Step {
        while true {
            switch try splitter.next(waiting: waiting) {
            case .idle: return .idle
            case .end: return .end
            case .record(let range, _) where range.isEmpty: continue
            case .record(let range, let line):
                let (delimiter, place) = (delimiter, place(line))
                let row = try splitter.withBytes(range) { (bytes) throws(DataError) in
                    try CSVRow.parse(bytes, delimiter: delimiter, place: place)
                }
                return .row(row, line: line)
            }
        }
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        try splitter.skip(to: position)
    }

    /// `FILE:LINE`.
    package func place(_ line: Int) -> String { "\(splitter.source.name):\(line)" }

    /// A field, which must be UTF-8.
    package static func text(_ field: [UInt8], _ place: String) throws(DataError) -> String {
        try field.withUnsafeBufferPointer { (bytes) throws(DataError) in
            try CheckedText.string(bytes, place: place)
        }
    }

    /// - Throws: If a row has more or fewer fields than the header.
    package static func check(_ row: [[UInt8]], columns: Int, _ place: String) throws(DataError) {
        guard row.count == columns else {
            throw DataError(
                .malformed, at: place,
                "\(row.count) field\(row.count == 1 ? "" : "s"), the header has \(columns)",
                remedies: [.advice("quote fields that hold the delimiter"), .skipRecords], isRecoverable: true
            )
        }
    }
}
