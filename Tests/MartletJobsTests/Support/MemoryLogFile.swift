import MartletData

@testable import MartletJobs

/// A file in memory that takes so many bytes and then fails in the middle of a write, as a full disk does.
final class MemoryLogFile: LogFile {
    let name = "test.job"
    var bytes: [UInt8]
    var room: Int
    private(set) var synchronizations = 0

    init(_ bytes: [UInt8] = [], room: Int = .max) {
        self.bytes = bytes
        self.room = room
    }

    func size() -> Int { bytes.count }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let count = max(0, min(buffer.count, bytes.count - offset))
        buffer.copyBytes(from: bytes[offset..<offset + count])
        return count
    }

    func write(_ new: [UInt8], at offset: Int) throws(DataError) {
        let taken = min(room, new.count)
        room -= taken
        let end = offset + taken
        if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
        bytes.replaceSubrange(offset..<end, with: new.prefix(taken))
        if taken < new.count { throw DataError(.io, at: name, "cannot be written: full") }
    }

    func truncate(to size: Int) {
        bytes.removeLast(max(0, bytes.count - size))
    }

    func synchronize() { synchronizations += 1 }
}
