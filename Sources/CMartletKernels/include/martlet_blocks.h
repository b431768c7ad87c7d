#ifndef MARTLET_BLOCKS_H
#define MARTLET_BLOCKS_H
#include <stddef.h>
#include <stdint.h>

/// How the elements of a stored row are encoded. Below 1000 the values are GGML's type numbers, as GGUF files store them; from there on
/// they are types that GGML does not have.
enum mk_row_type {
    MK_ROW_F32 = 0,
    MK_ROW_F16 = 1,
    MK_ROW_Q4_0 = 2,
    MK_ROW_Q4_1 = 3,
    MK_ROW_Q5_0 = 6,
    MK_ROW_Q5_1 = 7,
    MK_ROW_Q8_0 = 8,
    MK_ROW_Q2_K = 10,
    MK_ROW_Q3_K = 11,
    MK_ROW_Q4_K = 12,
    MK_ROW_Q5_K = 13,
    MK_ROW_Q6_K = 14,
    MK_ROW_Q8_K = 15,
    MK_ROW_IQ2_XXS = 16,
    MK_ROW_IQ2_XS = 17,
    MK_ROW_IQ3_XXS = 18,
    MK_ROW_IQ1_S = 19,
    MK_ROW_IQ4_NL = 20,
    MK_ROW_IQ3_S = 21,
    MK_ROW_IQ2_S = 22,
    MK_ROW_IQ4_XS = 23,
    MK_ROW_I8 = 24,
    MK_ROW_F64 = 28,
    MK_ROW_IQ1_M = 29,
    MK_ROW_BF16 = 30,
    MK_ROW_TQ1_0 = 34,
    MK_ROW_TQ2_0 = 35,
    MK_ROW_MXFP4 = 39,
    MK_ROW_NVFP4 = 40,
    MK_ROW_F8_E4M3 = 1000,
    MK_ROW_F8_E5M2 = 1001,
    /// Two elements a byte, the low half first.
    MK_ROW_F4_E2M1 = 1002,
    /// A power of two, by its exponent.
    MK_ROW_E8M0 = 1003,
};

/// Decodes `n` elements at `src`, which need not be aligned, to floats at `dst`.
/// Returns 0, or -1 (nothing written) if the type is unknown or `n` is no multiple of its block size.
int mk_dequantise_row(int type, const void *src, size_t n, float *dst);

/// Encodes `n` floats at `src` to the stored form at `dst`, which need not be aligned, with the bits that GGML's reference gives.
/// For the block types the input must be finite. Returns 0, or -1 (nothing written) as above, and for the types that are only decoded.
int mk_quantise_row(int type, const float *src, size_t n, void *dst);

/// The largest magnitude of `n` floats; infinity if any is infinite or not a number, 0 if `n` is 0.
float mk_largest_magnitude(const float *src, size_t n);

#endif
