import MartletIndex
import MartletSystem
import MartletTestSupport
import Synchronization

/// A file system in memory that knows what would survive a loss of power, and that fails when it is told to.
///
/// What was written and not synced is lost or kept in sectors of 512 bytes, each for itself; a name that was
/// created, replaced or removed without a sync of its folder is old or new, each for itself.
final class MemoryFileSystem: IndexFileSystem {
    enum Fault: Sendable { case none, error, shortWrite, powerLoss }

    struct Disk {
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var contents: [Int: [UInt8]] = [:]
        var durable: [Int: [UInt8]] = [:]
        var nextFile = 0
        var calls = 0
        var failing = -1
        var fault = Fault.none
        var isOff = false
    }

    let disk: Mutex<Disk>

    init() { disk = Mutex(Disk()) }

    private init(_ image: Disk) { disk = Mutex(image) }

    /// Makes the call with this number fail, counted from 0 over all that change something.
    func fail(atCall call: Int, _ fault: Fault) {
        disk.withLock {
            $0.failing = call
            $0.fault = fault
        }
    }

    var calls: Int { disk.withLock { $0.calls } }
    /// Whether the call that was to fail has come.
    var hasFailed: Bool { disk.withLock { $0.failing >= 0 && $0.calls > $0.failing } }

    /// What a disk could hold after the power went now.
    func afterPowerLoss(_ random: inout SplitMix64) -> MemoryFileSystem {
        let old = disk.withLock { $0 }
        var image = Disk()
        image.nextFile = old.nextFile
        for name in Set(old.names.keys).union(old.durableNames.keys) {
            let kept = random.below(2) == 0 ? old.names[name] : old.durableNames[name]
            if let kept { image.names[name] = kept }
        }
        for file in Set(image.names.values) {
            let (now, before) = (old.contents[file] ?? [], old.durable[file] ?? [])
            var length = [now.count, before.count][random.below(2)]
            if now.count > before.count { length = before.count + random.below(now.count - before.count + 1) }
            var bytes = [UInt8](repeating: 0, count: length)
            for start in stride(from: 0, to: length, by: 512) {
                let source = random.below(2) == 0 ? now : before
                for index in start..<min(length, start + 512) {
                    // What neither has synced may be anything; zeros are usual.
                    if index < source.count { bytes[index] = source[index] }
                    if index < before.count, index < now.count, now[index] == before[index] {
                        bytes[index] = now[index]
                    }
                }
            }
            image.contents[file] = bytes
            image.durable[file] = bytes
        }
        image.durableNames = image.names
        return MemoryFileSystem(image)
    }

    /// The same files, without faults.
    func healthy() -> MemoryFileSystem {
        var image = disk.withLock { $0 }
        image.failing = -1
        image.isOff = false
        return MemoryFileSystem(image)
    }

    /// Changes one bit of a file.
    func flipBit(_ path: String, byte: Int, bit: Int) {
        disk.withLock { disk in
            guard let file = disk.names[path] else { return }
            disk.contents[file]?[byte] ^= 1 << UInt8(bit)
        }
    }

    func cut(_ path: String, to size: Int) {
        disk.withLock { disk in
            guard let file = disk.names[path], let bytes = disk.contents[file] else { return }
            disk.contents[file] = Array(bytes.prefix(size))
        }
    }

    /// Writes a file as another program would.
    func replace(_ path: String, with bytes: [UInt8]) {
        disk.withLock { disk in
            guard let file = disk.names[path] else { return }
            disk.contents[file] = bytes
        }
    }

    var paths: [String] { disk.withLock { $0.names.keys.sorted() } }

    // MARK: Calls

    /// Counts a call that changes something; true where a write is to be cut short.
    fileprivate static func enter(_ disk: inout Disk, _ path: String) throws(IndexError) -> Bool {
        defer { disk.calls += 1 }
        if disk.isOff { throw IndexError(.io, "the power is off", path: path) }
        guard disk.calls == disk.failing else { return false }
        switch disk.fault {
        case .none: return false
        case .error: throw IndexError(.io, "no space left for \(path)", path: path)
        case .shortWrite: return true
        case .powerLoss:
            disk.isOff = true
            throw IndexError(.io, "the power is off", path: path)
        }
    }

    func makeFolder(_ path: String) throws(IndexError) {
        try disk.withLock { (disk) throws(IndexError) in _ = try Self.enter(&disk, path) }
    }

