internal import CMartletKernels

/// How a collection keeps its vectors. Estimates from one bit a dimension find the candidates; these values
/// decide their order.
public enum VectorStore: String, Sendable, Hashable, CaseIterable {
    /// Four bytes a dimension, exact.
    case f32
    /// Two bytes a dimension: the order differs from f32's in ties of about 0.0005 alone.
    case f16
    /// One byte a dimension and a scale for each vector: about one of a hundred neighbours is another.
    case int8

    func bytes(dimensions: Int) -> Int {
        switch self {
        case .f32: dimensions * 4
        case .f16: dimensions * 2
        case .int8: dimensions
        }
    }

    /// How far the squared length of a stored unit vector can be from 1.
    var unitError: Float {
        switch self {
        case .f32: 1e-6
        case .f16: 2e-3
        case .int8: 2e-2
        }
    }

    /// A vector's bytes in the store, and its scale (1 but for int8).
    func encode(_ vector: UnsafeBufferPointer<Float>) -> (bytes: [UInt8], scale: Float) {
        var bytes = [UInt8](repeating: 0, count: bytes(dimensions: vector.count))
        var scale: Float = 1
        bytes.withUnsafeMutableBytes { out in
            switch self {
            case .f32: out.copyMemory(from: UnsafeRawBufferPointer(vector))
            case .f16:
                mk_half_from_float(
                    vector.baseAddress, out.bindMemory(to: UInt16.self).baseAddress, Int64(vector.count))
            case .int8:
                let largest = vector.reduce(0) { max($0, abs($1)) }
                // A scale that is 0, or has few digits, would take values out of the range of a byte.
                scale = largest > 0 ? max(largest / 127, .leastNormalMagnitude) : 1
                for (index, value) in vector.enumerated() {
                    out[index] = UInt8(bitPattern: Int8((value / scale).rounded()))
                }
            }
        }
        return (bytes, scale)
    }

    /// A stored vector as floats.
    func decoded(_ bytes: UnsafeRawPointer, scale: Float, dimensions: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: dimensions) { out, count in
            if let base = out.baseAddress {
                decode(bytes, scale: scale, into: base, dimensions: dimensions)
            }
            count = dimensions
        }
    }

    func decoded(_ bytes: [UInt8], scale: Float, dimensions: Int) -> [Float] {
        bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { decoded($0, scale: scale, dimensions: dimensions) } ?? []
        }
    }

    /// A stored vector as floats.
    func decode(
        _ bytes: UnsafeRawPointer, scale: Float, into out: UnsafeMutablePointer<Float>, dimensions: Int
    ) {
        switch self {
        case .f32: UnsafeMutableRawPointer(out).copyMemory(from: bytes, byteCount: dimensions * 4)
        case .f16: mk_float_from_half(bytes.assumingMemoryBound(to: UInt16.self), out, Int64(dimensions))
        case .int8:
            let values = bytes.assumingMemoryBound(to: Int8.self)
            for index in 0..<dimensions { out[index] = Float(values[index]) * scale }
        }
    }
}
