#if Hub

import NIOHTTP1
import Synchronization
import Testing

@testable import MartletHub

/// Pulls that meet, and pulls that end early.
@Suite struct ConcurrencyTests {
    private let scratch: Scratch
    private let repository = FakeRepository.model

    init() throws { scratch = try Scratch() }

    @Test func `two pulls at once fetch every file once`() async throws {
        let server = try await HTTPServer(repository.answer)
        let (first, second) = (scratch.hub(server), scratch.hub(server))
        async let one = scratch.pull(first)
        async let two = scratch.pull(second)
        let models = try await [one, two]
        #expect(models[0] == models[1])
        #expect(models[0].problem == nil)
        for file in FakeRepository.needed {
            #expect(server.requests(.GET, "/\(repository.commit)/\(file)").count == 1, "\(file)")
        }
    }

    /// Links are made beside their places; two pulls of one process must not take each other's.
    @Test func `links are made by many at once`() async throws {
        let folder = "\(scratch.folder)/links"
        try Files.makeFolder(folder)
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    for step in 0..<200 { try Files.link("\(folder)/a", to: "target-\(number)-\(step)") }
                }
            }
            try await group.waitForAll()
        }
        #expect(
            Files.names(in: folder) == ["a"] && Files.linkTarget("\(folder)/a")?.hasSuffix("-199") == true)
    }

    @Test func `a pull waits for who has the lock, and takes what they fetched`() async throws {
        let server = try await HTTPServer(repository.answer)
        let digest = repository.digest("model.safetensors")
        try Files.makeFolder(scratch.cache.locks(FakeRepository.name))
        let path = "\(scratch.cache.locks(FakeRepository.name))/\(digest).lock"
        let held = Mutex<FileLock?>(try FileLock.take(path))
        #expect(held.withLock { $0 != nil })
        #expect(try FileLock.take(path) == nil)
        let bytes = repository.files["model.safetensors"] ?? []
        let (scratch, hub) = (scratch, scratch.hub(server))
        let model = try await hub.pull(FakeRepository.name) { event in
            guard case .waiting(let file) = event, file.path == "model.safetensors" else { return }
            // The other one is done.
            try? scratch.write("\(scratch.folder)/blobs/\(digest)", bytes)
            held.withLock { $0 = nil }
        }
        #expect(model.problem == nil)
        #expect(scratch.pauses.contains(.milliseconds(500)))
        #expect(server.requests(.GET, "/model.safetensors").isEmpty)
    }

    @Test func `a pull that is cancelled goes on where it stopped`() async throws {
        let bytes = repository.files["model.safetensors"] ?? []
        let server = try await HTTPServer { [repository] request in
            let isFirst =
                request.method == .GET && request.path.hasSuffix("/model.safetensors") && request.earlier == 0
            return isFirst ? .stalled(200, [], bytes, sent: 7000) : repository.answer(request)
        }
        let (hub, scratch) = (scratch.hub(server), scratch)
        let (arrived, signal) = AsyncStream.makeStream(of: Void.self)
        let pull = Task {
            try await hub.pull(FakeRepository.name) { event in
                if case .received(let file, 7000) = event, file.path == "model.safetensors" {
                    signal.finish()
                }
            }
        }
        for await _ in arrived {}
        pull.cancel()
        await #expect(throws: CancellationError.self) { try await pull.value }
        let partial = "\(scratch.folder)/blobs/\(repository.digest("model.safetensors")).incomplete"
        #expect(Files.status(partial)?.size == 7000)
        #expect(try hub.find(FakeRepository.name) == nil)
        #expect(Files.names(in: "\(scratch.folder)/refs").isEmpty)
        let model = try await scratch.pull(hub)
        #expect(model.problem == nil)
        #expect(server.requests(.GET, "/model.safetensors").map(\.range) == [nil, "bytes=7000-"])
        #expect(!Files.exists(partial))
    }

    @Test func `a failed update leaves the model as it was`() async throws {
        let server = try await HTTPServer(repository.answer)
        let old = try await scratch.pull(scratch.hub(server))
        var next = repository
        next.commit = "fedcba9876543210fedcba9876543210fedcba98"
        next.files["model.safetensors"] = [9, 9, 9]
        let broken = try await HTTPServer { [next] request in
            request.path.hasSuffix("/model.safetensors") && request.method == .GET
                ? .whole(404, [], []) : next.answer(request)
        }
        await #expect(throws: HubError.self) { try await scratch.pull(scratch.hub(broken)) }
        #expect(try scratch.hub(nil).find(FakeRepository.name) == old)
        #expect(Files.names(in: "\(scratch.folder)/snapshots") == [old.commit])
    }
}

#endif
