import MartletData

@testable import MartletJobs

/// A file in memory that takes so many bytes and then fails in the middle of a write, as a full disk does, or
/// that fails at one call.
final class MemoryLogFile: LogFile {
    enum Fault: Sendable { case error, shortWrite }

    let name = "test.job"
    var bytes: [UInt8]
    var room: Int
    /// The call that fails, counted from 0 over those that change something, and how.
    var failing: (call: Int, fault: Fault)?
    private(set) var calls = 0

    init(_ bytes: [UInt8] = [], room: Int = .max) {
        self.bytes = bytes
        self.room = room
    }

    /// How many of `count` bytes are written before the call fails; nil: all, and it does not.
    private func fault(_ count: Int) -> Int? {
        defer { calls += 1 }
        guard let failing, failing.call == calls else { return nil }
        return failing.fault == .error ? 0 : count / 2
    }

    private var failure: DataError { DataError(.io, at: name, "cannot be written: full") }

    func size() -> Int { bytes.count }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let count = max(0, min(buffer.count, bytes.count - offset))
        buffer.copyBytes(from: bytes[offset..<offset + count])
        return count
    }

    func write(_ new: [UInt8], at offset: Int) throws(DataError) {
        let taken = min(room, fault(new.count) ?? new.count)
        room -= taken
        let end = offset + taken
        if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
        bytes.replaceSubrange(offset..<end, with: new.prefix(taken))
        if taken < new.count { throw failure }
    }

    func truncate(to size: Int) throws(DataError) {
        if fault(0) != nil { throw failure }
        bytes.removeLast(max(0, bytes.count - size))
    }

    func synchronize() throws(DataError) {
        if fault(0) != nil { throw failure }
    }
}
