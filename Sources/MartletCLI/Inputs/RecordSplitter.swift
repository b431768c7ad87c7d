#if Command

internal import MartletSystem

/// Cuts a stream of bytes into records that end with a newline, holding one block and one record at a time.
///
/// A byte order mark at the start is dropped; a carriage return before the newline is no part of the record.
struct RecordSplitter {
    enum Framing: Sendable, Equatable {
        case lines
        /// RFC 4180: a newline between quotes is part of the field.
        case csv(delimiter: UInt8)
    }

    enum Step: Equatable {
        /// The record's bytes, to be seen through `withBytes` until the next call, and the line that it starts on.
        case record(Range<Int>, line: Int)
        case idle
        case end
    }

    /// A longer record is an error: whatever the input, the memory stays bounded.
    static let defaultLimit = 64 << 20

    let source: ByteSource
    /// Bytes of the records handed out, and of what was passed over between them.
    var bytesRead: Int { bytesFilled - (end - start) }
    private var bytesFilled = 0
    private let framing: Framing
    private let limit: Int
    private let blockSize: Int
    private var buffer: [UInt8] = []
    /// The part of `buffer` that holds bytes not handed out.
    private var start = 0
    private var end = 0
    /// Bytes from `start` that have been looked at.
    private var scanned = 0
    private var state = CSVScan.fieldStart
    /// The line that `start` is on, and the newlines seen inside the record.
    private var line = 1
    private var inner = 0
    private var isAtEnd = false
    private var isDiscarding = false
    private var hasCheckedMark = false

    init(_ source: ByteSource, framing: Framing, blockSize: Int = 256 << 10, limit: Int = defaultLimit) {
        self.source = source
        self.framing = framing
        self.blockSize = blockSize
        self.limit = limit
    }

    func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R) throws(E) -> R {
        let result: Result<R, E> = buffer.withUnsafeBufferPointer { bytes in
            do throws(E) { return .success(try body(UnsafeBufferPointer(rebasing: bytes[range]))) } catch { return .failure(error) }
        }
        return try result.get()
    }

    mutating func next(waiting: Bool) throws(InputError) -> Step {
        while true {
            dropMark()
            if hasCheckedMark, let newline = findEnd() {
                let record = start..<newline
                let startLine = line
                consume(through: newline + 1)
                if isDiscarding {
                    isDiscarding = false
                    continue
                }
                return .record(trimmed(record), line: startLine)
            }
            if isAtEnd {
                defer { consume(through: end) }
                return start < end && !isDiscarding ? .record(trimmed(start..<end), line: line) : .end
            }
            if end - start > limit {
                // The rest of the record is read past, not kept.
                let failed = line
                let wasDiscarding = isDiscarding
                start = end
                scanned = 0
                isDiscarding = true
                if !wasDiscarding {
                    throw InputError(
                        "\(source.name):\(failed): longer than \(limit >> 20) MiB; split it, or check that this is the right format")
                }
            }
            if !waiting, !source.isReady() { return .idle }
            try fill()
        }
    }

    private mutating func fill() throws(InputError) {
        if start > 0 {
            buffer.withUnsafeMutableBufferPointer { bytes in
                guard let base = bytes.baseAddress, end > start else { return }
                memmove(base, base + start, end - start)
            }
            end -= start
            start = 0
        }
        if buffer.count - end < blockSize {
            buffer.append(contentsOf: repeatElement(0, count: max(blockSize, min(buffer.count, limit))))
        }
        let room = blockSize
        let position = end
        let source = source
        let result: Result<Int, InputError> = buffer.withUnsafeMutableBytes { bytes in
            do throws(InputError) {
                return .success(try source.read(UnsafeMutableRawBufferPointer(rebasing: bytes[position..<position + room])))
            } catch {
                return .failure(error)
            }
        }
        let count = try result.get()
        if count == 0 { isAtEnd = true }
        end += count
        bytesFilled += count
    }

    /// The mark is three bytes, which may arrive one by one.
    private mutating func dropMark() {
        guard !hasCheckedMark, isAtEnd || end >= 3 || (end > 0 && buffer[0] != 0xEF) else { return }
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
        hasCheckedMark = true
    }

    /// The position of the newline that ends the record at `start`.
    private mutating func findEnd() -> Int? {
        switch framing {
        case .lines:
            let from = start + scanned
            let count = end - from
            let found: Int? = buffer.withUnsafeBufferPointer { bytes in
                guard count > 0, let base = bytes.baseAddress, let hit = memchr(base + from, 0x0A, count) else { return nil }
                return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
            }
            scanned = end - start
            return found
        case .csv(let delimiter):
            var position = start + scanned
            defer { scanned = position - start }
            while position < end {
                let byte = buffer[position]
                if state.advance(byte, delimiter: delimiter) { return position }
                if byte == 0x0A { inner += 1 }
                position += 1
            }
            return nil
        }
    }

    private mutating func consume(through next: Int) {
        start = next
        scanned = 0
        line += 1 + inner
        inner = 0
        state = .fieldStart
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        !range.isEmpty && buffer[range.upperBound - 1] == 0x0D ? range.lowerBound..<range.upperBound - 1 : range
    }
}

/// Where a scan for the end of a CSV record stands.
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
        case UInt8(ascii: "\"") where self != .plain: self = .quoted  // opens the field, or stands for a quote inside it
        case delimiter: self = .fieldStart
        default: self = .plain
        }
        return false
    }
}

#endif
