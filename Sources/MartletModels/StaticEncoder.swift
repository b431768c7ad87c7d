package import MartletCompute
package import MartletWeights

/// Looks up a vector for each token and computes nothing else: model2vec, and sentence-transformers'
/// `StaticEmbedding`.
///
/// The table stays in the file and is read a row at a time.
package struct StaticEncoder: CPUEncoder {
    /// [rows, dimensions]
    private let table: TensorView
    /// The row of each token; nil: the token's own id.
    private let rows: [Int32]?
    /// Multiplies the row of each token; nil: 1.
    private let weights: [Float]?

    /// - Parameters:
    ///   - table: Two dimensions.
    ///   - rows: One for each token, all inside the table.
    ///   - weights: One for each token.
    package init(table: TensorView, rows: [Int]? = nil, weights: [Float]? = nil, file: String)
        throws(ModelError)
    {
        guard table.shape.count == 2, table.shape[0] > 0, table.shape[1] > 0, table.shape[1] <= 1 << 20,
            table.shape[0] <= 1 << 28
        else {
            throw ModelError(
                .invalidTensor,
                "\(file): tensor \(table.name) has shape \(table.shape), expected rows and dimensions",
                file: file)
        }
        let tokens = rows?.count ?? table.shape[0]
        if let rows, let bad = rows.firstIndex(where: { !(0..<table.shape[0]).contains($0) }) {
            throw ModelError(
                .invalidTensor, "\(file): token \(bad) has row \(rows[bad]) of a table of \(table.shape[0])",
                file: file)
        }
        if let weights, weights.count != tokens {
            throw ModelError(
                .invalidTensor, "\(file): \(weights.count) weights for \(tokens) tokens", file: file)
        }
        self.table = table
        self.rows = rows?.map { Int32(truncatingIfNeeded: $0) }
        self.weights = weights
    }

    /// A text has as many tokens as its caller allows.
    package static let mostTokens = 1 << 24

    package var shape: EncoderShape {
        EncoderShape(
            architecture: "static", layers: 0, hiddenSize: table.shape[1], heads: 0, intermediateSize: 0,
            vocabularySize: rows?.count ?? table.shape[0], maxPositions: Self.mostTokens,
            parameters: table.elementCount + (weights?.count ?? 0), activation: "")
    }

    package var weightBytes: Int { (rows?.count ?? 0) * 4 + (weights?.count ?? 0) * 4 }

    package func hidesTokens(ofTextsUpTo tokens: Int) -> Bool { false }

    package var givesAttentionOfFirstToken: Bool { false }

    package func attentionOfFirstToken(_ sequence: Int, _ batch: PackedBatch, _ state: any EncoderState)
        -> [Float]
    { [] }

    package func makeState(tokens: Int, longest: Int) -> any EncoderState {
        StaticState(tokens: tokens, longest: longest, width: table.shape[1])
    }

    package func stateBytes(tokens: Int, longest: Int) -> Int {
        AlignedBuffer<Float>.bytes(count: tokens * table.shape[1])
    }

    package func memberBytes(longest: Int) -> Int { 0 }

    /// The first member of a team looks everything up: there is too little to do to share it out.
    package func forward(_ batch: PackedBatch, _ state: any EncoderState, _ member: TeamMember) {
        guard member.leads else { return }
        guard let state = state as? StaticState, batch.tokens <= state.tokenCapacity else {
            preconditionFailure(
                "a batch of \(batch.tokens) tokens does not fit the state that was made for it")
        }
        let width = table.shape[1]
        for (token, id) in batch.ids.enumerated() {
            let row = rows.map { Int($0[Int(id)]) } ?? Int(id)
            let x = UnsafeMutableBufferPointer(start: state.x.pointer + token * width, count: width)
            table.readRows(row..<row + 1, into: x)
            guard let weight = weights?[Int(id)] else { continue }
            for index in 0..<width { x[index] *= weight }
        }
    }
}

private final class StaticState: EncoderState {
    let tokenCapacity: Int
    let longestSequence: Int
    let hiddenStride: Int
    /// [tokens, dimensions]
    let x: AlignedBuffer<Float>

    init(tokens: Int, longest: Int, width: Int) {
        tokenCapacity = tokens
        longestSequence = longest
        hiddenStride = width
        x = AlignedBuffer(count: tokens * width)
    }

    var hidden: UnsafeMutablePointer<Float> { x.pointer }
    var bytes: Int { x.bytes }
    func prepare(members: Int) {}
}
