/// The log of a collection: commits that are not in a segment yet.
///
/// Bytes: the magic `MARTLOG1`; then for each commit its length (u32), its checksum (u32) and its bytes. A
/// commit that the end of the file cuts off, or whose checksum is wrong, was never acknowledged if nothing
/// valid follows it; otherwise the file is damaged.
enum Log {
    static let magic = Array("MARTLOG1".utf8)

    /// What the bytes of a commit take in the file.
    static func size(ofBody count: Int) -> Int { count + 8 }

    /// The bytes of a commit with their length and their checksum.
    static func frame(_ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size(ofBody: body.count))
        bytes.append(little: UInt32(body.count))
        bytes.append(little: Checksum.of(body))
        return bytes + body
    }

    /// The commits from `offset` on, and where the last valid one ends.
    static func commits(
        _ file: UnsafeRawBufferPointer, from offset: Int, path: String, settings: CollectionSettings
    ) throws(IndexError) -> (commits: [LogCommit], end: Int) {
        var offset = offset
        if offset == 0 {
            guard file.prefix(8).elementsEqual(magic) else {
                throw .damaged(path, "it does not begin with \"MARTLOG1\"")
            }
            offset = 8
        }
        var commits: [LogCommit] = []
        while let body = body(file, at: offset) {
            guard let commit = LogCommit(body, settings: settings) else {
                throw .damaged(path, "the commit at byte \(offset) has the right checksum and cannot be read")
            }
            commits.append(commit)
            offset += 8 + body.count
        }
        // A length that is wrong hides where the next commit begins: every later byte could be its start.
        if offset < file.count {
            for start in offset + 1..<max(offset + 1, file.count - 8)
            where body(file, at: start).map({ $0.count >= 8 }) == true {
                throw .damaged(
                    path,
                    "the commit at byte \(offset) contradicts its checksum, and a valid one follows at byte \(start)"
                )
            }
        }
        return (commits, offset)
    }

    private static func body(_ file: UnsafeRawBufferPointer, at offset: Int) -> UnsafeRawBufferPointer? {
        guard offset + 8 <= file.count else { return nil }
        let length = Int(UInt32(littleEndian: file.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        let checksum = UInt32(littleEndian: file.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        guard length >= 8, length <= file.count - offset - 8 else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: file[offset + 8..<offset + 8 + length])
        return Checksum.of(body) == checksum ? body : nil
    }
}
