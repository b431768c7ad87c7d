/// JSON records, one on each line or in one array: the first byte that is not space says which.
struct JSONRecordReader: RecordReader {
    private let source: ByteSource
    private let fields: FieldNames
    private var reader: (any RecordReader)?
    private var head: [UInt8] = []

    init(_ source: ByteSource, fields: FieldNames) {
        self.source = source
        self.fields = fields
    }

    var bytesRead: Int { reader?.bytesRead ?? 0 }
    var position: ReadPosition { reader?.position ?? ReadPosition() }

    mutating func skip(to position: ReadPosition) throws(DataError) {
        guard position.offset > 0 else { return }
        _ = try choose(waiting: true)
        try reader?.skip(to: position)
    }

    mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        guard try choose(waiting: waiting), var reader else { return .idle }
        self.reader = nil  // one owner, so that its buffers are not copied
        defer { self.reader = reader }
        return try reader.next(waiting: waiting)
    }

    /// False if nothing has arrived.
    private mutating func choose(waiting: Bool) throws(DataError) -> Bool {
        var block = [UInt8](repeating: 0, count: 1 << 12)
        while reader == nil {
            let content = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
            // The bytes of a byte order mark may arrive one by one.
            let first =
                [[0xEF], [0xEF, 0xBB]].contains(head)
                ? nil : content.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
            var count = 0
            if first == nil {
                if !waiting, !source.isReady() { return false }
                let source = source
                let result: Result<Int, DataError> = block.withUnsafeMutableBytes { room in
                    do throws(DataError) { return .success(try source.read(room)) } catch {
                        return .failure(error)
                    }
                }
                count = try result.get()
                head += block[..<count]
            }
            guard first != nil || count == 0 else { continue }
            let whole = source.prefixed(with: head)
            reader =
                first == UInt8(ascii: "[")
                ? JSONTextReader(whole, fields: fields) : JSONLReader(whole, fields: fields)
            head = []
        }
        return true
    }
}

extension ByteSource {
    /// The same bytes after some that were taken before.
    fileprivate func prefixed(with head: [UInt8]) -> ByteSource {
        guard !head.isEmpty else { return self }
        final class Rest { var bytes: ArraySlice<UInt8> = [] }
        let (rest, source) = (Rest(), self)
        rest.bytes = head[...]
        var result = ByteSource(
            name: name, size: size, isReady: { !rest.bytes.isEmpty || source.isReady() },
            read: { (buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int in
                guard !rest.bytes.isEmpty else { return try source.read(buffer) }
                let count = min(rest.bytes.count, buffer.count)
                buffer.copyBytes(from: rest.bytes.prefix(count))
                rest.bytes = rest.bytes.dropFirst(count)
                return count
            })
        result.bytesConsumed = bytesConsumed
        return result
    }
}