    func create(_ path: String) throws(IndexError) -> any IndexFile {
        try disk.withLock { (disk) throws(IndexError) in
            _ = try Self.enter(&disk, path)
            // Truncating is not atomic: the old bytes may come back after a loss of power.
            let file = disk.names[path] ?? disk.nextFile
            if disk.names[path] == nil { disk.nextFile += 1 }
            disk.names[path] = file
            disk.contents[file] = []
            return File(self, file, path)
        }
    }

    func append(_ path: String) throws(IndexError) -> any IndexFile {
        try disk.withLock { (disk) throws(IndexError) in
            _ = try Self.enter(&disk, path)
            guard let file = disk.names[path] else { throw IndexError(.notFound, "no \(path)", path: path) }
            return File(self, file, path)
        }
    }

    func contents(_ path: String) throws(IndexError) -> MemoryRegion {
        let bytes = try disk.withLock { (disk) throws(IndexError) -> [UInt8] in
            guard let file = disk.names[path], let bytes = disk.contents[file] else {
                throw IndexError(.notFound, "no \(path)", path: path)
            }
            return bytes
        }
        let owner = Bytes(bytes)
        return MemoryRegion(unsafe: owner.buffer, owner: owner)
    }

    func size(_ path: String) -> Int? {
        disk.withLock { disk in disk.names[path].flatMap { disk.contents[$0]?.count } }
    }

    func stamp(_ path: String) -> FileStamp? {
        disk.withLock { disk in
            disk.names[path].map {
                var status = stat()
                status.st_ino = ino_t($0)
                status.st_size = off_t(disk.contents[$0]?.count ?? 0)
                return FileStamp(status)
            }
        }
    }

    func rename(_ path: String, to other: String) throws(IndexError) {
        try disk.withLock { (disk) throws(IndexError) in
            _ = try Self.enter(&disk, path)
            disk.names[other] = disk.names.removeValue(forKey: path)
        }
    }

    func remove(_ path: String) throws(IndexError) {
        try disk.withLock { (disk) throws(IndexError) in
            _ = try Self.enter(&disk, path)
            disk.names[path] = nil
        }
    }

    func removeFolder(_ path: String) {}

    func names(in folder: String) -> [String] {
        disk.withLock { disk in
            disk.names.keys.filter { $0.hasPrefix(folder + "/") }.map {
                String($0.dropFirst(folder.count + 1))
            }.sorted()
        }
    }

    func syncFolder(_ path: String) throws(IndexError) {
        try disk.withLock { (disk) throws(IndexError) in
            _ = try Self.enter(&disk, path)
            disk.durableNames = disk.names
        }
    }

    func lock(_ path: String) throws(IndexError) -> (any AnyObject & Sendable)? { Bytes([]) }

    fileprivate final class Bytes: @unchecked Sendable {
        let buffer: UnsafeRawBufferPointer
        init(_ bytes: [UInt8]) {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 64)
            copy.copyBytes(from: bytes)
            buffer = UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
        }
        deinit { buffer.baseAddress?.deallocate() }
    }

    private final class File: IndexFile {
        let files: MemoryFileSystem
        let file: Int
        let path: String

        init(_ files: MemoryFileSystem, _ file: Int, _ path: String) {
            (self.files, self.file, self.path) = (files, file, path)
        }

        func write(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> Int {
            try files.disk.withLock { (disk) throws(IndexError) in
                let isShort = try MemoryFileSystem.enter(&disk, path)
                let count = isShort ? max(1, bytes.count / 2) : bytes.count
                disk.contents[file]?.append(contentsOf: bytes.prefix(count))
                // The rest of a write that was cut short does not fit either.
                if isShort, count < bytes.count {
                    disk.failing = disk.calls + 1
                    disk.fault = .error
                }
                return count
            }
        }

        func sync() throws(IndexError) {
            try files.disk.withLock { (disk) throws(IndexError) in
                _ = try MemoryFileSystem.enter(&disk, path)
                disk.durable[file] = disk.contents[file]
            }
        }

        func truncate(to size: Int) throws(IndexError) {
            try files.disk.withLock { (disk) throws(IndexError) in
                _ = try MemoryFileSystem.enter(&disk, path)
                disk.contents[file] = Array((disk.contents[file] ?? []).prefix(size))
            }
        }
    }
}
