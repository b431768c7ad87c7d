/// The whole of a file is one text, and its path is the id. One newline at the end belongs to the file, not
/// to the text.
package struct TextFileReader: RecordReader {
    private let source: ByteSource
    private let limits: ReaderLimits
    private var count = 0
    private var isDone = false
    package var bytesRead: Int { source.bytesConsumed() ?? count }
    package var position: ReadPosition { ReadPosition(offset: count, lines: isDone ? 1 : 0) }

    package init(_ source: ByteSource, limits: ReaderLimits = ReaderLimits()) {
        self.source = source
        self.limits = limits
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        guard position.lines > 0 else { return }
        count = position.offset
        isDone = true
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        guard !isDone else { return .end }
        if !waiting, !source.isReady() { return .idle }
        isDone = true
        let bytes = try readAll()
        var range = 0..<bytes.count
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { range = 3..<bytes.count }
        if !range.isEmpty, bytes[range.upperBound - 1] == 0x0A { range = range.dropLast() }
        if !range.isEmpty, range.upperBound < bytes.count, bytes[range.upperBound - 1] == 0x0D {
            range = range.dropLast()
        }
        let name = source.name
        let result: Result<String, DataError> = bytes.withUnsafeBufferPointer { all in
            do throws(DataError) {
                let text = UnsafeBufferPointer(rebasing: all[range])
                return .success(try CheckedText.string(text, place: Self.place(name, text)))
            } catch {
                return .failure(error)
            }
        }
        return .record(text: try result.get(), id: .text(name), line: 0)
    }

    private mutating func readAll() throws(DataError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: limits.blockSize)
        while true {
            let source = source
            let result: Result<Int, DataError> = block.withUnsafeMutableBytes { room in
                do throws(DataError) { return .success(try source.read(room)) } catch {
                    return .failure(error)
                }
            }
            let found = try result.get()
            if found == 0 { return bytes }
            count += found
            bytes.append(contentsOf: block[..<found])
            if bytes.count > limits.recordSize {
                throw DataError(
                    .tooLong, at: source.name, "longer than \(limits.recordSize >> 20) MiB",
                    remedies: [.readAs(format: "lines", purpose: "embed its lines"), .advice("split it")],
                    isRecoverable: true)
            }
        }
    }

    /// `FILE:LINE` of the first byte that is not UTF-8.
    private static func place(_ name: String, _ text: UnsafeBufferPointer<UInt8>) -> String {
        "\(name):\(1 + text[..<CheckedText.firstInvalid(text)].count { $0 == 0x0A })"
    }
}

extension InputFormat {
    /// The whole file is one text.
    public static let file = InputFormat(
        name: "file", endings: ["txt", "text", "md", "markdown", "rst", "org", "adoc", "tex"],
        readsFields: false
    ) { source, _ in TextFileReader(source) }
}
