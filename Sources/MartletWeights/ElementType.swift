internal import CMartletKernels

/// How a tensor's elements are stored.
package enum ElementType: String, Sendable, CaseIterable {
    case f32, f16, bf16
    case q8_0, q4_0, q4_1, q5_0, q5_1
    case q2_K, q3_K, q4_K, q5_K, q6_K, q8_K, iq4_nl, iq4_xs

    /// Types that floats can be stored as; the others are only read.
    package static let writable: [ElementType] = [.f32, .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1]

    /// Elements that are stored together; a row is a whole number of blocks.
    package var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .iq4_nl: 32
        case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .q8_K, .iq4_xs: 256
        }
    }

    /// The bytes of one block.
    package var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q8_0: 34
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q2_K: 84
        case .q3_K: 110
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        case .q8_K: 292
        case .iq4_nl: 18
        case .iq4_xs: 136
        }
    }

    /// The number that GGML, GGUF files and the row kernels call this type by.
    package var ggmlType: UInt32 {
        switch self {
        case .f32: MK_ROW_F32.rawValue
        case .f16: MK_ROW_F16.rawValue
        case .bf16: MK_ROW_BF16.rawValue
        case .q8_0: MK_ROW_Q8_0.rawValue
        case .q4_0: MK_ROW_Q4_0.rawValue
        case .q4_1: MK_ROW_Q4_1.rawValue
        case .q5_0: MK_ROW_Q5_0.rawValue
        case .q5_1: MK_ROW_Q5_1.rawValue
        case .q2_K: MK_ROW_Q2_K.rawValue
        case .q3_K: MK_ROW_Q3_K.rawValue
        case .q4_K: MK_ROW_Q4_K.rawValue
        case .q5_K: MK_ROW_Q5_K.rawValue
        case .q6_K: MK_ROW_Q6_K.rawValue
        case .q8_K: MK_ROW_Q8_K.rawValue
        case .iq4_nl: MK_ROW_IQ4_NL.rawValue
        case .iq4_xs: MK_ROW_IQ4_XS.rawValue
        }
    }

    package init?(ggmlType: UInt32) {
        guard let type = Self.allCases.first(where: { $0.ggmlType == ggmlType }) else { return nil }
        self = type
    }

    /// The bytes of a row-major tensor, or nil if the sizes overflow or a row is no whole number of blocks.
    /// A tensor without dimensions is one element.
    package func byteCount(shape: [Int]) -> Int? {
        guard (shape.last ?? 1) % blockSize == 0, let elements = ElementType.elementCount(shape) else {
            return nil
        }
        let (bytes, overflow) = (elements / blockSize).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// The product of the dimensions, or nil if one is negative or the product of those that are not zero
    /// overflows.
    static func elementCount(_ shape: [Int]) -> Int? {
        var product = 1
        for dimension in shape {
            guard dimension >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(dimension, 1))
            guard !overflow else { return nil }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }

    /// "f32, f16, …" for messages.
    static var supported: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
