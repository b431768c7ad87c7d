/// Cuts a JSON text into records: the elements of one array, or values one after the other. Holds one block
/// and one record at a time.
struct JSONSplitter {
    private enum State {
        case start, firstElement, element, afterElement, sequence, end
    }

    enum Step {
        /// The record's bytes, which `withBytes` shows until the next call, and the line that it starts on.
        case record(Range<Int>, line: Int)
        case idle
        case end
    }

    private var window: ByteWindow
    private let limit: Int
    private var state = State.start
    private var isArray = false
    private var line = 1
    private var scan: JSONScan?
    /// Bytes of the record that have been looked at, and the newlines among them.
    private var scanned = 0
    private var inner = 0
    private var isDiscarding = false

    init(_ source: ByteSource, limits: ReaderLimits) {
        window = ByteWindow(source, blockSize: limits.blockSize, limit: limits.recordSize)
        limit = limits.recordSize
    }

    var source: ByteSource { window.source }
    var bytesRead: Int { window.source.bytesConsumed() ?? window.offset }
    var position: ReadPosition { ReadPosition(offset: window.offset, lines: line - 1) }

    /// The first byte says whether this is an array; then the rest is passed over.
    mutating func skip(to position: ReadPosition) throws(DataError) {
        guard position.offset > 0 else { return }
        while state == .start, try advance() == nil, !window.isAtEnd { try window.fill() }
        try window.skip(to: position.offset)
        line = position.lines + 1
        state = state == .sequence ? .sequence : .afterElement
    }

    func withBytes<R, E: Error>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        try window.withBytes(range, body)
    }

    mutating func next(waiting: Bool) throws(DataError) -> Step {
        while true {
            if scan != nil {
                if let range = findEnd() {
                    let startLine = line
                    window.discard(through: range.upperBound)
                    (line, inner, scanned, scan) = (line + inner, 0, 0, nil)
                    state = isArray ? .afterElement : .sequence
                    if !isDiscarding { return .record(range, line: startLine) }
                    isDiscarding = false
                    continue
                }
                try checkLength()
            } else if try advance() != nil {
                continue
            }
            if window.isAtEnd { return try atEnd() }
            if !waiting, !source.isReady() { return .idle }
            try window.fill()
        }
    }

    /// Moves past space and punctuation before a record; nil if that takes more bytes.
    private mutating func advance() throws(DataError) -> State? {
        while window.start < window.end {
            let byte = window.bytes[window.start]
            if state == .start, window.offset == 0, byte == 0xEF {
                guard window.end - window.start >= 3 || window.isAtEnd else { return nil }
                if window.bytes[window.start...].starts(with: [0xEF, 0xBB, 0xBF]) {
                    window.discard(through: window.start + 3)
                    continue
                }
            }
            switch byte {
            case 0x20, 0x09, 0x0D, 0x0A:
                if byte == 0x0A { line += 1 }
                window.discard(through: window.start + 1)
                continue
            default: break
            }
            switch (state, byte) {
            case (.start, UInt8(ascii: "[")):
                isArray = true
                state = .firstElement
            case (.start, _):
                state = .sequence
                return state
            case (.firstElement, UInt8(ascii: "]")), (.afterElement, UInt8(ascii: "]")): state = .end
            case (.afterElement, UInt8(ascii: ",")): state = .element
            case (.afterElement, _): throw malformed("expected a comma or the end of the array")
            case (.end, _): throw malformed("expected the end of the text after the array")
            default:
                scan = JSONScan(first: byte)
                return state
            }
            window.discard(through: window.start + 1)
            if state == .firstElement { return state }
        }
        return nil
    }

    /// The bytes of the record at the window's start, once its end is there.
    private mutating func findEnd() -> Range<Int>? {
        guard var scan else { return nil }
        let (start, end) = (window.start, window.end)
        var (position, newlines, isWhole) = (start + scanned, 0, false)
        window.bytes.withUnsafeBufferPointer { bytes in
            while position < end {
                let byte = bytes[position]
                switch scan.advance(byte) {
                case .inside:
                    if byte == 0x0A { newlines += 1 }
                    position += 1
                case .last:
                    position += 1
                    isWhole = true
                    return
                case .after:
                    isWhole = true
                    return
                }
            }
        }
        self.scan = scan
        scanned = position - start
        inner += newlines
        // A number at the end of the text has nothing after it.
        if !isWhole, window.isAtEnd, position > start { isWhole = scan.mayEnd }
        return isWhole ? start..<position : nil
    }

    private mutating func checkLength() throws(DataError) {
        guard window.end - window.start > limit else { return }
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

    private mutating func atEnd() throws(DataError) -> Step {
        let (isOpen, isInside) = (isArray && state != .end, scan != nil)
        state = .end
        scan = nil
        if isInside { throw malformed("the text ends inside a value") }
        if isOpen { throw malformed("the text ends before the array does") }
        return .end
    }

    private func malformed(_ reason: String) -> DataError {
        DataError(
            .malformed, at: "\(source.name):\(line)", "not JSON: \(reason)",
            remedies: [.advice("check whether the file is whole")])
    }
}

/// The state of a scan for the end of a JSON value.
private struct JSONScan {
    enum Step { case inside, last, after }

    private var depth = 0
    private var isString = false
    private var isEscaped = false
    private var hasBegun = false
    /// A number or a word, which ends where something else begins.
    private let isScalar: Bool

    init(first: UInt8) {
        isScalar = ![UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\"")].contains(first)
    }

    var mayEnd: Bool { isScalar }

    mutating func advance(_ byte: UInt8) -> Step {
        if isScalar {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"),
                UInt8(ascii: "{"), UInt8(ascii: "["),
                UInt8(ascii: "\""):
                // A byte that cannot begin a value is a record of its own, which the parser then refuses.
                if hasBegun { return .after }
                return .last
            default:
                hasBegun = true
                return .inside
            }
        }
        if isString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isString = false
                return depth == 0 ? .last : .inside
            }
            return .inside
        }
        switch byte {
        case UInt8(ascii: "\""): isString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth == 0 { return .last }
        default: break
        }
        return .inside
    }
}
