import CMartlet
import Martlet
@testable import MartletC
import MartletMiniLM
import MartletSystem
import Testing

@Suite("C interface")
struct InterfaceTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    private func text(of path: String) throws -> String {
        let file = try MappedFile(path: "\(Self.root)/\(path)")
        return file.region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("the header declares what is exported, and every name has its function")
    func names() throws {
        let header = try text(of: "Sources/CMartlet/include/martlet.h")
        var declared: Set<String> = []
        for line in header.split(separator: "\n") where !line.hasPrefix(" ") && !line.hasPrefix("/*") {
            guard let end = line.firstIndex(of: "(") else { continue }
            let name = line[..<end].split { $0 == " " || $0 == "*" }.last ?? ""
            if name.hasPrefix("martlet_") { declared.insert(String(name)) }
        }
        let recorded = try text(of: "Sources/CMartlet/exports.txt").split(separator: "\n").map(String.init)
        #expect(declared == Set(recorded))
        #expect(recorded == recorded.sorted())
        #expect(recorded.count == 23)
    }

    @Test("statuses of Swift and of the header are the same numbers")
    func statuses() {
        #expect(MartletC.Status.busy.rawValue == Int32(MARTLET_BUSY))
        #expect(MartletC.Status.cancelled.rawValue == Int32(MARTLET_CANCELLED))
        #expect(MartletC.Status.allCases.count == Int(MARTLET_CANCELLED) + 1)
    }

    @Test("vectors, scores and token counts have the bits of the Swift library, across slices")
    func sameBits() throws {
        let texts = (0..<2100).map {
            "text \($0)\($0.isMultiple(of: 50) ? String(repeating: " and more", count: 300) : "")"
        }
        let expected = try Embedder(.miniLM).embedBlocking(texts, as: .document)
        var model: martlet_handle = 0
        #expect(MartletC.martlet_open(nil, nil, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        var vectors = [Float](repeating: 0, count: texts.count * 384)
        var cut = [UInt8](repeating: 7, count: texts.count)
        var usage = martlet_usage()
        let status = cut.withUnsafeMutableBufferPointer { cut in
            usage.truncated_texts = cut.baseAddress
            return withBlock(texts) { block in
                MartletC.martlet_embed(
                    model, block, #"{"role": "document"}"#, nil, &vectors, vectors.count, &usage, nil)
            }
        }
        #expect(status == MARTLET_OK)
        #expect(vectors == expected.floats)
        #expect(usage.tokens == Int64(expected.usage.tokens))
        #expect(usage.truncated == 42)
        #expect(cut.indices.filter { cut[$0] == 1 } == expected.usage.truncatedInputs)
    }

    @Test("an error of a later slice counts texts from the start of the call")
    func indices() throws {
        var texts = Array(repeating: "short", count: 3000)
        texts[2500] = String(repeating: "long ", count: 400)
        var model: martlet_handle = 0
        #expect(MartletC.martlet_open(nil, nil, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        var vectors = [Float](repeating: 0, count: texts.count * 384)
        var error: UnsafeMutablePointer<martlet_error>?
        let status = withBlock(texts) { block in
            MartletC.martlet_embed(
                model, block, #"{"truncation": "error"}"#, nil, &vectors, vectors.count, nil, &error)
        }
        defer { MartletC.martlet_error_free(error) }
        #expect(status == MARTLET_INVALID_INPUT)
        let found = try #require(error?.pointee)
        #expect(found.index == 2500)
        #expect(String(cString: found.code) == "input_too_long")
        #expect(String(cString: found.message).hasPrefix("text 2500 "))
    }

    @Test("a fingerprint is that of the Swift library, and a reranker has none")
    func fingerprint() throws {
        var model: martlet_handle = 0
        #expect(MartletC.martlet_open(nil, nil, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        var text: UnsafeMutablePointer<CChar>?
        #expect(MartletC.martlet_fingerprint(model, &text, nil) == MARTLET_OK)
        defer { MartletC.martlet_string_free(text) }
        #expect(String(cString: try #require(text)) == (try Embedder(.miniLM)).identity.space.fingerprint)

        var reranker: martlet_handle = 0
        let path = "\(Self.root)/Tests/Fixtures/classifiers/bert-cross"
        #expect(MartletC.martlet_open(path, nil, nil, &reranker, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(reranker, nil) }
        var none: UnsafeMutablePointer<CChar>?
        #expect(MartletC.martlet_fingerprint(reranker, &none, nil) != MARTLET_OK)
        #expect(none == nil)
    }

    @Test("known models are listed with what is published of them")
    func knownModels() throws {
        var text: UnsafeMutablePointer<CChar>?
        #expect(MartletC.martlet_known_models(&text, nil) == MARTLET_OK)
        defer { MartletC.martlet_string_free(text) }
        let json = String(cString: try #require(text))
        #expect(json.hasPrefix(#"[{"name":""#))
        #expect(json.contains(#""repository":"BAAI/bge-small-en-v1.5","aliases":["bge-small"]"#))
        #expect(json.contains(#""kind":"reranker""#))
    }

    @Test("a model that pools gives the vectors of its tokens, with the bits of the Swift library")
    func tokenVectors() throws {
        let texts = ["How do I cook pasta?", "", "boil it"]
        let embedder = try Embedder(.miniLM)
        let expected = try texts.map { try embedder.tokenVectorsBlocking(of: $0) }
        var model: martlet_handle = 0
        #expect(MartletC.martlet_open(nil, nil, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        var rows: UnsafeMutablePointer<martlet_rows>?
        #expect(
            withBlock(texts) { MartletC.martlet_embed_multi(model, $0, nil, nil, &rows, nil, nil) }
                == MARTLET_OK)
        defer { MartletC.martlet_rows_free(rows) }
        let found = try #require(rows?.pointee)
        #expect(found.count == 3 && found.width == 384)
        let entries = expected.reduce(0) { $0 + $1.ids.count }
        #expect(Int(found.offsets[3]) == entries)
        #expect((0..<entries).map { Int(found.ids[$0]) } == expected.flatMap(\.ids))
        #expect(
            Array(UnsafeBufferPointer(start: found.values, count: entries * 384))
                == expected.flatMap(\.vectors.floats))
    }

    @Test(
        "tokens are counted by every model with a tokenizer",
        arguments: [
            ("", #"{"bm42": {}}"#), ("sparse/splade-bert", "{}"), ("multi/pylate", "{}"),
            ("classifiers/bert-cross", "{}"),
        ])
    func tokenCounts(folder: String, options: String) throws {
        var model: martlet_handle = 0
        let path = folder.isEmpty ? nil : "\(Self.root)/Tests/Fixtures/\(folder)"
        #expect(MartletC.martlet_open(path, options, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        var counts: [Int64] = [0, 0]
        let texts = ["cook pasta", String(repeating: "cook ", count: 1000)]
        #expect(
            withBlock(texts) { MartletC.martlet_count_tokens(model, $0, nil, &counts, 2, nil) } == MARTLET_OK)
        #expect(counts[0] >= 4 && counts[1] >= 1002)
    }

    @Test("a language without a stemmer is refused by the option's name")
    func language() {
        var (model, collection): (martlet_handle, martlet_handle) = (0, 0)
        var error: UnsafeMutablePointer<martlet_error>?
        #expect(MartletC.martlet_open(nil, nil, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        #expect(
            MartletC.martlet_collection_open(
                "no-such-folder", model, #"{"create": true, "language": "turkish"}"#, &collection, &error)
                == MARTLET_INVALID_OPTION)
        defer { MartletC.martlet_error_free(error) }
        let message = (error?.pointee.message).map { String(cString: $0) } ?? ""
        #expect(
            message.hasPrefix("option \"language\": there is no stemmer for \"turkish\"; use none"),
            "\(message)")
    }

