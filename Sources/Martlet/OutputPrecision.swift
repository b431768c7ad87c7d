/// How the numbers of a vector are stored in the output.
public enum OutputPrecision: String, Sendable, Hashable, Codable, CaseIterable {
    /// 32-bit floating point: four bytes a dimension, little-endian.
    case float32
    /// 16-bit floating point (IEEE 754 binary16), rounded to the nearest, ties to even: two bytes a
    /// dimension, little-endian.
    case float16
    /// One signed byte a dimension: the range of each dimension in 256 steps, from -128 to 127.
    case int8
    /// One unsigned byte a dimension: the range of each dimension in 256 steps, from 0 to 255.
    case uint8
    /// One bit a dimension, 1 if the value is above 0, eight to a byte from the highest bit; 128 is
    /// subtracted from each byte.
    case binary
    /// One bit a dimension, 1 if the value is above 0, eight to an unsigned byte from the highest bit.
    case ubinary

    /// Number of bytes of a vector.
    /// - Parameter dimensions: Number of dimensions.
    public func bytes(dimensions: Int) -> Int {
        switch self {
        case .float32: dimensions * 4
        case .float16: dimensions * 2
        case .int8, .uint8: dimensions
        case .binary, .ubinary: (dimensions + 7) / 8
        }
    }
}
