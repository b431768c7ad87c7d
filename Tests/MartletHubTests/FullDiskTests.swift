#if Hub

import MartletSystem
import NIOHTTP1
import Synchronization
import Testing

@testable import MartletHub

/// Pulls onto a disk that has no room left. Tests/Hub/full_disk.py does the same with a real one.
@Suite struct FullDiskTests {
    private let scratch: Scratch
    private let repository = FakeRepository.model
    private let weights = "model.safetensors"

    init() throws { scratch = try Scratch() }

    private var digest: String { repository.digest(weights) }
    private var partial: String { "\(scratch.folder)/blobs/\(digest).incomplete" }

    /// A disk on which a file may have so many bytes.
    private static func disk(room: Int, reason: Int32 = ENOSPC) -> Disk {
        var disk = Disk()
        let write = disk.write
        disk.write = { descriptor, bytes, offset in
            guard offset < room else {
                errno = reason
                return -1
            }
            // What fits is written, as systems do.
            let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(room - offset))
            return write(descriptor, part, offset)
        }
        return disk
    }

    @Test(arguments: [(0, ENOSPC), (1, ENOSPC), (4000, ENOSPC), (9999, EDQUOT)])
    func `a disk that fills is told, and the next pull goes on`(room: Int, reason: Int32) async throws {
        let repository = repository
        let server = try await HTTPServer { repository.answer($0) }
        let error = try #require(
            await #expect(throws: HubError.self) {
                try await scratch.pull(scratch.hub(server, disk: Self.disk(room: room, reason: reason)))
            })
        #expect(error.code == .io)
        // The file, the place, the reason and what to do.
        if room >= 4000 {
            #expect(error.message.hasPrefix("org/tiny/\(weights): cannot write \(partial): "), "\(error)")
        }
        #expect(error.message.hasPrefix("org/tiny/") && error.message.contains(scratch.path), "\(error)")
        #expect(error.message.contains(String(cString: strerror(reason))), "\(error)")
        #expect(error.message.contains("make room there and pull again"), "\(error)")
        #expect(error.message.contains("HF_HUB_CACHE"), "\(error)")
        #expect(scratch.pauses.isEmpty)
        // Nothing looks whole.
        #expect(try scratch.hub(nil).find(FakeRepository.name) == nil)
        #expect(!Files.exists("\(scratch.folder)/blobs/\(digest)"))
        #expect(Files.tree("\(scratch.folder)/snapshots").isEmpty)

        let model = try await scratch.pull(scratch.hub(server))
        #expect(model.problem == nil)
        #expect(try Files.read("\(model.path)/\(weights)", limit: 1 << 20) == repository.files[weights])
        if room >= 4000 {
            #expect(server.requests(.GET, "/\(weights)").map(\.range) == [nil, "bytes=\(room)-"])
        }
    }

    @Test func `a model that cannot fit is not begun`() async throws {
        let repository = repository
        let server = try await HTTPServer { repository.answer($0) }
        var disk = Disk()
        disk.freeSpace = { _ in (1 << 20) - 1 }
        // As the hub announces it.
        var large = repository
        large.files[weights] = [UInt8](repeating: 0, count: 1 << 20 | 1)
        let other = try await HTTPServer { [large] in large.answer($0) }
        let error = try #require(
            await #expect(throws: HubError.self) { try await scratch.pull(scratch.hub(other, disk: disk)) })
        #expect(
            error.message.hasPrefix(
                "org/tiny needs 2 MiB more, and \(scratch.path)/hub has 0 MiB left; make room there"),
            "\(error)")
        #expect(other.requests(.GET, "/\(weights)").isEmpty)
        #expect(try scratch.hub(nil).find(FakeRepository.name) == nil)
        #expect(try await scratch.pull(scratch.hub(server, disk: disk)).problem == nil)
    }

    @Test func `only a full disk asks for room`() {
        #expect(Files.failure("write", "/x", code: ENOSPC).message.contains("make room"))
        #expect(Files.failure("write", "/x", code: EDQUOT).message.contains("make room"))
        #expect(Files.failure("write", "/x", code: EIO).message == "cannot write /x: Input/output error")
    }
}

#endif
