#if Hub

import MartletSystem
import NIOHTTP1
import Testing

@testable import MartletHub

/// Pulls from a server that speaks the hub's routes, and behaves.
@Suite struct PullTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `a pull fetches what the engine needs, and Python finds it`() async throws {
        let repository = FakeRepository.model
        let server = try await HTTPServer(repository.answer)
        let model = try await scratch.pull(scratch.hub(server))
        let snapshot = "\(scratch.folder)/snapshots/\(repository.commit)"
        #expect(Files.tree(snapshot).sorted() == FakeRepository.needed.sorted())
        for file in FakeRepository.needed {
            #expect(try Files.read("\(snapshot)/\(file)", limit: 1 << 20) == repository.files[file])
            let up = file.contains("/") ? "../../../" : "../../"
            #expect(Files.linkTarget("\(snapshot)/\(file)") == "\(up)blobs/\(repository.digest(file))")
        }
        #expect(try Files.read("\(scratch.folder)/refs/main", limit: 100) == Array(repository.commit.utf8))
        #expect(Files.names(in: "\(scratch.folder)/blobs").allSatisfy { !$0.contains("incomplete") })
        #expect(Files.names(in: scratch.folder) == ["blobs", "refs", "snapshots"])
        #expect(
            Set(Files.names(in: "\(scratch.path)/hub/.locks/models--org--tiny")).count
                == FakeRepository.needed.count)
        #expect(model.path == snapshot)
        #expect(model.commit == repository.commit)
        #expect(model.revisions == ["main"])
        #expect(model.kind == .dense)
        #expect(model.family == "bert")
        #expect(model.problem == nil)
        #expect(model.size == FakeRepository.needed.reduce(0) { $0 + (repository.files[$1]?.count ?? 0) })
        #expect(scratch.pauses.isEmpty)
    }

    /// As Python's files are: the users of a shared cache can replace each other's.
    @Test func `who may write to the cache, the umask says`() async throws {
        let before = umask(0o002)
        defer { umask(before) }
        let repository = FakeRepository.model
        let server = try await HTTPServer(repository.answer)
        try await scratch.pull(scratch.hub(server))
        for file in ["refs/main", "blobs/\(repository.digest("config.json"))"] {
            var status = stat()
            #expect(stat("\(scratch.folder)/\(file)", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o664, "\(file)")
        }
    }

    @Test func `what is there is not fetched again`() async throws {
        let server = try await HTTPServer(FakeRepository.model.answer)
        let first = try await scratch.pull(scratch.hub(server))
        let gets = server.requests(.GET, "").count
        let second = try await scratch.pull(scratch.hub(server))
        #expect(second.commit == first.commit)
        #expect(server.requests(.GET, "").count == gets + 1, "the list alone")
    }

    @Test func `the events tell the whole story`() async throws {
        let repository = FakeRepository.model
        let server = try await HTTPServer(repository.answer)
        try await scratch.pull(scratch.hub(server))
        #expect(scratch.events.first == .resolved(commit: repository.commit))
        let weights = scratch.events.filter { event in
            if case .received(let file, _) = event { file.path == "model.safetensors" } else { false }
        }
        guard case .received(let file, let bytes)? = weights.last else {
            throw HubError(.io, "no event of the weights")
        }
        #expect(bytes == 10_000)
        #expect(file.size == 10_000)
        #expect(file.digest == repository.digest("model.safetensors"))
        #expect(scratch.events.contains(.finished(file: file)))
        let hub = scratch.hub(server)
        var last: PullEvent?
        for try await event in hub.events(pulling: FakeRepository.name) { last = event }
        guard case .planned(let files)? = last else {
            throw HubError(.io, "all files are cached, so the plan is the last event")
        }
        #expect(files.map(\.path) == FakeRepository.needed)
        #expect(files.allSatisfy { $0.wasCached })
    }

    @Test func `a token goes to the hub, and to no other host`() async throws {
        let storage = try await HTTPServer(FakeRepository.model.store)
        var repository = FakeRepository.model
        repository.storage = storage.address
        let hub = try await HTTPServer(repository.answer)
        let model = try await scratch.pull(scratch.hub(hub, token: "hf_secret"))
        #expect(model.problem == nil)
        #expect(hub.requests.allSatisfy { $0.token == "Bearer hf_secret" })
        #expect(storage.requests.count == 1)
        #expect(storage.requests.allSatisfy { $0.token == nil })
    }

    @Test func `without a token none is sent`() async throws {
        let server = try await HTTPServer(FakeRepository.model.answer)
        try await scratch.pull(scratch.hub(server))
        #expect(server.requests.allSatisfy { $0.token == nil })
        #expect(server.requests.allSatisfy { $0.headers.first(name: "Accept-Encoding") == "identity" })
    }

    @Test func `a proxy is asked for a way to the hub`() async throws {
        let proxy = try await HTTPServer { _ in .whole(403, [], []) }
        let hub = scratch.hub(nil, attempts: 1, endpoint: "http://hub.invalid", proxy: proxy.address)
        await #expect(throws: HubError.self) { try await scratch.pull(hub) }
        #expect(proxy.requests.map(\.method) == [.CONNECT])
        #expect(proxy.requests.map(\.path) == ["hub.invalid:80"])
    }

    @Test func `a renamed model is followed`() async throws {
        let repository = FakeRepository.model
        let server = try await HTTPServer { request in
            guard request.path.contains("/old/") else { return repository.answer(request) }
            let path = request.path.replacing("/old/name/", with: "/\(FakeRepository.name)/")
            return .whole(307, [("Location", path)], [])
        }
        let model = try await scratch.pull(scratch.hub(server), "old/name")
        #expect(model.repository == "old/name")
        #expect(model.problem == nil)
    }

    @Test(arguments: [("refs/pr/7", "refs%2Fpr%2F7"), ("v1.5", "v1.5"), ("main", "main")])
    func `revisions are asked for and kept`(revision: String, encoded: String) async throws {
        let repository = FakeRepository.model
        let server = try await HTTPServer(repository.answer)
        let hub = scratch.hub(server)
        try await scratch.pull(hub, "org/tiny@\(revision)")
        #expect(server.requests.first?.path == "/api/models/org/tiny/revision/\(encoded)")
        #expect(
            try Files.read("\(scratch.folder)/refs/\(revision)", limit: 100) == Array(repository.commit.utf8))
        #expect(try hub.find("org/tiny@\(revision)")?.commit == repository.commit)
        #expect(try hub.find("org/tiny@other") == nil)
    }

    @Test func `a commit needs no reference`() async throws {
        let repository = FakeRepository.model
        let server = try await HTTPServer(repository.answer)
        let hub = scratch.hub(server)
        try await scratch.pull(hub, "org/tiny@\(repository.commit)")
        #expect(Files.names(in: "\(scratch.folder)/refs").isEmpty)
        #expect(try hub.find("org/tiny@\(repository.commit)")?.problem == nil)
        #expect(try hub.find("org/tiny") == nil)
    }

    @Test func `shards come with their index`() async throws {
        var repository = FakeRepository.model
        repository.files["model.safetensors"] = nil
        repository.files["model-1.safetensors"] = FakeRepository.weights(names: [FakeRepository.words, "c"])
        repository.files["model-2.safetensors"] = FakeRepository.weights(names: ["b"])
        repository.files["model-3.safetensors"] = [6]
        repository.files["model.safetensors.index.json"] = Array(
            #"{"weight_map": {"\#(FakeRepository.words)": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}"#
                .utf8)
        let server = try await HTTPServer { [repository] in repository.answer($0) }
        let hub = scratch.hub(server)
        let model = try await scratch.pull(hub)
        let files = Files.tree(model.path)
        #expect(
            files.filter { $0.hasPrefix("model") }.sorted() == [
                "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json",
            ])
        #expect(model.problem == nil)
        try Files.remove("\(model.path)/model-2.safetensors")
        #expect(try hub.find("org/tiny")?.problem?.contains("lacks model-2.safetensors") == true)
    }

    /// The zip form of torch.save, and an export with its data beside it.
    @Test(arguments: ["pytorch_model.bin", "onnx/model.onnx"])
    func `other forms of weights are fetched where there is nothing better`(form: String) async throws {
        var repository = FakeRepository.model
        for name in ["model.safetensors", "2_Unused/model.safetensors"] { repository.files[name] = nil }
        repository.files["onnx/model.onnx_data"] = [0]
        repository.files["onnx/model_quantized.onnx"] = [1]
        repository.files["pytorch_model.bin"] = Array("PK, and words".utf8)
        if form != "pytorch_model.bin" { repository.files["pytorch_model.bin"] = nil }
        let server = try await HTTPServer { [repository] in repository.answer($0) }
        let hub = scratch.hub(server)
        let model = try await scratch.pull(hub)
        let data = form.hasPrefix("onnx") ? ["onnx/model.onnx_data"] : []
        #expect(
            Files.tree(model.path).sorted() == (FakeRepository.needed.dropLast() + data + [form]).sorted())
        // They are words and no weights, which the listing says.
        #expect(model.problem?.contains(form) == true)
        #expect(model.family == "bert")
    }

    /// Before PyTorch 1.6 torch.save wrote a pickle, which is not read. Its first bytes tell; some servers
    /// send more of them than asked for.
    @Test(arguments: [true, false])
    func `an export is fetched in place of an old pickle`(knowsRanges: Bool) async throws {
        var repository = FakeRepository.model
        for name in ["model.safetensors", "2_Unused/model.safetensors"] { repository.files[name] = nil }
        let server = try await HTTPServer { [repository] request in
            if knowsRanges || !request.path.hasSuffix(".bin") || request.method == .HEAD {
                return repository.answer(request)
            }
            return .whole(200, [], repository.files["pytorch_model.bin"] ?? [])
        }
        let hub = scratch.hub(server)
        let needed = (FakeRepository.needed.dropLast() + ["onnx/model.onnx"]).sorted()
        let model = try await scratch.pull(hub)
        #expect(Files.tree(model.path).sorted() == needed)
        #expect(server.requests(.GET, ".bin").map(\.range) == ["bytes=0-1"])
        // Where nothing else is there, it is fetched, and the listing says what it is.
        repository.files["onnx/model.onnx"] = nil
        let other = try await HTTPServer { [repository] in repository.answer($0) }
        let second = try Scratch()
        let old = try await second.pull(second.hub(other))
        #expect(
            Files.tree(old.path).contains("pytorch_model.bin")
                && old.problem?.contains("pytorch_model.bin") == true)
        #expect(other.requests(.GET, ".bin").map(\.range) == [nil])
    }

    @Test func `what of torch's is in the cache is not asked for again`() async throws {
        var repository = FakeRepository.model
        for name in ["model.safetensors", "2_Unused/model.safetensors"] { repository.files[name] = nil }
        repository.files["pytorch_model.bin"] = Array("PK, and words".utf8)
        let server = try await HTTPServer { [repository] in repository.answer($0) }
        for _ in 0..<2 { try await scratch.pull(scratch.hub(server)) }
        #expect(server.requests(.GET, ".bin").map(\.range) == ["bytes=0-1", nil])
    }

    @Test func `offline opens no connection`() async throws {
        let server = try await HTTPServer(FakeRepository.model.answer)
        let offline = scratch.hub(server, offline: true)
        await #expect(throws: HubError.self) { try await scratch.pull(offline) }
        #expect(server.connections == 0)
        try await scratch.pull(scratch.hub(server))
        let connections = server.connections
        #expect(connections > 0)
        #expect(try await scratch.pull(offline).problem == nil)
        #expect(server.connections == connections)
    }
}

#endif
