#if Server

import MartletIndex
import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletServer

/// Who waits for whom where a collection is read and written at once.
@Suite struct OpenCollectionTests {
    private let folder: TemporaryFolder
    private static let identity = CollectionIdentity(model: "made", fingerprint: "1")

    init() throws { folder = try TemporaryFolder() }

    /// A search reads the last commit while another one is written.
    @Test func searchesWaitForNoCommit() async throws {
        let collection = OpenCollection(
            name: "c",
            collection: try SearchCollection.create(
                at: folder.path + "/c.martlet", settings: .init(identity: Self.identity, dimensions: 2)))
        enum Commit { case waits, isWritten, mayEnd, hasEnded }
        let commit = Monitor(Commit.waits)
        let (writes, reads) = (try Offload(), try Offload())
        async let written: Void = writes.run(bytes: .max) { () throws(ServiceError) in
            try collection.write(at: 0) { (_) throws(IndexError) in
                commit.withLock { $0 = .isWritten }
                // Two minutes at most: a search that waits for it is to fail, not to hang.
                for _ in 0..<12_000 where commit.withLock({ $0 == .isWritten }) { usleep(10_000) }
                commit.withLock { $0 = .hasEnded }
            }
        }
        while commit.withLock({ $0 == .waits }) { try await Task.sleep(for: .milliseconds(1)) }
        let count = try await reads.run(bytes: .max) { () throws(ServiceError) in
            try collection.newest().count
        }
        #expect(count == 0 && commit.withLock { $0 == .isWritten })
        // Nor does what gives unused writers back.
        collection.releaseWriter(unusedSince: .max)
        #expect(commit.withLock { $0 == .isWritten })
        commit.withLock { $0 = .mayEnd }
        try await written
    }

    /// A writer is given back when its merge has ended: nothing waits for that.
    @Test func aWriterThatMergesIsKept() async throws {
        let files = HeldFiles()
        let path = folder.path + "/c.martlet"
        let collection = OpenCollection(
            name: "c",
            collection: try SearchCollection.create(
                at: path, settings: .init(identity: Self.identity, dimensions: 2), files: files))
        for round in 0..<8 {
            try collection.write(at: 0) { (writer) throws(IndexError) in
                let records = (0..<129).map { Record(id: "\(round)-\($0)", text: "a", vector: [1, 1]) }
                try writer.add(records, identity: Self.identity)
            }
        }
        let isReleased = Monitor(false)
        let thread = try Offload()
        async let released: Void = thread.run(bytes: .max) { () throws(ServiceError) in
            collection.releaseWriter(unusedSince: .max)
            isReleased.withLock { $0 = true }
        }
        for _ in 0..<12_000 where !isReleased.withLock({ $0 }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(isReleased.withLock { $0 }, "it waits for the merge")
        files.letGo()
        try await released
        var isFree = false
        for _ in 0..<12_000 where !isFree {
            collection.releaseWriter(unusedSince: .max)
            isFree = (try? SearchCollection(opening: path).writer()) != nil
            if !isFree { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(isFree, "the writer is not given back")
        #expect(try collection.newest().count == 8 * 129)
    }
}

/// Files whose ninth segment, the first that a merge writes, waits until the test lets it go on.
private final class HeldFiles: IndexFileSystem {
    private let files = POSIXFileSystem()
    private let segments = Monitor(0)
    private let isHeld = Monitor(true)

    func letGo() {
        isHeld.withLock { $0 = false }
        isHeld.broadcast()
    }

    func create(_ path: String) throws(IndexError) -> any IndexFile {
        if path.contains("/segment-") {
            let number = segments.withLock { count in
                count += 1
                return count
            }
            if number == 9 { isHeld.waiting { $0 ? nil : () } }
        }
        return try files.create(path)
    }

    func makeFolder(_ path: String) throws(IndexError) { try files.makeFolder(path) }
    func append(_ path: String) throws(IndexError) -> any IndexFile { try files.append(path) }
    func contents(_ path: String) throws(IndexError) -> MemoryRegion { try files.contents(path) }
    func size(_ path: String) -> Int? { files.size(path) }
    func stamp(_ path: String) -> FileStamp? { files.stamp(path) }
    func rename(_ path: String, to other: String) throws(IndexError) { try files.rename(path, to: other) }
    func remove(_ path: String) throws(IndexError) { try files.remove(path) }
    func removeFolder(_ path: String) { files.removeFolder(path) }
    func names(in folder: String) throws(IndexError) -> [String] { try files.names(in: folder) }
    func syncFolder(_ path: String) throws(IndexError) { try files.syncFolder(path) }
    func lock(_ path: String) throws(IndexError) -> (any AnyObject & Sendable)? { try files.lock(path) }
}

#endif
