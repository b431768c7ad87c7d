import MartletCompute
import MartletWeights
import Testing

@testable import Martlet

/// GGUF files that are well formed and lie: each size is compared with the tensors before memory is taken or
/// a loop is run by it.
@Suite("Hostile GGUF files")
struct HostileGGUFTests {
    struct Lie: Sendable, CustomTestStringConvertible {
        let key: String
        let value: GGUFWriter.Value?
        var parts: [String] = []
        var testDescription: String {
            "\(key) = \(value.map { "\($0)".prefix(40).description } ?? "missing")"
        }
    }

    static let lies: [Lie] = [
        Lie(key: "bert.block_count", value: .uint32(1 << 28), parts: ["layers"]),
        Lie(key: "bert.block_count", value: .uint64(.max), parts: ["bert.block_count"]),
        Lie(key: "bert.block_count", value: .int32(-1), parts: ["bert.block_count"]),
        Lie(key: "bert.block_count", value: .string("2"), parts: ["bert.block_count"]),
        Lie(key: "bert.block_count", value: .uint32(3), parts: ["3 layers"]),
        Lie(key: "bert.block_count", value: nil, parts: ["bert.block_count"]),
        Lie(key: "bert.embedding_length", value: .uint32(1 << 28), parts: ["268435456"]),
        Lie(key: "bert.embedding_length", value: .uint32(0), parts: ["bert.embedding_length"]),
        Lie(key: "bert.attention.head_count", value: .uint32(64), parts: ["64 attention heads"]),
        Lie(key: "bert.attention.head_count", value: .uint32(1 << 28), parts: ["attention heads"]),
        Lie(key: "bert.feed_forward_length", value: .uint32(1 << 28), parts: ["268435456"]),
        Lie(key: "bert.attention.layer_norm_epsilon", value: nil, parts: ["layer_norm_epsilon"]),
        Lie(key: "bert.attention.layer_norm_epsilon", value: .float32(.nan), parts: ["epsilon"]),
        Lie(key: "bert.attention.causal", value: .bool(true), parts: ["causal"]),
        Lie(key: "general.architecture", value: .string("llama"), parts: ["llama"]),
        Lie(key: "general.architecture", value: nil, parts: ["general.architecture"]),
        Lie(key: "bert.frobnicate", value: .uint32(1), parts: ["bert.frobnicate"]),
        Lie(key: "tokenizer.ggml.frobnicate", value: .bool(true), parts: ["tokenizer.ggml.frobnicate"]),
        Lie(key: "martlet.frobnicate", value: .bool(true), parts: ["martlet.frobnicate"]),
        Lie(key: "bert.attention.sliding_window", value: .uint32(7), parts: ["sliding_window"]),
        Lie(key: "bert.attention.clamp_kqv", value: .float32(3), parts: ["clamp_kqv"]),
        Lie(key: "bert.use_parallel_residual", value: .bool(true), parts: ["use_parallel_residual"]),
        Lie(key: "martlet.hidden_act", value: .string("xielu"), parts: ["xielu"]),
        Lie(key: "martlet.pooling", value: .strings(["median"]), parts: ["median"]),
        Lie(key: "martlet.stages", value: .strings(["dense"]), parts: ["dense"]),
        Lie(key: "martlet.stages", value: .strings(["dance"]), parts: ["dance"]),
        Lie(key: "martlet.max_tokens", value: .uint32(1), parts: ["special tokens"]),
        Lie(key: "martlet.prompts", value: .string("{"), parts: ["martlet.prompts"]),
        Lie(key: "martlet.default_prompt_name", value: .string("x"), parts: ["\"x\""]),
        Lie(key: "tokenizer.ggml.model", value: .string("gpt2"), parts: ["tokenizer.ggml.merges"]),
        Lie(key: "tokenizer.ggml.tokens", value: .strings([]), parts: ["token"]),
        Lie(
            key: "tokenizer.ggml.tokens", value: .strings(["[PAD]", "[UNK]", "[CLS]"]), parts: ["vocabulary"]),
        Lie(key: "tokenizer.ggml.tokens", value: .int32s([1, 2]), parts: ["tokenizer.ggml.tokens"]),
        Lie(key: "tokenizer.ggml.tokens", value: .strings((0..<601).map { "t\($0)" }), parts: ["600"]),
        Lie(key: "tokenizer.ggml.cls_token_id", value: .uint32(600), parts: ["600"]),
        Lie(key: "tokenizer.ggml.cls_token_id", value: .uint64(.max - 1), parts: ["cls_token_id"]),
        Lie(key: "martlet.max_tokens", value: .string("224"), parts: ["martlet.max_tokens"]),
        Lie(key: "martlet.stages", value: .string("normalize"), parts: ["martlet.stages"]),
        Lie(key: "martlet.tokenizer.lowercase", value: .uint32(0), parts: ["lowercase"]),
        Lie(key: "martlet.hidden_act", value: .uint32(1), parts: ["hidden_act"]),
        Lie(
            key: "tokenizer.ggml.eos_token_id", value: .string("2"),
            parts: ["eos_token_id", "a whole number"]),
        Lie(
            key: "tokenizer.ggml.add_bos_token", value: .uint32(1), parts: ["add_bos_token", "true or false"]),
        Lie(
            key: "tokenizer.ggml.add_eos_token", value: .uint32(1), parts: ["add_eos_token", "true or false"]),
        Lie(
            key: "tokenizer.ggml.add_space_prefix", value: .string("true"),
            parts: ["add_space_prefix", "true or false"]),
        Lie(
            key: "tokenizer.ggml.remove_extra_whitespaces", value: .int32(0),
            parts: ["remove_extra_whitespaces", "true or false"]),
        Lie(key: "tokenizer.ggml.pre", value: .uint32(1), parts: ["tokenizer.ggml.pre", "a string"]),
        Lie(key: "bert.pooling_type", value: .float32(1), parts: ["bert.pooling_type"]),
        Lie(key: "tokenizer.ggml.seperator_token_id", value: .uint32(.max), parts: ["4294967295"]),
        Lie(
            key: "martlet.int8.smoothing", value: .float32s([1, 2, 3]),
            parts: ["martlet.int8.smoothing", "128"]),
        Lie(
            key: "martlet.int8.smoothing", value: .float32s([Float](repeating: .nan, count: 128)),
            parts: ["martlet.int8.smoothing"]),
        Lie(key: "martlet.int8.smoothing", value: .string("x"), parts: ["martlet.int8.smoothing"]),
        Lie(key: "martlet.position_padding", value: .string("1"), parts: ["martlet.position_padding"]),
        Lie(key: "martlet.position_padding", value: .uint32(1), parts: ["martlet.position_padding.row"]),
    ]

