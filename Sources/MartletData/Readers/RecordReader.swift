/// What a reader gives when asked for the next record.
package enum ReadStep: Sendable, Equatable {
    case record(text: String, id: RecordID, line: Int)
    /// Nothing has arrived yet, and the caller did not want to wait.
    case idle
    case end
}

/// Where the next record of an input begins.
package struct ReadPosition: Sendable, Equatable {
    /// Bytes after decompression, or rows.
    package var offset = 0
    /// Lines before it.
    package var lines = 0

    package init(offset: Int = 0, lines: Int = 0) {
        self.offset = offset
        self.lines = lines
    }
}

/// Takes records out of one input, in order. After a recoverable error the next call gives the record that
/// follows.
package protocol RecordReader {
    /// With `waiting` false, `.idle` instead of a wait for a slow pipe.
    mutating func next(waiting: Bool) throws(DataError) -> ReadStep
    /// Bytes of the input before the next record, for progress.
    var bytesRead: Int { get }
    /// Where the next record begins.
    var position: ReadPosition { get }
    /// Goes to a position that a reader of the same input gave. Only before the first record.
    mutating func skip(to position: ReadPosition) throws(DataError)
}

/// Sizes of a reader's buffers.
package struct ReaderLimits: Sendable {
    /// Bytes that are read at a time.
    package var blockSize = 256 << 10
    /// A longer record is an error: whatever the input, the memory stays bounded.
    package var recordSize = 64 << 20

    package init(blockSize: Int = 256 << 10, recordSize: Int = 64 << 20) {
        self.blockSize = blockSize
        self.recordSize = recordSize
    }
}
