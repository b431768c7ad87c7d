#if Hub

import NIOHTTP1
import Synchronization

@testable import MartletHub

/// A repository as the hub shows it: a list, and files of which the large ones lie on a storage host.
struct FakeRepository: Sendable {
    static let name = "org/tiny"

    var commit = "0123456789abcdef0123456789abcdef01234567"
    var files: [String: [UInt8]] = [:]
    /// Files that Git LFS holds.
    var large: Set<String> = ["model.safetensors"]
    /// The storage host of large files; nil: the hub itself sends them, without a redirect.
    var storage: String?

    /// A model of a few bytes: its table of words is all that is looked at, and none of these tests loads it.
    static var model: FakeRepository {
        var repository = FakeRepository()
        repository.files = [
            "config.json": Array(configuration.utf8),
            "tokenizer.json": Array("{}".utf8),
            "tokenizer_config.json": Array("{ }".utf8),
            "modules.json": Array(
                #"""
                [{"type": "sentence_transformers.models.Transformer", "path": ""},
                 {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]
                """#.utf8),
            "1_Pooling/config.json": Array(#"{"pooling_mode_cls_token": true}"#.utf8),
            "2_Unused/model.safetensors": Array("not a module".utf8),
            "config_sentence_transformers.json": Array("{}\n".utf8),
            "model.safetensors": weights(),
            "pytorch_model.bin": Array("the same weights, as a pickle".utf8),
            "onnx/model.onnx": Array("and once more".utf8),
            "README.md": Array("# tiny".utf8),
        ]
        return repository
    }

    /// Of a BERT with 60 words of 40 numbers.
    static let configuration = #"""
        {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 60, "hidden_size": 40, "num_hidden_layers": 1,
         "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 16, "type_vocab_size": 2}
        """#

    static let words = "embeddings.word_embeddings.weight"

    /// Tables of words, one after the other; one alone has 10,000 bytes with its header. `tag` tells copies
    /// apart.
    static func weights(words count: Int = 60, names: [String] = [words], tag: String = "") -> [UInt8] {
        let size = count * 40 * 4
        var header = #"{"__metadata__": {"tag": "\#(tag)"}"#
        for (place, name) in names.enumerated() {
            header +=
                #", "\#(name)": {"dtype": "F32", "shape": [\#(count), 40], "data_offsets": [\#(place * size), \#(place * size + size)]}"#
        }
        header += "}"
        header += String(repeating: " ", count: 392 - header.utf8.count)
        let length = withUnsafeBytes(of: UInt64(392).littleEndian) { Array($0) }
        return length + Array(header.utf8)
            + (0..<names.count * size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    }

    /// What a pull of `model` fetches.
    static let needed = [
        "1_Pooling/config.json", "config.json", "config_sentence_transformers.json", "modules.json",
        "tokenizer.json",
        "tokenizer_config.json", "model.safetensors",
    ]

    func digest(_ path: String) -> String {
        let bytes = files[path] ?? []
        let kind = large.contains(path) ? ContentDigest.Kind.sha256 : .gitBlob
        if let known = Self.digests.withLock({ $0[bytes]?[kind] }) { return known }
        var hasher = ContentDigest.Hasher(kind, size: bytes.count)
        bytes.withUnsafeBytes { hasher.update($0) }
        let digest = hasher.finish()
        Self.digests.withLock { $0[bytes, default: [:]][kind] = digest }
        return digest
    }

    /// Every test asks for the same ones.
    private static let digests = Mutex<[[UInt8]: [ContentDigest.Kind: String]]>([:])

    /// What a well-behaved hub answers.
    func answer(_ request: HTTPServer.Request) -> HTTPServer.Answer {
        let root = "/\(Self.name)/resolve/\(commit)/"
        if request.path.hasPrefix("/api/models/\(Self.name)/revision/") {
            let list = files.keys.sorted().map { "{\"rfilename\": \"\($0)\"}" }.joined(separator: ", ")
            return .whole(200, [], Array("{\"sha\": \"\(commit)\", \"siblings\": [\(list)]}".utf8))
        }
        guard request.path.hasPrefix(root) else {
            return .whole(404, [("X-Error-Code", "EntryNotFound")], [])
        }
        let path = String(request.path.dropFirst(root.count))
        guard let bytes = files[path] else { return .whole(404, [("X-Error-Code", "EntryNotFound")], []) }
        var headers = [("X-Repo-Commit", commit)]
        if large.contains(path) {
            headers += [
                ("X-Linked-Etag", "\"\(digest(path))\""), ("X-Linked-Size", "\(bytes.count)"),
                ("ETag", "\"none of ours\""),
            ]
            if let storage {
                return .whole(302, headers + [("Location", "\(storage)/blob/\(path)?signature=a%2Fb")], [])
            }
        } else {
            headers.append(("ETag", "W/\"\(digest(path))\""))
        }
        return Self.send(bytes, request, headers)
    }

    /// What the storage host answers.
    func store(_ request: HTTPServer.Request) -> HTTPServer.Answer {
        let path = request.path.dropFirst("/blob/".count).prefix { $0 != "?" }
        guard request.path.hasSuffix("?signature=a%2Fb"), let bytes = files[String(path)] else {
            return .whole(403, [], [])
        }
        return Self.send(bytes, request, [])
    }

    /// The bytes, or those of the range that was asked for.
    static func send(_ bytes: [UInt8], _ request: HTTPServer.Request, _ headers: [(String, String)])
        -> HTTPServer.Answer
    {
        let ends = request.range?.dropFirst("bytes=".count).split(separator: "-").map { Int($0) } ?? []
        guard case .some(.some(let start)) = ends.first else { return .whole(200, headers, bytes) }
        guard start < bytes.count else { return .whole(416, headers, []) }
        let last = min(ends.count > 1 ? ends[1] ?? .max : .max, bytes.count - 1)
        return .whole(
            206, headers + [("Content-Range", "bytes \(start)-\(last)/\(bytes.count)")],
            Array(bytes[start...last]))
    }
}

#endif
