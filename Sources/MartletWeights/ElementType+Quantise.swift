internal import MartletJSON
internal import CMartletKernels

extension ElementType {
    /// The largest magnitude that can be stored: what still rounds to a finite half or bfloat16. The scale of
    /// a block, and the minimum of one that has it, are halves.
    private var magnitudeLimit: Float {
        switch self {
        case .f32: .infinity
        case .bf16: Float(bitPattern: 0x7f7f_7fff)
        case .f16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1: Float(65520).nextDown
        // No values are stored as the others.
        default: 0
        }
    }

    /// Refuses values that this type would turn into infinity or noise. `f32` takes everything.
    func check(_ values: ArraySlice<Float>, firstElement: Int, tensor: String, file: String)
        throws(WeightError)
    {
        let limit = magnitudeLimit
        let largest = values.withUnsafeBufferPointer { mk_largest_magnitude($0.baseAddress, $0.count) }
        guard self != .f32, largest > limit else { return }
        let place = values.firstIndex { !($0.magnitude <= limit) } ?? values.startIndex
        throw WeightError(
            .invalidValue,
            "\(file): element \(firstElement + place - values.startIndex) of tensor \(tensor.quotedForMessage) is \(values[place]), which \(rawValue) cannot hold",
            file: file, tensor: tensor)
    }

    /// Encodes whole rows to the start of `stored`, which has room for them; `values` passed `check`, and
    /// this type is `writable`.
    package func quantise(_ values: ArraySlice<Float>, into stored: inout [UInt8]) {
        precondition(
            values.count % blockSize == 0 && stored.count >= values.count / blockSize * blockBytes,
            "no whole blocks, or no room")
        let status = values.withUnsafeBufferPointer { source in
            stored.withUnsafeMutableBytes {
                mk_quantise_row(Int32(ggmlType), source.baseAddress, source.count, $0.baseAddress)
            }
        }
        precondition(status == 0, "no row kernel for \(self)")
    }

    /// The stored form of whole rows.
    package func quantised(_ values: [Float]) -> [UInt8] {
        var stored = [UInt8](repeating: 0, count: values.count / blockSize * blockBytes)
        quantise(values[...], into: &stored)
        return stored
    }
}
