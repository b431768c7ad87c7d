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

/// Numbers of one format, end to end.
public enum VectorElements: Sendable, Equatable {
    case float32([Float])
    /// The bit patterns of IEEE binary16.
    case float16([UInt16])
    case int8([Int8])
    case uint8([UInt8])

    public var type: VectorElementType {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .int8: .int8
        case .uint8: .uint8
        }
    }

    public var count: Int {
        switch self {
        case .float32(let values): values.count
        case .float16(let values): values.count
        case .int8(let values): values.count
        case .uint8(let values): values.count
        }
    }
}
