/// The table at the end of a file of sections.
///
/// Bytes: for each section kind (u32), checksum (u32), offset (u64), count (u64); then the trailer of 32
/// bytes: offset of the table (u64), number of sections (u32), version (u32), checksum of all that (u32),
/// zero (u32), and the magic `MARTSEG1`.
struct SectionTable {
    struct Section {
        let kind: UInt32
        let offset: Int
        var count: Int
        var checksum: UInt32
    }

    static let magic = Array("MARTSEG1".utf8)
    static let version: UInt32 = 1
    let sections: [Section]
    /// Where the table begins.
    let offset: Int

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for section in sections {
            bytes.append(little: section.kind)
            bytes.append(little: section.checksum)
            bytes.append(little: UInt64(section.offset))
            bytes.append(little: UInt64(section.count))
        }
        bytes.append(little: UInt64(offset))
        bytes.append(little: UInt32(sections.count))
        bytes.append(little: Self.version)
        bytes.append(little: Checksum.of(bytes))
        bytes.append(little: UInt32(0))
        return bytes + Self.magic
    }

    /// The whole file's length, and the checksum in the trailer: what the manifest knows of the file.
    var fileLength: Int { offset + sections.count * 24 + 32 }
    var checksum: UInt32 { Checksum.of(Array(bytes.dropLast(16))) }
    /// The checksum of all bytes of a table, its own checksum among them, which is the same for every table.
    /// A manifest with this number says nothing of the segment.
    static let checksumOfAny: UInt32 = 3_062_164_364

    init(sections: [Section], offset: Int) {
        self.sections = sections
        self.offset = offset
    }

    /// The table of a file, with every place inside the file.
    init(_ file: UnsafeRawBufferPointer, path: String) throws(IndexError) {
        guard file.count >= 32, file.suffix(8).elementsEqual(Self.magic) else {
            throw .damaged(path, "it does not end with \"MARTSEG1\"")
        }
        var trailer = ByteReader(UnsafeRawBufferPointer(rebasing: file.suffix(32)))
        guard let offset = trailer.integer(UInt64.self), let count = trailer.integer(UInt32.self),
            let version = trailer.integer(UInt32.self), let checksum = trailer.integer(UInt32.self)
        else { throw .damaged(path, "its end is missing") }
        guard version == Self.version else {
            throw IndexError(
                .unsupportedVersion,
                "\(path) has version \(version) of the format; this version of Martlet reads \(Self.version)",
                path: path)
        }
        let length = Int(count) * 24
        guard length <= file.count - 32, offset == UInt64(file.count - 32 - length) else {
            throw .damaged(
                path,
                "it has \(file.count) bytes, and its table of sections asks for \(UInt64(length + 32) &+ offset)"
            )
        }
        let start = Int(offset)
        guard Checksum.of(UnsafeRawBufferPointer(rebasing: file[start..<file.count - 16])) == checksum else {
            throw .damaged(
                path, "its table of sections (bytes \(start) to \(file.count)) contradicts the checksum")
        }
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: file[start..<start + length]))
        var sections: [Section] = []
        while let kind = reader.integer(UInt32.self), let checksum = reader.integer(UInt32.self),
            let place = reader.integer(UInt64.self), let size = reader.integer(UInt64.self)
        {
            guard place % 64 == 0, place <= offset, size <= offset - place else {
                throw .damaged(path, "section \(kind) is not inside the file")
            }
            sections.append(Section(kind: kind, offset: Int(place), count: Int(size), checksum: checksum))
        }
        self.sections = sections
        self.offset = start
    }
}
