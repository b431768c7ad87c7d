internal import MartletJSON
internal import MartletSystem

/// The members of a zip file that are stored as they are, as `torch.save` writes it (APPNOTE.TXT 6.3.10);
/// with 64-bit fields where the file is larger than 4 GiB.
struct StoredZip {
    /// Where each member's bytes lie.
    let members: [String: MemoryRegion]

    init(_ region: MemoryRegion, file: String) throws(WeightError) {
        members = try region.withUnsafeBytes { (bytes) throws(WeightError) in
            var found: [String: MemoryRegion] = [:]
            guard let end = Self.endRecord(bytes) else {
                throw .malformed(file, "the zip file has no directory at its end; is the file complete?")
            }
            guard let (count, start) = Self.directory(bytes, end), start <= bytes.count else {
                throw .malformed(
                    file,
                    "the record at the zip file's end does not lead to its directory; is the file complete?")
            }
            var directory = ByteCursor(bytes, offset: start)
            for _ in 0..<count {
                guard let entry = Entry(&directory) else {
                    throw .malformed(file, "the zip file's directory is cut off or damaged")
                }
                guard entry.method == 0, entry.flags & 1 == 0, entry.size == entry.packedSize else {
                    throw WeightError(
                        .unsupported,
                        "\(file): the member \(entry.name.quotedForMessage) is compressed or encrypted, which is not read",
                        file: file)
                }
                guard let data = entry.data(bytes),
                    let view = region.subregion(offset: data, count: entry.size),
                    found.updateValue(view, forKey: entry.name) == nil
                else {
                    throw .malformed(
                        file,
                        "the member \(entry.name.quotedForMessage) comes twice or does not lie inside the file"
                    )
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

    /// How many entries the directory has, and where it begins. What does not fit the record at the end
    /// stands in one of 64 bits, which the locator before it leads to.
    private static func directory(_ bytes: UnsafeRawBufferPointer, _ end: Int) -> (count: Int, start: Int)? {
        // From "entries in total" on: count, size of the directory, its offset.
        var record = ByteCursor(bytes, offset: end + 10)
        guard let count = record.read(UInt16.self), record.skip(4), let start = record.read(UInt32.self)
        else { return nil }
        guard count == .max || start == .max else { return (Int(count), Int(start)) }
        guard end >= 20 else { return nil }
        var locator = ByteCursor(bytes, offset: end - 20)
        guard locator.read(UInt32.self) == 0x0706_4b50, locator.skip(4), let place = locator.readCount(),
            place <= end
        else { return nil }
        var wide = ByteCursor(bytes, offset: place)
        guard wide.read(UInt32.self) == 0x0606_4b50, wide.skip(28), let count = wide.readCount(),
            wide.skip(8),
            let start = wide.readCount()
        else { return nil }
        return (count, start)
    }

    /// One entry of the directory.
    private struct Entry {
        let name: String
        let flags: UInt16
        let method: UInt16
        let packedSize: Int
        let size: Int
        let offset: Int

        init?(_ cursor: inout ByteCursor) {
            guard cursor.read(UInt32.self) == 0x0201_4b50, cursor.skip(4),
                let flags = cursor.read(UInt16.self),
                let method = cursor.read(UInt16.self), cursor.skip(8),
                let packedSize = cursor.read(UInt32.self),
                let size = cursor.read(UInt32.self), let nameLength = cursor.read(UInt16.self),
                let extra = cursor.read(UInt16.self),
                let comment = cursor.read(UInt16.self), cursor.skip(8), let offset = cursor.read(UInt32.self),
                let name = cursor.readBytes(Int(nameLength)), let fields = cursor.readBytes(Int(extra)),
                cursor.skip(Int(comment))
            else { return nil }
            self.name = String(decoding: name, as: UTF8.self)
            (self.flags, self.method) = (flags, method)
            var wide = Self.wide(fields)
            // In this order, and each only where its place of 32 bits is full.
            guard let size = size < .max ? Int(size) : wide?.readCount(),
                let packedSize = packedSize < .max ? Int(packedSize) : wide?.readCount(),
                let offset = offset < .max ? Int(offset) : wide?.readCount()
            else { return nil }
            (self.size, self.packedSize, self.offset) = (size, packedSize, offset)
        }

        /// The extra field of 64-bit sizes and offsets; nil: there is none.
        private static func wide(_ fields: UnsafeRawBufferPointer) -> ByteCursor? {
            var cursor = ByteCursor(fields)
            while let tag = cursor.read(UInt16.self), let count = cursor.read(UInt16.self),
                let bytes = cursor.readBytes(Int(count))
            {
                if tag == 1 { return ByteCursor(bytes) }
            }
            return nil
        }

        /// Where its bytes begin: after a header of their own, whose name and padding may differ in length.
        func data(_ bytes: UnsafeRawBufferPointer) -> Int? {
            var header = ByteCursor(bytes, offset: offset)
            guard offset < bytes.count, header.read(UInt32.self) == 0x0403_4b50, header.skip(22),
                let name = header.read(UInt16.self), let extra = header.read(UInt16.self),
                header.skip(Int(name) + Int(extra))
            else { return nil }
            return header.offset
        }
    }
}
