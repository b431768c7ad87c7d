import MartletCompute
import MartletSystem
import MartletWeights
import Synchronization
import Testing

@testable import MartletModels

/// What is kept of an encoder gives the same bits as packing it, or is not used.
@Suite("Packed weights are kept")
struct PackedCacheTests {
    private let folder = CacheScratch()

    /// The steps that building an encoder reports, and its states.
    private func build(
        _ tiny: TinyEncoder, _ precision: ComputePrecision, in path: String? = nil, before: [Int32] = [],
        threads: Int = 2,
        kernels: Kernels = .best
    ) throws -> (steps: [LoadStep], states: [[[Float]]]) {
        let steps = Locked<[LoadStep]>([])
        let build = ArchitectureRegistry.Build(
            CPUBackend(
                precision: precision, kernels: kernels, pool: WorkerPool(width: threads),
                calibration: Calibration(before: before),
                cache: PackedCache(CacheFolder(path: path ?? folder.path, limit: 1 << 30), leastBytes: 0),
                observer: LoadObserver(report: { step in steps.withLock { $0.append(step) } })))
        let weights = tiny.folder + "/model.safetensors"
        let encoder = try ArchitectureRegistry.encoder(
            configuration: tiny.configuration, file: tiny.folder + "/config.json",
            weights: WeightSources.open(path: weights),
            weightFile: weights, build)
        return (steps.withLock { $0 }, TinyEncoder.states(encoder, tiny.rows.map(\.ids)))
    }

    @Test(arguments: ArchitectureTests.families)
    func theSameBits(_ family: String) throws {
        let tiny = try TinyEncoder(family)
        for precision in ComputePrecision.allCases {
            let plain = TinyEncoder.states(try tiny.encoder(precision, .best), tiny.rows.map(\.ids))
            let first = try build(tiny, precision)
            #expect(
                first.states == plain
                    && first.steps.contains { if case .packing(done: 0, _) = $0 { true } else { false } })
            #expect(first.steps.contains { $0.isMeasuring } == precision.roundsInputs)
            let second = try build(tiny, precision, threads: 1)
            #expect(second.states == plain && second.steps.isEmpty, "\(family), \(precision)")
        }
        #expect(folder.names.count == ComputePrecision.allCases.count)
    }

    @Test func damageIsNoticed() throws {
        let tiny = try TinyEncoder("nomic-bert")
        let expected = try build(tiny, .int8).states
        let name = try #require(folder.names.first)
        let whole = try MappedFile(path: folder.path + "/" + name).region.withUnsafeBytes { Array($0) }
        var generator = SystemRandomNumberGenerator()
        // A byte of the header, of the parts and of the index; padding between parts may be anything.
        let random = (0..<8).map { _ in whole.count - 1 - Int.random(in: 0..<400, using: &generator) }
        let places = [0, 8, 20, 33, 41, 4096, 5000, whole.count - 1] + random
        for place in places {
            var damaged = whole
            damaged[place] ^= 0x10
            try folder.replace(name, with: damaged)
            let again = try build(tiny, .int8)
            #expect(again.states == expected && !again.steps.isEmpty, "byte \(place)")
        }
        for count in [0, 7, 40, 4096, whole.count / 2, whole.count - 1] {
            try folder.replace(name, with: Array(whole[..<count]))
            let again = try build(tiny, .int8)
            #expect(again.states == expected && !again.steps.isEmpty, "\(count) bytes")
        }
        #expect(try build(tiny, .int8).steps.isEmpty && folder.names == [name])
    }

    @Test func whatItDependsOnIsPartOfTheKey() throws {
        let tiny = try TinyEncoder("nomic-bert")
        _ = try build(tiny, .f32)
        // Another instruction set has a file of its own.
        _ = try build(tiny, .f32, kernels: .reference)
        #expect(folder.names.count == (Kernels.available.count > 1 ? 2 : 1))
        // Scales depend on the special tokens that the calibration has.
        _ = try build(tiny, .int8)
        let other = try build(tiny, .int8, before: [5])
        #expect(!other.steps.isEmpty)
        #expect(try build(tiny, .int8, before: [5]).steps.isEmpty)
    }

    @Test func weightsThatChangeArePackedAgain() throws {
        let tiny = try TinyEncoder("roberta")
        let copy = CacheScratch()
        for name in ["config.json", "goldens.jsonl", "model.safetensors"] {
            try copy.replace(
                name, with: MappedFile(path: tiny.folder + "/" + name).region.withUnsafeBytes { Array($0) })
        }
        func states() throws -> (steps: [LoadStep], states: [[[Float]]]) {
            try build(TinyEncoder(at: copy.path), .f32)
        }
        let first = try states()
        #expect(try states().steps.isEmpty)
        var weights = try MappedFile(path: copy.path + "/model.safetensors").region.withUnsafeBytes {
            Array($0)
        }
        weights[weights.count - 1] ^= 0x01
        try copy.replace("model.safetensors", with: weights)
        #expect(try !states().steps.isEmpty)
        #expect(first.states == (try build(tiny, .f32).states))
    }

    @Test func writersDoNotDisturbEachOther() throws {
        let tiny = try TinyEncoder("gte")
        let expected = TinyEncoder.states(try tiny.encoder(.int8, .best), tiny.rows.map(\.ids))
        let results = WorkerPool(width: 4).map(16) { _ in (try? build(tiny, .int8, threads: 1))?.states }
        #expect(results.allSatisfy { $0 == expected })
        #expect(folder.names.count == 1)
        #expect(try build(tiny, .int8).steps.isEmpty)
    }

    @Test func aFolderThatCannotBeWrittenIsDoneWithout() throws {
        let tiny = try TinyEncoder("gte")
        let expected = TinyEncoder.states(try tiny.encoder(.int8, .best), tiny.rows.map(\.ids))
        for path in ["/proc/martlet", "/dev/null/martlet"] {
            #expect(try build(tiny, .int8, in: path).states == expected)
        }
    }

    @Test func buildingCanBeCancelled() throws {
        let tiny = try TinyEncoder("modernbert")
        for limit in 0..<6 {
            let asked = Atomic(0)
            let observer = LoadObserver(isCancelled: {
                asked.wrappingAdd(1, ordering: .relaxed).oldValue >= limit
            })
            let path = tiny.folder + "/model.safetensors"
            let error = #expect(throws: ModelError.self) {
                try ArchitectureRegistry.encoder(
                    configuration: tiny.configuration, file: tiny.folder + "/config.json",
                    weights: WeightSources.open(path: path),
                    weightFile: path,
                    .init(
                        CPUBackend(
                            precision: .int8, kernels: .best, pool: WorkerPool(width: 2),
                            calibration: Calibration(), observer: observer)))
            }
            #expect(error?.code == .cancelled)
        }
    }
}

extension LoadStep {
    fileprivate var isMeasuring: Bool { if case .measuring = self { true } else { false } }
}

/// An empty folder of its own, removed with all that is in it.
final class CacheScratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/martlet-packed-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
    }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    var names: [String] {
        guard let listing = opendir(path) else { return [] }
        defer { closedir(listing) }
        var found: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { found.append(name) }
        }
        return found.sorted()
    }

    func replace(_ name: String, with bytes: [UInt8]) throws {
        let file = try TemporaryFile(replacing: path + "/" + name, permissions: 0o600)
        try bytes.withUnsafeBufferPointer { try file.write(UnsafeRawBufferPointer($0), at: 0) }
        try file.finish(isDurable: false)
    }
}
