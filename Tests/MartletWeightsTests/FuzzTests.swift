import Foundation
import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletWeights

/// Mutated and truncated files: each is either refused with the module's error, or gives tensors whose bytes
/// lie inside the file. MARTLET_FUZZ_ROUNDS sets the mutations of each file for a longer run.
@Suite struct FuzzTests {
    static var rounds: Int {
        ProcessInfo.processInfo.environment["MARTLET_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1500
    }

    private static let interesting: [UInt64] = [
        0, 1, 2, 7, 31, 32, 33, 127, 255, 256, 1 << 31, 1 << 32, 1 << 60, 1 << 61, 1 << 62, (1 << 63) - 1,
        1 << 63, .max, .max - 31,
    ]

    static func mutate(_ original: [UInt8], headerEnd: Int, _ random: inout SplitMix64) -> [UInt8] {
        var bytes = original
        for _ in 0...random.below(3) {
            // Mostly the header: that is where the decisions are.
            let place = random.below(random.below(8) == 0 ? bytes.count : min(headerEnd, bytes.count))
            guard place < bytes.count else { break }
            switch random.below(7) {
            case 0: bytes[place] ^= UInt8(1 << random.below(8))
            case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 2:
                let value = interesting[random.below(interesting.count)]
                let width = [1, 4, 8][random.below(3)]
                for i in 0..<width where place + i < bytes.count {
                    bytes[place + i] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(i)))
                }
            case 3: bytes.removeSubrange(place...)
            case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(16)))
            case 5:
                bytes.insert(
                    contentsOf: bytes[place..<min(bytes.count, place + 1 + random.below(32))], at: place)
            default:
                let from = random.below(headerEnd)
                for i in 0..<8 where place + i < bytes.count && from + i < original.count {
                    bytes[place + i] = original[from + i]
                }
            }
        }
        return bytes
    }

    /// Opens the bytes and touches all they give. Returns whether they were accepted.
    private func examine(_ bytes: [UInt8], _ open: (MemoryRegion) throws -> any WeightSource) throws -> Bool {
        let memory = region(bytes)
        let source: any WeightSource
        do {
            source = try open(memory)
        } catch let error as WeightError {
            #expect(error.message.hasPrefix("fuzz: ") && !error.message.contains("\n"), "\(error.message)")
            return false
        }
        let (start, end) = memory.withUnsafeBytes {
            (UInt(bitPattern: $0.baseAddress), UInt(bitPattern: $0.baseAddress) + UInt($0.count))
        }
        for name in source.tensorNames {
            let view = try #require(source.tensor(named: name))
            #expect(view.type.byteCount(shape: view.shape) == view.bytes.count)
            if view.bytes.count > 0 {
                view.bytes.withUnsafeBytes { part in
                    let address = UInt(bitPattern: part.baseAddress)
                    #expect(address >= start && address <= end && UInt(part.count) <= end - address)
                }
            }
            #expect(try view.floats().count == view.elementCount)
        }
        for tensor in source.unreadableTensors {
            #expect(throws: WeightError.self) { try source.require(tensor.name) }
        }
        if let file = source as? GGUFFile { touch(file.metadata) }
        return true
    }

    private func touch(_ metadata: GGUFMetadata) {
        for key in metadata.keys {
            guard let array = metadata[key]?.array else { continue }
            #expect(array.values.count == array.count)
            #expect([nil, array.count].contains(array.strings?.strings().count))
            _ = (array.ints, array.floats, array.bools)
        }
    }

    private func fuzz(
        _ name: String, headerEnd: Int, seed: UInt64, _ open: (MemoryRegion) throws -> any WeightSource
    ) throws {
        let original = try Goldens.bytes(name)
        #expect(try examine(original, open))
        var random = SplitMix64(state: seed)
        var accepted = 0
        for _ in 0..<Self.rounds where try examine(Self.mutate(original, headerEnd: headerEnd, &random), open)
        { accepted += 1 }
        #expect(accepted > 0 && accepted < Self.rounds, "mutations must reach both outcomes")
        // Every length that cuts the header, and some that cut the data.
        for count in Array(0..<headerEnd) + Array(stride(from: headerEnd, to: original.count, by: 97)) {
            #expect(try !examine(Array(original[..<count]), open), "cut to \(count) bytes")
        }
    }

    @Test func gguf3() throws {
        try fuzz("v3.gguf", headerEnd: 1400, seed: 1) { try GGUFFile(region: $0, name: "fuzz") }
    }

    @Test func gguf2() throws {
        try fuzz("v2.gguf", headerEnd: 1400, seed: 2) { try GGUFFile(region: $0, name: "fuzz") }
    }

    @Test func safetensors() throws {
        try fuzz("single.safetensors", headerEnd: 400, seed: 3) {
            try SafetensorsFile(region: $0, name: "fuzz")
        }
    }

    @Test func safetensorsOfBfloat16() throws {
        try fuzz("brain.safetensors", headerEnd: 80, seed: 4) {
            try SafetensorsFile(region: $0, name: "fuzz")
        }
    }

    /// The zip file's directory is at its end, so that all of it is header.
    @Test func torch() throws {
        try fuzz("state.pt", headerEnd: Goldens.bytes("state.pt").count, seed: 6) {
            try TorchFile(region: $0, name: "fuzz")
        }
    }

    /// An index that was tampered with opens nothing outside its folder and ends in the module's error.
    @Test func index() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        for name in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] {
            _ = try folder.write(Goldens.bytes(name), to: name)
        }
        let original = try Goldens.bytes("model.safetensors.index.json")
        var random = SplitMix64(state: 5)
        for _ in 0..<Self.rounds / 4 {
            let path = try folder.write(
                Self.mutate(original, headerEnd: original.count, &random), to: "model.safetensors.index.json")
            do {
                let source = try SafetensorsIndex(path: path)
                for name in source.tensorNames {
                    #expect(try source.require(name).file.hasPrefix(folder.path))
                }
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
