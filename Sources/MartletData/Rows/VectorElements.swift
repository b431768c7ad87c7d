/// Numbers of one format, end to end.
public enum VectorElements: Sendable, Equatable {
    case float32([Float])
    /// The bit patterns of IEEE binary16.
    case float16([UInt16])
    case int8([Int8])
    case uint8([UInt8])

    /// The format of the numbers.
    public var type: VectorElementType {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .int8: .int8
        case .uint8: .uint8
        }
    }

    /// Number of numbers.
    public var count: Int {
        switch self {
        case .float32(let values): values.count
        case .float16(let values): values.count
        case .int8(let values): values.count
        case .uint8(let values): values.count
        }
    }
}
