#if Hub

import NIOHTTP1
import Testing

@testable import MartletHub

/// Answers that would write outside of the model's folder, or that are no answers.
@Suite struct HostileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func failure(_ repository: FakeRepository) async throws -> HubError {
        let server = try await HTTPServer(repository.answer)
        let error = try #require(
            await #expect(throws: HubError.self) { try await scratch.pull(scratch.hub(server)) })
        // Only the cache was touched, and no name leads to anything in it.
        #expect(Files.names(in: scratch.path) == ["hub"])
        #expect(
            Files.names(in: "\(scratch.path)/hub").allSatisfy {
                [".locks", "models--org--tiny"].contains($0)
            })
        #expect(Files.tree("\(scratch.folder)/snapshots").isEmpty)
        #expect(try scratch.hub(nil).find(FakeRepository.name) == nil)
        return error
    }

    @Test(arguments: [
        "../evil.json", "/etc/passwd", "a/../../b", "a//b", "./config.json", "a\\\\b", "..", "", "x/",
        "a\\u0000b",
    ])
    func `file names stay inside the folder`(name: String) async throws {
        var repository = FakeRepository.model
        repository.files[name] = [1]
        let error = try await failure(repository)
        #expect(error.code == .invalidResponse)
        #expect(error.message.contains("leads out of the model's folder"))
    }

    @Test(arguments: ["../../x", "main", "0123", "0123456789ABCDEF0123456789ABCDEF01234567", ""])
    func `commits are commits`(commit: String) async throws {
        var repository = FakeRepository.model
        repository.commit = commit
        let error = try await failure(repository)
        #expect(error.message.contains("no commit of 40 hexadecimal digits"))
    }

    @Test(arguments: ["../1_Pooling", "/1_Pooling", "1_Pooling/.."])
    func `modules lie inside the folder`(path: String) async throws {
        var repository = FakeRepository.model
        repository.files["modules.json"] = Array("[{\"type\": \"x\", \"path\": \"\(path)\"}]".utf8)
        let error = try await failure(repository)
        #expect(error.message.contains("modules.json: the module path"))
    }

    @Test(arguments: ["../model.safetensors", "/model.safetensors", "a/b.safetensors"])
    func `shards lie beside their index`(shard: String) async throws {
        var repository = FakeRepository.model
        repository.files["model.safetensors"] = nil
        repository.files["model.safetensors.index.json"] = Array(
            "{\"weight_map\": {\"t\": \"\(shard)\"}}".utf8)
        let error = try await failure(repository)
        #expect(error.message.contains("lies in no file of this folder"))
    }

    static let answers: [(String, String)] = [
        ("not json", "is no JSON"), ("[]", "names no commit"),
        ("{\"sha\": \"\(FakeRepository.model.commit)\"}", "has no \"siblings\""),
        ("{\"sha\": \"\(FakeRepository.model.commit)\", \"siblings\": [{}]}", "has no \"rfilename\""),
        ("<html></html>", "is http://127.0.0.1"),
    ]

    @Test(arguments: answers)
    func `a list that is none is refused`(text: String, expected: String) async throws {
        let server = try await HTTPServer { _ in .whole(200, [], Array(text.utf8)) }
        let error = try #require(
            await #expect(throws: HubError.self) { try await scratch.pull(scratch.hub(server)) })
        #expect(error.code == .invalidResponse)
        #expect(error.message.contains(expected), "\(error.message)")
    }

    static let heads: [([(String, String)], String)] = [
        ([("ETag", "\"../../../x\"")], "has no digest"), ([("ETag", "\"0123\"")], "has no digest"),
        ([], "has no digest"),
        ([("X-Linked-Etag", "\"\(String(repeating: "g", count: 64))\"")], "has no digest"),
        ([("ETag", "\"\(String(repeating: "a", count: 40))\""), ("X-Linked-Size", "-1")], "has no size"),
        (
            [
                ("X-Linked-Etag", "\"\(String(repeating: "a", count: 64))\""),
                ("X-Linked-Size", "9223372036854775807"),
            ], "has no size"
        ),
        (
            [("ETag", "\"\(String(repeating: "a", count: 40))\""), ("X-Repo-Commit", "other")],
            "is of commit \"other\""
        ),
    ]

    @Test(arguments: heads)
    func `a file without digest and size is refused`(headers: [(String, String)], expected: String)
        async throws
    {
        let repository = FakeRepository.model
        let server = try await HTTPServer {
            $0.method == .HEAD ? .whole(200, headers, []) : repository.answer($0)
        }
        let error = try #require(
            await #expect(throws: HubError.self) { try await scratch.pull(scratch.hub(server)) })
        #expect(error.code == .invalidResponse)
        #expect(error.message.contains(expected), "\(error.message)")
    }

    @Test func `a folder of the cache that is a file is an error`() async throws {
        try scratch.write(scratch.folder, [1])
        let server = try await HTTPServer(FakeRepository.model.answer)
        let error = try #require(
            await #expect(throws: HubError.self) { try await scratch.pull(scratch.hub(server)) })
        #expect(error.code == .io)
    }

    @Test func `an endpoint that is no address is refused`() async throws {
        for endpoint in ["huggingface.co", "ftp://x", "https://", "http://a b"] {
            let hub = Hub(cache: scratch.path, endpoint: endpoint, offline: false)
            let error = try #require(
                await #expect(throws: HubError.self) { try await hub.pull(FakeRepository.name) })
            #expect(error.message.contains("HF_ENDPOINT"))
        }
    }
}

#endif
