/// Writes a file of sections: each begins at a multiple of 64 bytes and has a checksum. The table of sections
/// comes last.
///
/// Memory: one buffer of 256 KiB, whatever the file's size.
final class SectionWriter {
    private let file: any IndexFile
    private var buffer: [UInt8] = []
    private var flushed = 0
    private var sections: [SectionTable.Section] = []
    private var start = 0
    private var checksum = Checksum()
    private static let capacity = 1 << 18

    init(_ file: any IndexFile) {
        self.file = file
        buffer.reserveCapacity(Self.capacity + 64)
    }

    var offset: Int { flushed + buffer.count }

    func begin(_ kind: UInt32) throws(IndexError) {
        try pad()
        try flush()
        start = offset
        checksum = Checksum()
        sections.append(SectionTable.Section(kind: kind, offset: start, count: 0, checksum: 0))
    }

    func end() throws(IndexError) {
        try flush()
        let last = sections.count - 1
        sections[last].count = offset - start
        sections[last].checksum = checksum.value
    }

    /// Bytes of the section that were written so far.
    var count: Int { offset - start }

    func write(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        if bytes.count >= Self.capacity {
            try flush()
            checksum.add(bytes)
            try file.writeAll(bytes)
            flushed += bytes.count
        } else {
            if buffer.count + bytes.count > Self.capacity { try flush() }
            buffer.append(contentsOf: bytes)
        }
    }

    func write(_ bytes: [UInt8]) throws(IndexError) {
        let failure: IndexError? = bytes.withUnsafeBytes { bytes in
            do throws(IndexError) { try write(bytes) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    func write<T: FixedWidthInteger>(little value: T) throws(IndexError) {
        if buffer.count + MemoryLayout<T>.size > Self.capacity { try flush() }
        Swift.withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
    }

    /// Writes the table, makes the file durable, and returns the table.
    func finish() throws(IndexError) -> SectionTable {
        try pad()
        let table = SectionTable(sections: sections, offset: offset)
        try write(table.bytes)
        try flush()
        try file.sync()
        return table
    }

    private func pad() throws(IndexError) {
        let rest = offset % 64
        if rest > 0 { try write([UInt8](repeating: 0, count: 64 - rest)) }
    }

    private func flush() throws(IndexError) {
        if buffer.isEmpty { return }
        let failure: IndexError? = buffer.withUnsafeBytes { bytes in
            checksum.add(bytes)
            do throws(IndexError) { try file.writeAll(bytes) } catch { return error }
            return nil
        }
        if let failure { throw failure }
        flushed += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
