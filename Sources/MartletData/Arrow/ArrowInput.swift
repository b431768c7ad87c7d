/// Messages of a file or a stream of Arrow, one after the other.
/// https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
///
/// A file is a stream between marks, with a footer that says where its messages are. Where a file cannot be
/// read from its end, as it is compressed or a pipe, it is read as the stream that it holds.
struct ArrowInput {
    /// What a message holds.
    enum Kind: Int { case schema = 1, dictionary, batch }

    struct Message {
        let kind: Kind
        let version: Int
        let header: FlatBufferTable
        let bodyLength: Int
    }

    /// Larger metadata is refused, and larger bodies of a stream, which have to be in memory.
    private static let metadataLimit = 64 << 20
    private static let bodyLimit = 1 << 30
    private static let blockSize = 256 << 10

    private let source: ByteSource
    private var isOpen = false
    private var isFile = false
    /// Whether bodies are read from the file when they are needed.
    private var isSeekable = false
    /// Bytes before the next message or body.
    private(set) var offset = 0
    /// Of a file that is read by its footer: what has not been given.
    private var footer: (schema: Message?, messages: ArraySlice<Int>)?
    /// Bytes that were read to know what the input is.
    private var head: ArraySlice<UInt8> = []

    init(_ source: ByteSource) { self.source = source }

    /// The next message, whose body has to be read or skipped before the one after it; nil after the last.
    mutating func next() throws(ColumnFileError) -> Message? {
        if !isOpen { try open() }
        if let schema = footer?.schema.take() { return schema }
        if footer != nil {
            guard let place = footer?.messages.popFirst() else {
                offset = source.size ?? offset
                return nil
            }
            offset = place
        }
        guard var length = try number(orEnd: true) else {
            guard !isFile else { throw .malformed("it ends before its footer; it may be cut off") }
            return nil
        }
        // Before version 0.15 of Arrow there was no mark before the length.
        if length == UInt32.max { length = try number(orEnd: false) ?? 0 }
        guard length > 0 else {
            try checkEnd()
            return nil
        }
        guard !isFile || offset > 12 || length > 16 else {
            throw .unsupported(
                "its schema is in its footer alone, as polars writes it, and this is a stream",
                remedies: [.advice("put it into a file, uncompressed")])
        }
        guard length <= Self.metadataLimit else {
            throw .malformed("it is not an Arrow file or stream, or its metadata is larger than 64 MiB")
        }
        let message = try FlatBufferTable(Array(try bytes(Int(length))))
        let version = try Self.checked(version: message.integer(0, Int16.self) ?? 0)
        guard let kind = Kind(rawValue: try message.integer(1, UInt8.self) ?? 0),
            let header = try message.table(2)
        else { throw .malformed("it has a message that is neither schema, dictionary nor record batch") }
        let bodyLength = try message.integer(3, Int64.self) ?? 0
        guard bodyLength >= 0 else { throw .malformed("a message says that it has \(bodyLength) bytes") }
        if isSeekable, let size = source.size, bodyLength > size - offset { throw Self.cut }
        return Message(kind: kind, version: version, header: header, bodyLength: bodyLength)
    }

    private static func checked(version: Int) throws(ColumnFileError) -> Int {
        guard (3...4).contains(version) else {
            throw .unsupported("its metadata has version \(version + 1), and versions 4 and 5 are read")
        }
        return version
    }

    /// What follows the metadata of a message.
    mutating func body(of message: Message) throws(ColumnFileError) -> ArrowBody {
        if isSeekable {
            defer { offset += message.bodyLength }
            return ArrowBody(source, offset..<offset + message.bodyLength)
        }
        guard message.bodyLength <= Self.bodyLimit else {
            throw .unsupported(
                "it has a batch of \(message.bodyLength >> 20) MiB, which a stream has to hold in memory",
                remedies: [.advice("put it into a file, uncompressed"), .advice("write smaller batches")])
        }
        return ArrowBody(try bytes(message.bodyLength))
    }

