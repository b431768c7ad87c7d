import MartletCompute
import MartletSystem
import MartletTestSupport
import Testing

@testable import Martlet

/// Mutated model files, through all layers: each is refused with the module's error, or embeds a text. None
/// crashes. MARTLET_FUZZ_ROUNDS sets the mutations of each file for a longer run, MARTLET_FUZZ_SEED where it
/// starts.
@Suite("Mutated model files")
struct ModelFuzzTests {
    private static func setting(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
    private static var rounds: Int { setting("MARTLET_FUZZ_ROUNDS") ?? 150 }
    private static var seed: UInt64 { UInt64(setting("MARTLET_FUZZ_SEED") ?? 1) }

    /// Loads and embeds; true if the model was accepted.
    private func examine(_ source: ModelSource, _ round: Int, _ file: String) -> Bool {
        let precision = [Precision.f32, .bf16, .int8, .int4][round % 4]
        do throws(MartletError) {
            let embedder = try Embedder(source, configuration: .init(threads: 1, precision: precision))
            let texts = ["", "zopa TURI [MASK] 日本", String(repeating: "luteve ", count: 300)]
            let found = try embedder.embedBlocking(texts, as: round % 2 == 0 ? nil : .query)
            #expect(found.count == 3 && found.floats.allSatisfy(\.isFinite))
            return true
        } catch {
            // What a file says is quoted without its line ends.
            #expect(
                !error.message.isEmpty && !error.message.contains("\n") && error.message.utf8.count < 2000,
                "\(error.message)")
            return false
        }
    }

    private func fuzz(
        headerEnd: Int, _ original: [UInt8], text: Bool, _ examine: ([UInt8], Int) throws -> Bool
    ) throws {
        #expect(try examine(original, 0))
        var random = SplitMix64(state: Self.seed)
        var accepted = 0
        for round in 0..<Self.rounds {
            var bytes = original
            for _ in 0...random.below(3) {
                Mutation.apply(&bytes, headerEnd: min(headerEnd, bytes.count), text: text, &random)
            }
            if try examine(bytes, round) { accepted += 1 }
        }
        #expect(accepted < Self.rounds, "some mutation must be found out")
    }

    @Test(arguments: ["bert-mini", "bert-dense"])
    func gguf(_ model: String) throws {
        let folder = try TestFolder()
        defer { folder.willRemove("m.gguf") }
        try ModelConversion.convert(
            from: Goldens.path("models/" + model), to: folder.path + "/m.gguf", type: "q8_0")
        let original = try ModelCopy.read(folder.path + "/m.gguf")
        let header =
            try #require(original.firstRange(of: Array("blk.1.layer_output_norm.weight".utf8))).upperBound
            + 200
        try fuzz(headerEnd: header, original, text: false) { bytes, round in
            let buffer = Bytes(bytes)
            return examine(
                .embedded(MemoryRegion(unsafe: buffer.bytes, owner: buffer), name: "fuzz"), round, "fuzz")
        }
    }

    @Test(arguments: [
        ("bert-mini", "config.json"), ("bert-mini", "tokenizer.json"), ("bert-mini", "modules.json"),
        ("bert-mini", "1_Pooling/config.json"),
        ("bert-mini", "sentence_bert_config.json"), ("bert-dense", "config_sentence_transformers.json"),
        ("bert-dense", "2_Dense/config.json"),
        ("bert-dense", "model.safetensors.index.json"), ("bert-narrow", "vocab.txt"),
        ("bert-narrow", "tokenizer_config.json"),
    ])
    func text(_ model: String, _ file: String) throws {
        let copy = try ModelCopy(of: model)
        let original = try ModelCopy.bytes(model, file)
        try fuzz(headerEnd: original.count, original, text: true) { bytes, round in
            try copy.write(file, bytes)
            return examine(.path(copy.path), round, file)
        }
    }

    @Test(arguments: ["bert-mini", "bert-odd"])
    func safetensors(_ model: String) throws {
        let copy = try ModelCopy(of: model)
        try fuzz(headerEnd: 3000, ModelCopy.bytes(model, "model.safetensors"), text: false) { bytes, round in
            try copy.write("model.safetensors", bytes)
            return examine(.path(copy.path), round, "model.safetensors")
        }
    }

    /// Owns a copy in memory.
    private final class Bytes: @unchecked Sendable {
        let bytes: UnsafeRawBufferPointer
        init(_ array: [UInt8]) {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 64)
            buffer.copyBytes(from: array)
            bytes = UnsafeRawBufferPointer(buffer)
        }
        deinit { bytes.deallocate() }
    }
}

/// Small damage to a file, of the kinds that parsers get wrong.
enum Mutation {
    private static let numbers: [UInt64] = [
        0, 1, 2, 7, 31, 32, 33, 127, 255, 256, 1 << 28, 1 << 31, 1 << 32, 1 << 60, 1 << 62, (1 << 63) - 1,
        1 << 63, .max,
    ]
    private static let words = [
        "0", "-1", "1", "2", "268435456", "2147483647", "9223372036854775807", "1e300", "null", "true", "[]",
        "{}", "\"\"", "\"\\u0000\"",
        "0.5",
    ]

    static func apply(_ bytes: inout [UInt8], headerEnd: Int, text: Bool, _ random: inout SplitMix64) {
        guard !bytes.isEmpty, headerEnd > 0 else { return }
        // Mostly the header: that is where the decisions are.
        let place = random.below(random.below(8) == 0 ? bytes.count : headerEnd)
        switch random.below(text ? 10 : 7) {
        case 0: bytes[place] ^= UInt8(1 << random.below(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2:
            let value = numbers[random.below(numbers.count)]
            for index in 0..<[1, 4, 8][random.below(3)] where place + index < bytes.count {
                bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
            }
        case 3:
            if random.below(4) == 0 {
                bytes.removeSubrange(place...)
            } else {
                bytes[place] = UInt8(ascii: "0")
            }
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(16)))
        case 5:
            bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + random.below(64))], at: place)
        case 6:
            let from = random.below(headerEnd)
            for index in 0..<8 where max(place, from) + index < bytes.count {
                bytes[place + index] = bytes[from + index]
            }
        default: replaceValue(&bytes, near: place, &random)
        }
    }

    /// Puts another value in place of a JSON value or a line's end.
    private static func replaceValue(_ bytes: inout [UInt8], near place: Int, _ random: inout SplitMix64) {
        guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) else { return }
        let end = bytes[(colon + 1)...].firstIndex { ",}]\n".utf8.contains($0) } ?? bytes.endIndex
        bytes.replaceSubrange((colon + 1)..<end, with: Array(words[random.below(words.count)].utf8))
    }
}
