/// What a model made of some texts, one row for each.
public enum VectorRows: Sendable, Equatable {
    /// One vector for each text.
    case dense(DenseRows)
    /// The dimensions of each text that are not 0.
    case sparse([SparseRow])
    /// A vector for each token of each text.
    case multiVector(MultiVectorRows)

    /// Texts.
    public var count: Int {
        switch self {
        case .dense(let rows): rows.count
        case .sparse(let rows): rows.count
        case .multiVector(let rows): rows.count
        }
    }

    /// The shape of the rows.
    public var kind: VectorKind {
        switch self {
        case .dense: .dense
        case .sparse: .sparse
        case .multiVector: .multiVector
        }
    }
}
