#if Command

/// One text to embed, and what ties its vector to it.
struct Record: Sendable, Equatable {
    var text: String
    var id: RecordID
    /// Position among all inputs, from 0; records that are skipped count, so that the vectors can be matched to the input.
    var index: Int
    /// `FILE:LINE`, `FILE` or `argument N`: how an error names it.
    var place: String { line > 0 ? "\(source):\(line)" : source }
    var source: String
    /// Counted from 1; 0 where lines mean nothing.
    var line: Int
}

enum RecordID: Sendable, Equatable {
    case none
    case text(String)
    /// A number, boolean or null of a JSON input, in its own spelling: 12345678901234567890 and 1.0 come out as they went in.
    case literal(String)
}

/// What a reader gives when asked for the next record.
enum ReadStep: Sendable, Equatable {
    case record(text: String, id: RecordID, line: Int)
    /// Nothing has arrived yet, and the caller did not want to wait.
    case idle
    case end
}

/// A record that cannot be read. `--on-error skip` goes on after it if `isRecoverable`.
struct InputError: Error, Sendable, Equatable {
    let message: String
    let isRecoverable: Bool

    init(_ message: String, isRecoverable: Bool = true) {
        self.message = message
        self.isRecoverable = isRecoverable
    }
}

/// Takes records out of one source, in order. After a recoverable error the next call gives the record that follows.
protocol RecordReader {
    /// With `waiting` false, `.idle` instead of a wait for a slow pipe.
    mutating func next(waiting: Bool) throws(InputError) -> ReadStep
    /// Bytes of the source that lie behind, for the progress bar.
    var bytesRead: Int { get }
}

#endif
