import MartletCompute
import MartletJSON
import MartletSystem
import MartletWeights
import Testing

@testable import MartletModels

/// A tiny checkpoint of one encoder family, and what transformers computes with it: see
/// Scripts/architecture-goldens.py.
struct TinyEncoder {
    let folder: String
    let configuration: JSONValue
    let rows: [Row]

    /// The last hidden states of a sequence: first token, mean, last token.
    struct Row {
        let ids: [Int32]
        let states: [[Float]]
    }

    init(_ name: String, in group: String = "encoders", from file: String = #filePath) throws {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        try self.init(at: (parts + ["Fixtures", group[...], name[...]]).joined(separator: "/"))
    }

    init(at path: String) throws {
        folder = path
        configuration = try TinyEncoder.lines(folder + "/config.json", joined: true)[0]
        rows = try TinyEncoder.lines(folder + "/goldens.jsonl").map { line in
            func floats(_ key: String) throws -> [Float] {
                try #require(line[key]?.array).map { Float(try #require($0.double)) }
            }
            return Row(
                ids: try #require(line["ids"]?.array).map { Int32(try #require($0.int)) },
                states: [try floats("first"), try floats("mean"), try floats("last")])
        }
        try #require(!rows.isEmpty)
    }

    private static func lines(_ path: String, joined: Bool = false) throws -> [JSONValue] {
        let file = try MappedFile(path: path)
        let lines = file.region.withUnsafeBytes { bytes in
            joined ? [Array(bytes)] : bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) }
        }
        return try lines.map { try JSONValue.parse($0) }
    }

    /// - Parameter changes: Members of the configuration that are to be others.
    func encoder(
        _ precision: ComputePrecision, _ kernels: Kernels, changes: [JSONObject.Member] = [],
        weights: String = "model.safetensors"
    ) throws -> any Encoder {
        let path = folder + "/" + weights
        let members = try #require(configuration.object).members
        return try ArchitectureRegistry.encoder(
            configuration: .object(JSONObject(members + changes)), file: folder + "/config.json",
            weights: WeightSources.open(path: path), weightFile: path,
            .init(
                CPUBackend(
                    precision: precision, kernels: kernels, pool: WorkerPool(width: 1),
                    calibration: Calibration())))
    }

    func ggufEncoder(_ precision: ComputePrecision, _ kernels: Kernels) throws -> any Encoder {
        try TinyEncoder.encoder(ggufFile(), precision, kernels)
    }

    func ggufFile() throws -> GGUFFile {
        try #require(WeightSources.open(path: folder + "/model.gguf") as? GGUFFile)
    }

    static func encoder(_ file: GGUFFile, _ precision: ComputePrecision, _ kernels: Kernels) throws
        -> any Encoder
    {
        try ArchitectureRegistry.encoder(
            gguf: file, file: file.location,
            .init(
                CPUBackend(
                    precision: precision, kernels: kernels, pool: WorkerPool(width: 1),
                    calibration: Calibration())))
    }

    /// The golden's three vectors for each of `sequences`, run as one batch.
    static func states(_ encoder: any Encoder, _ sequences: [[Int32]]) -> [[[Float]]] {
        var batch = PackedBatch()
        for ids in sequences { batch.append(ids) }
        let limit = BatchLimit(tokens: batch.tokens, longest: batch.longest)
        let session = encoder.makeSession(for: limit)
        let states = session.run(batch, .tokens, team: nil)
        let width = encoder.shape.hiddenSize
        func row(_ token: Int) -> [Float] { Array(states.row(token)) }
        return (0..<batch.sequences).map { sequence in
            let tokens = batch.range(of: sequence)
            var mean = [Double](repeating: 0, count: width)
            for token in tokens {
                for (i, x) in row(token).enumerated() { mean[i] += Double(x) / Double(tokens.count) }
            }
            return [row(tokens.lowerBound), mean.map { Float($0) }, row(tokens.upperBound - 1)]
        }
    }
}

/// How near vectors are to golden ones: the worst cosine and the largest difference.
struct Agreement: CustomStringConvertible {
    var worst: Double = 1
    var mean: Double = 0
    var difference: Float = 0

    init(_ found: [[[Float]]], _ rows: [TinyEncoder.Row]) {
        var cosines: [Double] = []
        for (states, row) in zip(found, rows) {
            for (a, b) in zip(states, row.states) {
                var (ab, aa, bb) = (0.0, 0.0, 0.0)
                for (x, y) in zip(a, b) {
                    ab += Double(x) * Double(y)
                    aa += Double(x) * Double(x)
                    bb += Double(y) * Double(y)
                    difference = abs(x - y) > difference || (x - y).isNaN ? abs(x - y) : difference
                }
                cosines.append(a.count == b.count ? ab / (aa * bb).squareRoot() : -1)
            }
        }
        worst = cosines.reduce(1) { $1 < $0 || $1.isNaN ? $1 : $0 }
        mean = cosines.reduce(0, +) / Double(max(cosines.count, 1))
    }

    var description: String { "worst cosine \(worst), mean \(mean), largest difference \(difference)" }
}
