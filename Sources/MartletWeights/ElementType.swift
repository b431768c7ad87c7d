internal import CMartletKernels

/// How a tensor's elements are stored.
package enum ElementType: String, Sendable, CaseIterable {
    case f32, f16, bf16, f64
    case f8_e4m3, f8_e5m2
    /// Two elements a byte, without a scale.
    case f4_e2m1
    /// Powers of two, for scales.
    case e8m0
    case i8
    case q8_0, q4_0, q4_1, q5_0, q5_1
    case q2_K, q3_K, q4_K, q5_K, q6_K, q8_K, iq4_nl, iq4_xs
    case iq1_s, iq1_m, iq2_xxs, iq2_xs, iq2_s, iq3_xxs, iq3_s, tq1_0, tq2_0
    case mxfp4, nvfp4

    /// Types that floats can be stored as; the others are only read.
    package static let writable: [ElementType] = [.f32, .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1]

    /// Elements that are stored together; a row is a whole number of blocks.
    package var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16, .f64, .f8_e4m3, .f8_e5m2, .e8m0, .i8: 1
        case .f4_e2m1: 2
        case .q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .iq4_nl, .mxfp4: 32
        case .nvfp4: 64
        case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .q8_K, .iq4_xs: 256
        case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s, .tq1_0, .tq2_0: 256
        }
    }

    /// The bytes of one block.
    package var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .f64: 8
        case .f8_e4m3, .f8_e5m2, .f4_e2m1, .e8m0, .i8: 1
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
        case .iq1_s: 50
        case .iq1_m: 56
        case .iq2_xxs, .tq2_0: 66
        case .iq2_xs: 74
        case .iq2_s: 82
        case .iq3_xxs: 98
        case .iq3_s: 110
        case .tq1_0: 54
        case .mxfp4: 17
        case .nvfp4: 36
        }
    }

    /// The number that the row kernels call this type by; below 1000 it is GGML's, as in GGUF files.
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
        case .f64: MK_ROW_F64.rawValue
        case .f8_e4m3: MK_ROW_F8_E4M3.rawValue
        case .f8_e5m2: MK_ROW_F8_E5M2.rawValue
        case .f4_e2m1: MK_ROW_F4_E2M1.rawValue
        case .e8m0: MK_ROW_E8M0.rawValue
        case .i8: MK_ROW_I8.rawValue
        case .iq1_s: MK_ROW_IQ1_S.rawValue
        case .iq1_m: MK_ROW_IQ1_M.rawValue
        case .iq2_xxs: MK_ROW_IQ2_XXS.rawValue
        case .iq2_xs: MK_ROW_IQ2_XS.rawValue
        case .iq2_s: MK_ROW_IQ2_S.rawValue
        case .iq3_xxs: MK_ROW_IQ3_XXS.rawValue
        case .iq3_s: MK_ROW_IQ3_S.rawValue
        case .tq1_0: MK_ROW_TQ1_0.rawValue
        case .tq2_0: MK_ROW_TQ2_0.rawValue
        case .mxfp4: MK_ROW_MXFP4.rawValue
        case .nvfp4: MK_ROW_NVFP4.rawValue
        }
    }

    /// - Parameter ggmlType: A type's number in a GGUF file.
    package init?(ggmlType: UInt32) {
        guard ggmlType < 1000, let type = Self.allCases.first(where: { $0.ggmlType == ggmlType }) else {
            return nil
        }
        self = type
    }

    /// The most elements of one dimension. A tensor without elements may name any size for its other
    /// dimensions: with this limit they can be multiplied by what a block holds.
    static let largestDimension = 1 << 40

    /// The bytes of a row-major tensor, or nil if the sizes overflow or a row is no whole number of blocks.
    /// A tensor without dimensions is one element.
    package func byteCount(shape: [Int]) -> Int? {
        guard (shape.last ?? 1) % blockSize == 0, let elements = ElementType.elementCount(shape) else {
            return nil
        }
        let (bytes, overflow) = (elements / blockSize).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// The product of the dimensions, or nil if one is negative or above the limit, or the product of those
    /// that are not zero overflows.
    static func elementCount(_ shape: [Int]) -> Int? {
        var product = 1
        for dimension in shape {
            guard (0...largestDimension).contains(dimension) else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(dimension, 1))
            guard !overflow else { return nil }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }
}
