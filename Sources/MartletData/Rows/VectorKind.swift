/// The shape of what a text becomes.
public enum VectorKind: String, Sendable, Codable, CaseIterable {
    case dense, sparse
    case multiVector = "multi_vector"
}
