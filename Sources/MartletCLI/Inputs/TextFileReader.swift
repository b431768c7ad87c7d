#if Command

/// The whole of a file is one text, and its path is the id. One newline at the end belongs to the file, not to the text.
struct TextFileReader: RecordReader {
    private let source: ByteSource
    private let limit: Int
    private let blockSize: Int
    private(set) var bytesRead = 0
    private var isDone = false

    init(_ source: ByteSource, blockSize: Int = 256 << 10, limit: Int = RecordSplitter.defaultLimit) {
        self.source = source
        self.blockSize = blockSize
        self.limit = limit
    }

    mutating func next(waiting: Bool) throws(InputError) -> ReadStep {
        guard !isDone else { return .end }
        if !waiting, !source.isReady() { return .idle }
        isDone = true
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: blockSize)
        while true {
            let result: Result<Int, InputError> = block.withUnsafeMutableBytes { room in
                do throws(InputError) { return .success(try source.read(room)) } catch { return .failure(error) }
            }
            let count = try result.get()
            if count == 0 { break }
            bytesRead += count
            bytes.append(contentsOf: block[..<count])
            if bytes.count > limit {
                throw InputError("\(source.name): longer than \(limit >> 20) MiB; pass --input lines to embed its lines, or split it")
            }
        }
        var range = 0..<bytes.count
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { range = 3..<bytes.count }
        if !range.isEmpty, bytes[range.upperBound - 1] == 0x0A { range = range.dropLast() }
        if !range.isEmpty, range.upperBound < bytes.count, bytes[range.upperBound - 1] == 0x0D { range = range.dropLast() }
        let name = source.name
        let result: Result<String, InputError> = bytes.withUnsafeBufferPointer { all in
            do throws(InputError) {
                let text = UnsafeBufferPointer(rebasing: all[range])
                return .success(try CheckedText.string(text, place: Self.place(name, text)))
            } catch {
                return .failure(error)
            }
        }
        return .record(text: try result.get(), id: .text(name), line: 0)
    }

    /// `FILE:LINE` of the first byte that is not UTF-8.
    private static func place(_ name: String, _ text: UnsafeBufferPointer<UInt8>) -> String {
        "\(name):\(1 + text[..<CheckedText.firstInvalid(text)].count { $0 == 0x0A })"
    }
}

#endif
