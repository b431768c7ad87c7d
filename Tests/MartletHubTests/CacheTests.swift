#if Hub

import Martlet
import Testing

@testable import MartletHub

/// A cache as Python leaves it: what is found, listed and removed.
@Suite struct CacheTests {
    private static let old = "0000000000000000000000000000000000000001"
    private static let new = "0000000000000000000000000000000000000002"
    private let scratch: Scratch
    private let hub: Hub

    init() throws {
        scratch = try Scratch()
        hub = scratch.hub(nil, offline: true)
    }

    /// Puts a file into a snapshot; its blob is named by the text.
    private func add(_ repository: String, _ commit: String, _ file: String, _ text: String, blob: String)
        throws
    {
        try add(repository, commit, file, Array(text.utf8), blob: blob)
    }

    private func add(_ repository: String, _ commit: String, _ file: String, _ bytes: [UInt8], blob: String)
        throws
    {
        let folder = scratch.cache.folder(repository)
        try scratch.write("\(folder)/blobs/\(blob)", bytes)
        let path = "\(folder)/snapshots/\(commit)/\(file)"
        try Files.makeFolder(
            path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
        try Files.link(path, to: (file.contains("/") ? "../" : "") + "../../blobs/\(blob)")
    }

    /// What all files of `addModel` but the weights have.
    private static let small = FakeRepository.configuration.utf8.count + 2 + 2

    private func addModel(
        _ repository: String, _ commit: String, config: String = FakeRepository.configuration, weights: String
    ) throws {
        try add(repository, commit, "config.json", config, blob: "config")
        try add(repository, commit, "tokenizer.json", "{}", blob: "tokenizer")
        try add(repository, commit, "1_Pooling/config.json", "{}", blob: "pooling")
        try add(repository, commit, "model.safetensors", FakeRepository.weights(tag: weights), blob: weights)
    }

    private func refer(_ repository: String, _ name: String, _ commit: String) throws {
        try scratch.write("\(scratch.cache.refs(repository))/\(name)", Array(commit.utf8))
    }

    @Test func `what Python fetched is found`() throws {
        try addModel("a/b", Self.new, weights: "w")
        #expect(try hub.find("a/b") == nil, "no reference leads to it")
        try refer("a/b", "main", Self.new)
        let model = try #require(try hub.find("a/b"))
        #expect(model.path == "\(scratch.cache.folder("a/b"))/snapshots/\(Self.new)")
        #expect(model.problem == nil)
        #expect(model.family == "bert")
        #expect(try hub.require("a/b") == model)
        #expect(try hub.find("a/b@\(Self.new)")?.commit == Self.new)
        #expect(try hub.find("a/b@\(Self.old)") == nil)
    }

    @Test(arguments: ["config.json", "tokenizer.json", "model.safetensors"])
    func `a model that is not whole is told from a whole one`(file: String) throws {
        try addModel("a/b", Self.new, weights: "w")
        try refer("a/b", "main", Self.new)
        // The link stays, as when a blob was deleted by hand.
        let target = try #require(
            Files.linkTarget("\(scratch.cache.folder("a/b"))/snapshots/\(Self.new)/\(file)"))
        try Files.remove("\(scratch.cache.folder("a/b"))/blobs/\(target.split(separator: "/").last ?? "")")
        let problem = try #require(try hub.find("a/b")?.problem)
        #expect(problem.hasPrefix("the cache lacks "))
        #expect(problem.hasSuffix("; run: martlet pull a/b"))
        #expect(throws: HubError.self) { try hub.require("a/b") }
    }

    @Test func `a model that is not there says how to get it`() throws {
        let error = try #require(throws: HubError.self) { try hub.require("bge-small") }
        #expect(error.code == .notFound)
        #expect(error.message.hasSuffix("; run: martlet pull bge-small"))
    }

