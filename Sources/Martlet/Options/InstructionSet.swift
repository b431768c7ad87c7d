/// SIMD kernels, by the names that `--isa` and `MARTLET_ISA` take.
public enum InstructionSet: String, Sendable, Hashable, CaseIterable {
    /// Plain C, slow: the reference that the others are tested against.
    case scalar
    /// AVX2 and FMA.
    case avx2
    /// AVX2 with AVX-VNNI: 8-bit dot products on 256 bits.
    case avxvnni
    /// AVX-512 F, BW, VL, DQ.
    case avx512
    /// AVX-512 with VNNI.
    case avx512vnni
    /// AVX-512 with VNNI and BF16.
    case avx512bf16
    /// AMX: tiles of int8 and bf16, beside AVX-512 with VNNI and BF16.
    case amx
    /// 64-bit Arm.
    case neon
    /// 64-bit Arm with dot products of bytes (DotProd).
    case neondot
    /// 64-bit Arm with I8MM and BF16.
    case neoni8mm
}
