/// Messages of Arrow's format for files and streams.
/// https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
enum ArrowMessage {
    /// Numbers of the union of headers.
    static let schema: UInt8 = 1
    static let recordBatch: UInt8 = 3
    /// Version 5 of the metadata.
    static let version = FlatBufferWriter.Value.short(4)

    /// The table `Message`, around a header.
    static func finished(_ buffer: inout FlatBufferWriter, kind: UInt8, header: Int, bodyLength: Int)
        -> [UInt8]
    {
        buffer.finish(
            root: buffer.table([
                (0, version), (1, .byte(kind)), (2, .offset(header)), (3, .long(Int64(bodyLength))),
            ]))
    }

    /// With the mark and the length before it, padded to 8 bytes.
    static func encapsulated(_ message: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        let padded = (message.count + 7) / 8 * 8
        withUnsafeBytes(of: UInt32(padded).littleEndian) { bytes.append(contentsOf: $0) }
        return bytes + message + [UInt8](repeating: 0, count: padded - message.count)
    }
}
