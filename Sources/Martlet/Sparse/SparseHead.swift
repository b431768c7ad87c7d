internal import MartletModels

/// What makes sparse vectors of an encoder's hidden states.
protocol SparseHead: Sendable {
    /// One line from the hidden states on.
    var description: String { get }
    /// Number of dimensions that a vector may have.
    var dimensions: Int { get }
    /// Weights beside the encoder's.
    var parameters: Int { get }
    /// The most memory that a unit of so many tokens takes.
    func scratchBytes(tokens: Int) -> Int
    /// What it reads of the encoder's states.
    var reduction: Reduction { get }
    /// The vector of each text of a unit; nil: its states are not finite.
    func vectors(of unit: EncodedUnit) -> [SparseEmbedding?]
    /// The vector of a text that the model need not read; nil: it must.
    func vector(ofQuery ids: ArraySlice<Int32>) -> SparseEmbedding?
    /// The words of a text whose hashes are the dimensions; none where dimensions are tokens.
    func words(of ids: ArraySlice<Int32>) -> [String]
}

extension SparseHead {
    var reduction: Reduction { .tokens }
    func vector(ofQuery ids: ArraySlice<Int32>) -> SparseEmbedding? { nil }
    func words(of ids: ArraySlice<Int32>) -> [String] { [] }
}

/// SPLADE: the logits of a masked language model, pooled over a text's tokens.
struct SpladeHead: SparseHead {
    let head: MaskedLMHead
    let pooling: SpladePooling

    var description: String {
        let activation = pooling.activation == .relu ? "log1p(relu)" : "log1p(log1p(relu))"
        return "MLM head(\(head.vocabularySize)) → \(activation) → \(pooling.strategy.rawValue)"
    }
    var dimensions: Int { head.vocabularySize }
    var parameters: Int { head.parameters }
    func scratchBytes(tokens: Int) -> Int { head.scratchBytes(tokens: tokens) }

    func vectors(of unit: EncodedUnit) -> [SparseEmbedding?] {
        let texts = unit.offsets.count - 1
        var indices = [[Int]](repeating: [], count: texts)
        var values = [[Float]](repeating: [], count: texts)
        let bad = head.pool(unit.hidden, stride: unit.stride, offsets: unit.offsets, by: pooling) {
            text, first, weights in
            for (place, weight) in weights.enumerated() where weight > 0 {
                indices[text].append(first + place)
                values[text].append(weight)
            }
        }
        return texts == 0
            ? []
            : (0..<texts).map { bad.contains($0) ? nil : SparseEmbedding(unchecked: indices[$0], values[$0]) }
    }
}