    @Test(
        "options that have no effect are refused",
        arguments: [
            (#"{"bm25": {}, "max_tokens": 5}"#, "max_tokens"), (#"{"bm25": {}, "kind": "reranker"}"#, "kind"),
            (#"{"bm25": {}, "precision": "int4"}"#, "precision"),
            (#"{"bm42": {}, "pooling": "cls"}"#, "pooling"),
        ])
    func uselessOptions(options: String, name: String) {
        var model: martlet_handle = 0
        var error: UnsafeMutablePointer<martlet_error>?
        #expect(MartletC.martlet_open(nil, options, nil, &model, &error) == MARTLET_INVALID_OPTION)
        defer { MartletC.martlet_error_free(error) }
        let message = (error?.pointee.message).map { String(cString: $0) } ?? ""
        #expect(message.hasPrefix("option \"\(name)\" has no effect beside \"bm"), "\(message)")
    }

    @Test("counting takes no options of vectors")
    func optionsOfCounting() {
        var model: martlet_handle = 0
        #expect(MartletC.martlet_open(nil, nil, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        var count: Int64 = 0
        for (options, status) in [
            (#"{"dimensions": 8}"#, MARTLET_INVALID_OPTION),
            (#"{"truncation": "error"}"#, MARTLET_INVALID_OPTION),
            (#"{"prompt": "query: "}"#, MARTLET_OK),
        ] {
            let found = withBlock(["a"]) {
                MartletC.martlet_count_tokens(model, $0, options, &count, 1, nil)
            }
            #expect(found == status)
        }
    }

    @Test("BM25 has no tokens to count")
    func noTokens() throws {
        var model: martlet_handle = 0
        #expect(MartletC.martlet_open(nil, #"{"bm25": {}}"#, nil, &model, nil) == MARTLET_OK)
        defer { _ = MartletC.martlet_close(model, nil) }
        var count: Int64 = 0
        #expect(
            withBlock(["a"]) { MartletC.martlet_count_tokens(model, $0, nil, &count, 1, nil) }
                == MARTLET_INVALID_MODEL)
    }

    private func withBlock<R>(_ texts: [String], _ body: (UnsafePointer<martlet_texts>) -> R) -> R {
        var offsets: [Int64] = [0]
        let bytes = texts.flatMap { text in
            offsets.append((offsets.last ?? 0) + Int64(text.utf8.count))
            return Array(text.utf8)
        }
        return bytes.withUnsafeBufferPointer { bytes in
            offsets.withUnsafeBufferPointer { offsets in
                var block = martlet_texts(
                    bytes: bytes.baseAddress, size: bytes.count, offsets: offsets.baseAddress,
                    count: texts.count)
                return body(&block)
            }
        }
    }
}
