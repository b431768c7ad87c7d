/// The number format of stored vectors.
public enum VectorElementType: String, Sendable, Codable, CaseIterable {
    case float32, float16, int8, uint8

    /// Bytes of an element.
    public var size: Int {
        switch self {
        case .float32: 4
        case .float16: 2
        case .int8, .uint8: 1
        }
    }
}
