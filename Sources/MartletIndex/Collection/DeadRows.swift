/// The file of a segment's dead rows: the magic `MARTDEAD`, the number of rows (u64), and a bit for each row,
/// in words of 64.
enum DeadRows {
    static let magic = Array("MARTDEAD".utf8)

    static func bytes(_ set: RowSet) -> [UInt8] {
        var bytes = magic
        bytes.append(little: UInt64(set.count))
        for word in set.words { bytes.append(little: word) }
        return bytes
    }

    static func read(_ bytes: UnsafeRawBufferPointer, entry: Manifest.DeadEntry, rows: Int, path: String)
        throws(IndexError) -> RowSet
    {
        guard Checksum.of(bytes) == entry.checksum else {
            throw .damaged(path, "its bytes contradict the manifest's checksum")
        }
        var reader = ByteReader(bytes)
        var words: [UInt64] = []
        guard let found = reader.bytes(8), found.elementsEqual(magic),
            reader.integer(UInt64.self) == UInt64(rows)
        else {
            throw .damaged(path, "it is not about \(rows) rows")
        }
        while let word = reader.integer(UInt64.self) { words.append(word) }
        guard let set = RowSet(count: rows, words: words), set.size == entry.count else {
            throw .damaged(path, "it names other rows than the manifest says")
        }
        return set
    }
}
