internal import MartletSystem

/// Cuts a stream of bytes into records that end with a newline, holding one block and one record at a time.
///
/// A byte order mark at the start is dropped; a carriage return before the newline does not belong to the
/// record.
package struct RecordSplitter {
    package enum Framing: Sendable, Equatable {
        case lines
        /// RFC 4180: a newline between quotes is part of the field.
        case csv(delimiter: UInt8)
    }

    package enum Step: Equatable {
        /// The record's bytes, which `withBytes` shows until the next call, and the line that it starts on.
        case record(Range<Int>, line: Int)
        case idle
        case end
    }

    package var source: ByteSource { window.source }
    private var window: ByteWindow
    private let framing: Framing
    private let limit: Int
    /// Bytes from the window's start that have been looked at.
    private var scanned = 0
    private var state = CSVScan.fieldStart
    /// The line that the window starts on, and the newlines seen inside the record.
    private var line = 1
    private var inner = 0
    private var isDiscarding = false
    private var hasCheckedMark = false

    package init(_ source: ByteSource, framing: Framing, limits: ReaderLimits = ReaderLimits()) {
        window = ByteWindow(source, blockSize: limits.blockSize, limit: limits.recordSize)
        self.framing = framing
        limit = limits.recordSize
    }

    /// Bytes of the file before the next record; of a compressed file, those that were decompressed.
    package var bytesRead: Int { window.source.bytesConsumed() ?? window.offset }
    package var position: ReadPosition { ReadPosition(offset: window.offset, lines: line - 1) }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        guard position.offset > window.offset else { return }
        try window.skip(to: position.offset)
        line = position.lines + 1
        hasCheckedMark = true
    }

    package func withBytes<R, E: Error>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        try window.withBytes(range, body)
    }

    package mutating func next(waiting: Bool) throws(DataError) -> Step {
        while true {
            dropMark()
            if hasCheckedMark, let newline = findEnd() {
                let record = window.start..<newline
                let startLine = line
                consume(through: newline + 1)
                if isDiscarding {
                    isDiscarding = false
                    continue
                }
                return .record(trimmed(record), line: startLine)
            }
            if window.isAtEnd {
                let rest = window.start..<window.end
                let startLine = line
                consume(through: window.end)
                return !rest.isEmpty && !isDiscarding ? .record(trimmed(rest), line: startLine) : .end
            }
            if window.end - window.start > limit {
                // The rest of the record is read past, not kept.
                let wasDiscarding = isDiscarding
                window.discard(through: window.end)
                scanned = 0
                isDiscarding = true
                if !wasDiscarding {
                    throw DataError(
                        .tooLong, at: "\(source.name):\(line)", "longer than \(limit >> 20) MiB",
                        remedies: [.advice("split it"), .advice("check that this is the right format")],
                        isRecoverable: true)
                }
            }
            if !waiting, !source.isReady() { return .idle }
            try window.fill()
        }
    }

    /// The mark is three bytes, which may arrive one by one.
    private mutating func dropMark() {
        guard !hasCheckedMark else { return }
        let (bytes, end) = (window.bytes, window.end)
        guard window.isAtEnd || end >= 3 || (end > 0 && bytes[0] != 0xEF) else { return }
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { window.discard(through: 3) }
        hasCheckedMark = true
    }

    /// The position of the newline that ends the record at the window's start.
    private mutating func findEnd() -> Int? {
        let (start, end) = (window.start, window.end)
        switch framing {
        case .lines:
            let from = start + scanned
            let count = end - from
            let found: Int? = window.bytes.withUnsafeBufferPointer { bytes in
                guard count > 0, let base = bytes.baseAddress, let hit = memchr(base + from, 0x0A, count)
                else { return nil }
                return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
            }
            scanned = end - start
            return found
        case .csv(let delimiter):
            var (position, state, newlines) = (start + scanned, state, 0)
            let found: Int? = window.bytes.withUnsafeBufferPointer { bytes in
                while position < end {
                    let byte = bytes[position]
                    if state.advance(byte, delimiter: delimiter) { return position }
                    if byte == 0x0A { newlines += 1 }
                    position += 1
                }
                return nil
            }
            self.state = state
            inner += newlines
            scanned = position - start
            return found
        }
    }

    private mutating func consume(through next: Int) {
        window.discard(through: next)
        scanned = 0
        line += 1 + inner
        inner = 0
        state = .fieldStart
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        !range.isEmpty && window.bytes[range.upperBound - 1] == 0x0D
            ? range.lowerBound..<range.upperBound - 1 : range
    }
}

/// The state of a scan for the end of a CSV record.
enum CSVScan {
    case fieldStart, plain, quoted, quoteInQuoted

    /// True for the newline that ends the record.
    mutating func advance(_ byte: UInt8, delimiter: UInt8) -> Bool {
        if self == .quoted {
            if byte == UInt8(ascii: "\"") { self = .quoteInQuoted }
            return false
        }
        switch byte {
        case 0x0A: return true
        // opens the field, or stands for a quote inside it
        case UInt8(ascii: "\"") where self != .plain: self = .quoted
        case delimiter: self = .fieldStart
        default: self = .plain
        }
        return false
    }
}
