internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

/// Where bge-m3's linear layer may lie, best first.
enum LexicalFiles {
    static let names = ["sparse_linear.safetensors", "sparse_linear.pt"]
}

/// bge-m3's sparse vectors: weight(token) = relu(w · state + b), the largest of each token id (Chen et al.
/// 2024; FlagEmbedding calls them lexical weights). Special tokens have none.
struct LexicalHead: SparseHead {
    /// [hidden]
    private let weight: [Float]
    private let bias: Float
    private let unused: Set<Int32>
    private let vocabularySize: Int
    private let kernels: Kernels

    init(weight: [Float], bias: Float, unused: Set<Int32>, vocabularySize: Int, kernels: Kernels) {
        self.weight = weight
        self.bias = bias
        self.unused = unused
        self.vocabularySize = vocabularySize
        self.kernels = kernels
    }

    var description: String { "linear(\(weight.count)→1) → relu → max of each token" }
    var dimensions: Int { vocabularySize }
    var parameters: Int { weight.count + 1 }
    func scratchBytes(tokens: Int) -> Int { 0 }

    func vectors(of unit: EncodedUnit) -> [SparseEmbedding?] {
        (0..<unit.offsets.count - 1).map { text in
            var weights: [Int: Float] = [:]
            for row in unit.offsets[text]..<unit.offsets[text + 1] {
                let value = weight.withUnsafeBufferPointer { weight in
                    weight.baseAddress.map {
                        kernels.dot(unit.hidden + row * unit.stride, $0, count: weight.count)
                    } ?? 0
                }
                guard (value + bias).isFinite else { return nil }
                let id = unit.ids[row]
                if value + bias > 0, !unused.contains(id) {
                    weights[Int(id)] = max(weights[Int(id)] ?? 0, value + bias)
                }
            }
            return SparseEmbedding(weights)
        }
    }
}