    mutating func skipBody(of message: Message) throws(ColumnFileError) {
        if isSeekable {
            offset += message.bodyLength
        } else {
            var left = message.bodyLength
            while left > 0 {
                let count = min(left, Self.blockSize)
                _ = try bytes(count)
                left -= count
            }
        }
    }

    private static var cut: ColumnFileError { .malformed("it ends inside a message; it may be cut off") }

    private mutating func open() throws(ColumnFileError) {
        isOpen = true
        head = try read(8, orEnd: true) ?? []
        if head.starts(with: "FEA1".utf8) {
            throw .unsupported("it is a file of Feather version 1, which is not read")
        }
        isFile = head.starts(with: ArrowFooter.mark)
        // Only now it is known whether the bytes of the file are those of the stream.
        isSeekable = source.readAt != nil && source.size != nil && source.bytesConsumed() == nil
        guard isFile else { return }
        (head, offset) = ([], 8)
        guard isSeekable, let size = source.size else { return }
        let found = try ArrowFooter(source, size: size)
        let schema = Message(
            kind: .schema, version: try Self.checked(version: found.version), header: found.schema,
            bodyLength: 0)
        footer = (schema, found.messages[...])
    }

    /// A file that is read as a stream has to end in its mark, after the footer.
    private mutating func checkEnd() throws(ColumnFileError) {
        guard isFile, !isSeekable else { return }
        var last: ArraySlice<UInt8> = []
        while let block = try read(Self.blockSize, orEnd: true) { last = (last + block).suffix(6) }
        guard last.elementsEqual(ArrowFooter.mark) else {
            throw .malformed("the footer is missing; the file may be cut off")
        }
    }

    private mutating func number(orEnd mayEnd: Bool) throws(ColumnFileError) -> UInt32? {
        guard let bytes = try take(4, orEnd: mayEnd) else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func bytes(_ count: Int) throws(ColumnFileError) -> ArraySlice<UInt8> {
        try take(count, orEnd: false) ?? []
    }

    /// The next bytes; nil where there are none and `mayEnd`.
    private mutating func take(_ count: Int, orEnd mayEnd: Bool) throws(ColumnFileError) -> ArraySlice<UInt8>?
    {
        if isSeekable {
            guard let size = source.size, count <= size - offset else {
                if mayEnd, offset == source.size { return nil }
                throw Self.cut
            }
            defer { offset += count }
            return try source.bytes(at: offset, count: count)
        }
        let kept = head.prefix(count)
        head = head.dropFirst(count)
        offset += count
        if kept.count == count { return kept }
        guard let rest = try read(count - kept.count, orEnd: mayEnd && kept.isEmpty) else {
            offset -= count
            return nil
        }
        guard kept.count + rest.count == count else { throw Self.cut }
        return kept.isEmpty ? rest : kept + rest
    }

    /// Bytes of the stream, fewer at its end; nil where there are none and `mayEnd`.
    private func read(_ count: Int, orEnd mayEnd: Bool) throws(ColumnFileError) -> ArraySlice<UInt8>? {
        var bytes: [UInt8] = []
        var filled = 0
        while filled < count {
            // Memory grows with what arrives, not with what a length says.
            if filled == bytes.count {
                bytes += [UInt8](repeating: 0, count: min(count - filled, max(Self.blockSize, filled)))
            }
            let source = source
            let result: Result<Int, DataError> = bytes.withUnsafeMutableBytes { all in
                let room = UnsafeMutableRawBufferPointer(rebasing: all[filled...])
                do throws(DataError) { return .success(try source.read(room)) } catch {
                    return .failure(error)
                }
            }
            switch result {
            case .success(0): return mayEnd && filled == 0 ? nil : bytes[..<filled]
            case .success(let found): filled += found
            case .failure(let error): throw .input(error)
            }
        }
        return bytes[..<filled]
    }
}
