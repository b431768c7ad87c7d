internal import MartletCompute
internal import MartletJSON

/// The members of a zip file that are stored as they are, as `torch.save` writes it (APPNOTE.TXT 6.3.10).
struct StoredZip {
    /// Where each member's bytes lie.
    let members: [String: MemoryRegion]

    init(_ region: MemoryRegion, file: String) throws(WeightError) {
        members = try region.withUnsafeBytes { (bytes) throws(WeightError) in
            var found: [String: MemoryRegion] = [:]
            guard let end = Self.endRecord(bytes) else {
                throw .malformed(file, "the zip file has no directory at its end; is the file complete?")
            }
            // From "entries in total" on: count, size of the directory, its offset.
            var record = ByteCursor(bytes, offset: end + 10)
            guard let count = record.read(UInt16.self), record.skip(4), let start = record.read(UInt32.self), count < .max, start < .max
            else {
                throw WeightError(.unsupported, "\(file): the zip file has a 64-bit directory, which is not read", file: file)
            }
            var directory = ByteCursor(bytes, offset: Int(start))
            for _ in 0..<count {
                guard let entry = Entry(&directory) else { throw .malformed(file, "the zip file's directory is cut off or damaged") }
                guard entry.method == 0, entry.flags & 1 == 0, entry.size == entry.packedSize, entry.size < .max, entry.offset < .max else {
                    throw WeightError(
                        .unsupported, "\(file): the member \(entry.name.quotedForMessage) is compressed or encrypted, which is not read",
                        file: file)
                }
                guard let data = entry.data(bytes), let view = region.subregion(offset: data, count: Int(entry.size)),
                    found.updateValue(view, forKey: entry.name) == nil
                else {
                    throw .malformed(file, "the member \(entry.name.quotedForMessage) comes twice or does not lie inside the file")
                }
            }
            return found
        }
    }

    /// The offset of the record that ends the file: a comment of up to 65,535 bytes may follow it.
    private static func endRecord(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 22 else { return nil }
        return stride(from: bytes.count - 22, through: max(0, bytes.count - 22 - 65_535), by: -1).first {
            bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self).littleEndian == 0x0605_4b50
        }
    }

    /// One entry of the directory.
    private struct Entry {
        let name: String
        let flags: UInt16
        let method: UInt16
        let packedSize: UInt32
        let size: UInt32
        let offset: UInt32

        init?(_ cursor: inout ByteCursor) {
            guard cursor.read(UInt32.self) == 0x0201_4b50, cursor.skip(4), let flags = cursor.read(UInt16.self),
                let method = cursor.read(UInt16.self), cursor.skip(8), let packedSize = cursor.read(UInt32.self),
                let size = cursor.read(UInt32.self), let nameLength = cursor.read(UInt16.self), let extra = cursor.read(UInt16.self),
                let comment = cursor.read(UInt16.self), cursor.skip(8), let offset = cursor.read(UInt32.self),
                let name = cursor.readBytes(Int(nameLength)), cursor.skip(Int(extra) + Int(comment))
            else { return nil }
            self.name = String(decoding: name, as: UTF8.self)
            (self.flags, self.method, self.packedSize, self.size, self.offset) = (flags, method, packedSize, size, offset)
        }

        /// Where its bytes begin: after a header of their own, whose name and padding may differ in length.
        func data(_ bytes: UnsafeRawBufferPointer) -> Int? {
            var header = ByteCursor(bytes, offset: Int(offset))
            guard Int(offset) < bytes.count, header.read(UInt32.self) == 0x0403_4b50, header.skip(22),
                let name = header.read(UInt16.self), let extra = header.read(UInt16.self), header.skip(Int(name) + Int(extra))
            else { return nil }
            return header.offset
        }
    }
}
