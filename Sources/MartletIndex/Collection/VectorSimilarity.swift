/// How two vectors are compared.
public enum VectorSimilarity: String, Sendable, Hashable, CaseIterable {
    /// The cosine of the angle: vectors are scaled to unit length when they arrive.
    case cosine
    /// The dot product of the vectors as they are.
    case dot
}