    @Test(arguments: ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "vocab.txt"])
    func `a tokenizer may be of another form`(file: String) throws {
        try addModel("a/b", Self.new, weights: "w")
        try refer("a/b", "main", Self.new)
        try Files.remove("\(scratch.cache.snapshot("a/b", Self.new))/tokenizer.json")
        #expect(try hub.find("a/b")?.problem == "the cache lacks tokenizer.json; run: martlet pull a/b")
        try add("a/b", Self.new, file, "x", blob: "x")
        #expect(try hub.find("a/b")?.problem == nil)
    }

    static let references = ["../../x", "0123", "", "\n", "0000000000000000000000000000000000000002\nmore"]

    @Test(arguments: references)
    func `a reference that is no commit leads nowhere`(text: String) throws {
        try addModel("a/b", Self.new, weights: "w")
        try refer("a/b", "main", text)
        #expect((try hub.find("a/b") != nil) == text.hasSuffix("more"), "only its first line counts")
    }

    @Test func `every model is listed, with what it is`() throws {
        try addModel("a/b", Self.old, weights: "w1")
        try addModel("a/b", Self.new, weights: "w2")
        try refer("a/b", "main", Self.new)
        try addModel(
            "c/ranks", Self.new,
            config: #"{"model_type": "bert", "architectures": ["BertForSequenceClassification"]}"#,
            weights: "w")
        try addModel("d/rwkv", Self.new, config: #"{"model_type": "rwkv"}"#, weights: "w")
        try add("e/onnx", Self.new, "model.onnx", "x", blob: "x")
        try add("f/none", Self.new, "README.md", "x", blob: "x")
        try addModel("single", Self.new, weights: "w")
        try scratch.write("\(scratch.path)/hub/version.txt", [49])
        try Files.makeFolder("\(scratch.path)/hub/datasets--a--b/snapshots/\(Self.new)")
        try Files.makeFolder("\(scratch.path)/hub/models--..--x/snapshots/\(Self.new)")
        let models = hub.list()
        #expect(
            models.map(\.repository) == ["a/b", "a/b", "c/ranks", "d/rwkv", "e/onnx", "f/none", "single"])
        #expect(models.map(\.revisions) == [[], ["main"], [], [], [], [], []])
        #expect(models[2].kind == .reranker)
        #expect(models[3].problem == "the architecture \"rwkv\" is not supported")
        #expect(models[4].problem == "the cache lacks config.json, tokenizer.json; run: martlet pull e/onnx")
        #expect(models[5].problem?.hasPrefix("the cache lacks weights in a form that is read") == true)
        #expect(models[0].size == Self.small + 10_000)
    }

    /// What a load would stumble over, told without one.
    @Test func `whether a model runs is seen in its files`() throws {
        func problem(
            _ config: String, _ weights: [UInt8], _ file: String = "model.safetensors",
            of name: String = "a/b"
        ) throws -> String? {
            try add(name, Self.new, "config.json", config, blob: "config")
            try add(name, Self.new, "tokenizer.json", "{}", blob: "tokenizer")
            try add(name, Self.new, file, weights, blob: "weights")
            defer { try? Files.removeTree(scratch.cache.folder(name)) }
            return try hub.find("\(name)@\(Self.new)")?.problem
        }
        let config = FakeRepository.configuration
        #expect(try problem(config, FakeRepository.weights()) == nil)
        #expect(
            try problem(config, FakeRepository.weights(words: 59))?.contains(
                "has shape [59, 40], expected [60, 40]") == true)
        #expect(
            try problem(config, FakeRepository.weights(names: ["other"]))?.contains("has no tensor") == true)
        #expect(
            try problem(config, Array("no weights".utf8))?.contains("neither GGUF nor safetensors") == true)
        #expect(
            try problem(config.replacing("60", with: "-1"), FakeRepository.weights())?.contains("vocab_size")
                == true)
        #expect(try problem("{", FakeRepository.weights())?.contains("config.json: is no JSON") == true)
        #expect(try problem(config, Array("PK\u{3}\u{4}".utf8), "pytorch_model.bin")?.contains("zip") == true)
        // A graph with a fused operation; its publisher is known.
        let fused: [UInt8] = [8, 8, 18, 0, 58, 12, 10, 10, 34, 8] + Array("QAttenti".utf8)
        let bytes: [UInt8] = [8, 8, 18, 0, 58, 14, 10, 12, 34, 10] + Array("QAttention".utf8)
        #expect(try problem(config, fused, "model.onnx", of: "a/b")?.contains("has no tensor") == true)
        let told = try problem(config, bytes, "model_optimized.onnx", of: "Qdrant/bge-small-en-v1.5-onnx-Q")
        #expect(
            told?.contains("fused or quantised") == true
                && told?.hasSuffix("martlet pull BAAI/bge-small-en-v1.5") == true)
    }

    /// As a load chooses: an export goes before a pickle of torch.save's, which is not read, and behind its
    /// zip form.
    @Test func `an export counts where torch's file is an old pickle`() throws {
        try link(Fixtures.path("onnx/bert"), "a/b")
        try add("a/b", Self.new, "tokenizer.json", "{}", blob: "tokenizer")
        #expect(try hub.find("a/b")?.problem == nil)
        try add("a/b", Self.new, "pytorch_model.bin", [0x80, 2], blob: "pickle")
        #expect(try hub.find("a/b")?.problem == nil)
        try add("a/b", Self.new, "pytorch_model.bin", Array("PK\u{3}\u{4}".utf8), blob: "zip")
        #expect(try hub.find("a/b")?.problem?.contains("pytorch_model.bin") == true)
    }

    @Test func `a model of OpenVINO is whole`() throws {
        try link(Fixtures.path("openvino/bert"), "a/b")
        try add("a/b", Self.new, "tokenizer.json", "{}", blob: "tokenizer")
        #expect(try hub.find("a/b")?.problem == nil)
    }

    /// Links the files of a fixture to a snapshot.
    private func link(_ fixture: String, _ repository: String, leavingOut: Set<String> = []) throws {
        for file in Files.tree(fixture) where !leavingOut.contains(file) {
            let path = "\(scratch.cache.snapshot(repository, Self.new))/\(file)"
            try Files.makeFolder(
                path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            )
            try Files.link(path, to: "\(fixture)/\(file)")
        }
        try refer(repository, "main", Self.new)
    }

    /// cde-small-v1 has a configuration of its own, two encoders in one file, and no tokenizer.
    @Test func `a model that reads a corpus is whole without a tokenizer`() throws {
        let fixture = Fixtures.path("contextual/cde")
        try link(fixture, "jxm/cde-small-v1", leavingOut: ["tokenizer.json", "tokenizer_config.json"])
        let model = try hub.require("cde-small-v1")
        #expect(
            model.problem == nil && model.kind == .dense
                && model.source.published?.queryPrompt == "search_query: ")
        #expect(try model.source.isContextual())
        try link(fixture, "a/b", leavingOut: ["model.safetensors"])
        #expect(try hub.find("a/b")?.problem?.hasPrefix("the cache lacks weights") == true)
        // Both stages are looked at.
        for (number, names) in [
            [FakeRepository.words], ["first_stage_model.embedder.embeddings.word_embeddings.weight"],
            ["second_stage_model.backbone.embeddings.word_embeddings.weight"],
        ].enumerated() {
            let name = "c/\(number)"
            try link(fixture, name, leavingOut: ["model.safetensors"])
            try add(
                name, Self.new, "model.safetensors", FakeRepository.weights(words: 300, names: names),
                blob: "w")
            #expect(try hub.find(name)?.problem?.contains("has no tensor") == true)
        }
        try link(fixture, "d/e", leavingOut: ["backbone/config.json"])
        #expect(
            try hub.find("d/e")?.problem?.contains(
                "the stages are made of \"backbone\", which is not described here") == true)
    }

    /// An export does not say how to pool; the model that it is an export of is known.
    @Test func `facts of a model hold for its exports`() throws {
        try addModel("Qdrant/bge-large-en-v1.5-onnx", Self.new, weights: "w")
        let model = try #require(try hub.find("Qdrant/bge-large-en-v1.5-onnx@\(Self.new)"))
        #expect(model.known?.repository == "BAAI/bge-large-en-v1.5" && model.kind == .dense)
        #expect(model.source.published?.pooling == .cls && model.source.published?.queryPrompt != nil)
        for (export, origin) in KnownExports.origins {
            #expect(
                ModelReference.isRepository(export) && ModelReference.isRepository(origin)
                    && KnownExports.origins[origin] == nil)
        }
    }

    @Test func `a broken GGUF file is listed with its fault`() throws {
        try add("a/b", Self.new, "m-Q8_0.gguf", "GGUF", blob: "x")
        try refer("a/b", "main", Self.new)
        let model = try #require(try hub.find("a/b"))
        #expect(model.path.hasSuffix("/m-Q8_0.gguf"))
        #expect(model.problem?.contains("m-Q8_0.gguf") == true)
        #expect(
            try hub.find("a/b:Q4_0")?.problem
                == "the cache lacks the GGUF file \"Q4_0\"; run: martlet pull a/b:Q4_0")
    }

    @Test func `removing a commit frees what only it uses`() throws {
        try addModel("a/b", Self.old, weights: "w-old")
        try addModel("a/b", Self.new, weights: "w-new")
        try refer("a/b", "main", Self.new)
        try refer("a/b", "v1", Self.old)
        let removal = try hub.removal(of: "a/b@v1")
        #expect(removal.commits == [Self.old])
        #expect(removal.bytes == 10_000)
        try hub.remove(removal)
        #expect(Files.names(in: scratch.cache.blobs("a/b")) == ["config", "pooling", "tokenizer", "w-new"])
        #expect(Files.names(in: scratch.cache.refs("a/b")) == ["main"])
        #expect(try hub.find("a/b")?.problem == nil)
        #expect(try hub.find("a/b@v1") == nil)
        #expect(throws: HubError.self) { try hub.removal(of: "a/b@v1") }
        // The last commit takes the repository with it.
        try hub.remove(try hub.removal(of: "a/b@main"))
        #expect(Files.names(in: "\(scratch.path)/hub").filter { $0.hasPrefix("models--") }.isEmpty)
    }

    @Test func `removing a model removes all of it, and nothing else`() throws {
        try addModel("a/b", Self.old, weights: "w1")
        try addModel("a/b", Self.new, weights: "w2")
        try addModel("a/c", Self.new, weights: "w3")
        try refer("a/c", "main", Self.new)
        try Files.makeFolder(scratch.cache.locks("a/b"))
        let outside = "\(scratch.path)/precious"
        try scratch.write(outside, [1])
        try Files.link("\(scratch.cache.snapshot("a/b", Self.new))/escape", to: outside)
        try Files.link("\(scratch.cache.snapshot("a/b", Self.new))/folder", to: scratch.cache.folder("a/c"))
        let removal = try hub.removal(of: "a/b")
        #expect(removal.commits == [Self.old, Self.new])
        #expect(removal.bytes == Self.small + 20_000)
        try hub.remove(removal)
        #expect(hub.list().map(\.repository) == ["a/c"])
        #expect(try hub.find("a/c")?.problem == nil)
        #expect(Files.exists(outside))
        #expect(Files.names(in: "\(scratch.path)/hub/.locks").isEmpty)
        #expect(throws: HubError.self) { try hub.removal(of: "a/b") }
    }

    @Test func `a model that is being pulled is not removed`() throws {
        try addModel("a/b", Self.new, weights: "w")
        try Files.makeFolder(scratch.cache.locks("a/b"))
        let lock = try FileLock.take("\(scratch.cache.locks("a/b"))/w.lock")
        let removal = try hub.removal(of: "a/b")
        #expect(try #require(throws: HubError.self) { try hub.remove(removal) }.code == .busy)
        #expect(hub.list().count == 1)
        withExtendedLifetime(lock) {}
    }
}

#endif