    /// Whatever these say, the model is either refused or runs.
    static let oddities: [Lie] = [
        Lie(
            key: "martlet.int8.smoothing",
            value: .float32s([Float](repeating: .leastNonzeroMagnitude, count: 128))),
        Lie(
            key: "martlet.int8.smoothing",
            value: .float32s([Float](repeating: .greatestFiniteMagnitude, count: 128))),
        Lie(key: "martlet.default_dimensions", value: .uint32(0)),
        Lie(key: "martlet.default_dimensions", value: .uint64(.max)),
        Lie(key: "martlet.pooling", value: .strings(Array(repeating: "max", count: 50))),
        Lie(key: "martlet.similarity", value: .string("x")),
        Lie(key: "martlet.prompts", value: .string("[1]")),
        Lie(key: "tokenizer.ggml.token_type", value: .int32s([3])),
        Lie(key: "tokenizer.ggml.token_type", value: .strings(["x"])),
        Lie(key: "general.name", value: .string("a\nb\u{1b}[31m")),
        Lie(key: "general.alignment", value: .uint32(1)),
    ]

    /// A conversion of bert-mini, made once.
    private static let converted = Result {
        let folder = try TestFolder()
        folder.willRemove("m.gguf")
        try ModelConversion.convert(
            from: Goldens.path("models/bert-mini"), to: folder.path + "/m.gguf", type: "f32")
        return try GGUFFile(path: folder.path + "/m.gguf")  // stays mapped when its name is gone
    }

    /// The conversion with one key changed, or left out.
    private func rewritten(_ lie: Lie, _ folder: TestFolder) throws -> String {
        folder.willRemove("lie.gguf")
        let file = try Self.converted.get()
        var writer = GGUFWriter(path: folder.path + "/lie.gguf")
        for key in file.metadata.keys where key != lie.key && key != "general.alignment" {
            if let value = file.metadata[key] { try writer.add(key, .copied(value)) }
        }
        if let value = lie.value { try writer.add(lie.key, value) }
        for name in file.tensorNames { try writer.add(try #require(file.tensor(named: name))) }
        try writer.write()
        return folder.path + "/lie.gguf"
    }

    @Test(arguments: lies)
    func isRefused(_ lie: Lie) throws {
        let folder = try TestFolder()
        let path = try rewritten(lie, folder)
        for precision in [Precision.f32, .int8] {
            let error = #expect(throws: MartletError.self) {
                try Embedder(modelAt: path, configuration: .init(threads: 1, precision: precision))
            }
            let message = error?.message ?? ""
            #expect(
                [.invalidModel, .unsupportedModel].contains(error?.code) && message.contains(path),
                "\(message)")
            for part in lie.parts { #expect(message.contains(part), "\(message) should contain \(part)") }
        }
    }

    @Test(arguments: oddities)
    func isRefusedOrRuns(_ oddity: Lie) throws {
        let folder = try TestFolder()
        let path: String
        do {
            path = try rewritten(oddity, folder)
        } catch is WeightError {
            return  // the writer refuses it already
        }
        do {
            let embedder = try Embedder(modelAt: path, configuration: .init(threads: 1, precision: .int8))
            #expect(try embedder.embedBlocking(["zopa"]).floats.allSatisfy(\.isFinite))
        } catch {
            #expect(error.message.contains(path) || error.code == .nonFinite, "\(error.message)")
        }
    }

    /// Tables without rows, of which nothing can be looked up.
    @Test(arguments: ["token_embd.weight", "position_embd.weight", "token_types.weight"])
    func tablesWithoutRows(_ table: String) throws {
        let folder = try TestFolder()
        let path = try rewritten(Lie(key: "x", value: .bool(true)), folder)
        var bytes = try ModelCopy.read(path)
        // A tensor's entry: its name, the number of dimensions in 4 bytes, then each in 8, the innermost
        // first.
        let rows = try #require(bytes.firstRange(of: Array(table.utf8))).upperBound + 4 + 8
        for index in rows..<rows + 8 { bytes[index] = 0 }
        try folder.write("m.gguf", bytes)
        for precision in [Precision.f32, .int8] {
            let error = #expect(throws: MartletError.self) {
                try Embedder(
                    modelAt: folder.path + "/m.gguf", configuration: .init(threads: 1, precision: precision))
            }
            #expect(
                error?.message.contains(table) == true && error?.message.contains("[0, 32]") == true,
                "\(error?.message ?? "")")
        }
    }
}
