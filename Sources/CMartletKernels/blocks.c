// Stored rows to floats and back: IEEE half, bfloat16, and the GGML block formats of 32 elements
// (layouts: ggml/src/ggml-common.h; all fields little-endian, as on every machine this runs on).
//
//   q8_0: f16 d            | i8 q[32]               x = d * q
//   q4_0: f16 d            | u8 qs[16]              x = d * (q - 8)
//   q4_1: f16 d, f16 m     | u8 qs[16]              x = d * q + m
//   q5_0: f16 d            | u32 qh | u8 qs[16]     x = d * (q - 16)
//   q5_1: f16 d, f16 m     | u32 qh | u8 qs[16]     x = d * q + m
//   iq4_nl: f16 d          | u8 qs[16]              x = d * levels[q]
//
// Element i of a block has its low four bits in the low half of qs[i] for i < 16 and in the high half of qs[i - 16] otherwise;
// its fifth bit is bit i of qh. The loops are plain C that compilers vectorise.

#include "martlet_blocks.h"

#include "grids.h"
#include "half.h"
#include "smallfloats.h"
#include "superblocks.h"

#include <float.h>
#include <string.h>

// A fused multiply-add would round differently from the reference.
#pragma clang fp contract(off)

enum { BLOCK = 32, HALF = BLOCK / 2 };

// MARK: scalar conversions

// To nearest, ties to even. NaN stays NaN, quiet, with the upper bits of its payload.
static inline uint16_t half_from_float(float x) {
    uint32_t u = bits_of(x);
    uint32_t sign = (u >> 16) & 0x8000;
    u &= 0x7fffffff;
    // Below 2^-14 the addition aligns the last bit of a half subnormal with the last bit of the sum and rounds it there.
    uint32_t subnormal = bits_of(float_of(u) + 0.5f) - bits_of(0.5f);
    uint32_t normal = (u - ((uint32_t)(127 - 15) << 23) + 0xfff + ((u >> 13) & 1)) >> 13;
    uint32_t nan = 0x7e00 | ((u >> 13) & 0x3ff);
    uint32_t r = u < (113u << 23) ? subnormal : normal;
    r = u >= (143u << 23) ? 0x7c00 : r;
    r = u > (255u << 23) ? nan : r;
    return (uint16_t)(r | sign);
}

static inline uint16_t bfloat_from_float(float x) {
    uint32_t u = bits_of(x);
    uint32_t rounded = (u + 0x7fff + ((u >> 16) & 1)) >> 16;
    uint32_t nan = (u >> 16) | 64;
    return (uint16_t)((u & 0x7fffffff) > 0x7f800000 ? nan : rounded);
}

static inline void store_half(uint8_t *p, float x) {
    uint16_t h = half_from_float(x);
    memcpy(p, &h, sizeof h);
}

// MARK: decoding

MK_CLONES static void decode_f16(const uint8_t *restrict src, size_t n, float *restrict dst) {
    for (size_t i = 0; i < n; i++) dst[i] = load_half(src + 2 * i);
}

MK_CLONES static void decode_bf16(const uint8_t *restrict src, size_t n, float *restrict dst) {
    for (size_t i = 0; i < n; i++) {
        uint16_t b;
        memcpy(&b, src + 2 * i, sizeof b);
        dst[i] = float_of((uint32_t)b << 16);
    }
}

MK_CLONES static void decode_q8_0(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (size_t b = 0; b < blocks; b++, src += 2 + BLOCK, dst += BLOCK) {
        float d = load_half(src);
        const int8_t *q = (const int8_t *)(src + 2);
        MK_EACH for (int i = 0; i < BLOCK; i++) dst[i] = d * (float)q[i];
    }
}

MK_CLONES static void decode_q4_0(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (size_t b = 0; b < blocks; b++, src += 2 + HALF, dst += BLOCK) {
        float d = load_half(src);
        const uint8_t *qs = src + 2;
        MK_EACH for (int i = 0; i < HALF; i++) {
            dst[i] = d * (float)((int)(qs[i] & 15) - 8);
            dst[i + HALF] = d * (float)((int)(qs[i] >> 4) - 8);
        }
    }
}

MK_CLONES static void decode_q4_1(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (size_t b = 0; b < blocks; b++, src += 4 + HALF, dst += BLOCK) {
        float d = load_half(src), m = load_half(src + 2);
        const uint8_t *qs = src + 4;
        MK_EACH for (int i = 0; i < HALF; i++) {
            dst[i] = d * (float)(int)(qs[i] & 15) + m;
            dst[i + HALF] = d * (float)(int)(qs[i] >> 4) + m;
        }
    }
}

static void decode_iq4_nl(const uint8_t *src, size_t blocks, float *dst) {
    for (size_t b = 0; b < blocks; b++, src += 2 + HALF, dst += BLOCK) {
        float d = load_half(src);
        const uint8_t *qs = src + 2;
        for (int i = 0; i < HALF; i++) {
            dst[i] = d * mk_uneven_levels[qs[i] & 15];
            dst[i + HALF] = d * mk_uneven_levels[qs[i] >> 4];
        }
    }
}

// The five-bit values of one block, 0...31.
static inline void unpack_five_bits(const uint8_t *src, int32_t q[BLOCK]) {
    uint32_t high;
    memcpy(&high, src, sizeof high);
    const uint8_t *qs = src + 4;
    for (int i = 0; i < HALF; i++) {
        q[i] = (int32_t)((qs[i] & 15) | ((high >> i) & 1) << 4);
        q[i + HALF] = (int32_t)((qs[i] >> 4) | ((high >> (i + HALF)) & 1) << 4);
    }
}

MK_CLONES static void decode_q5_0(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (size_t b = 0; b < blocks; b++, src += 6 + HALF, dst += BLOCK) {
        float d = load_half(src);
        int32_t q[BLOCK];
        unpack_five_bits(src + 2, q);
        MK_EACH for (int i = 0; i < BLOCK; i++) dst[i] = d * (float)(q[i] - 16);
    }
}

MK_CLONES static void decode_q5_1(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (size_t b = 0; b < blocks; b++, src += 8 + HALF, dst += BLOCK) {
        float d = load_half(src), m = load_half(src + 2);
        int32_t q[BLOCK];
        unpack_five_bits(src + 4, q);
        MK_EACH for (int i = 0; i < BLOCK; i++) dst[i] = d * (float)q[i] + m;
    }
}

// MARK: encoding

// Truncates to an integer and cuts to 0...top. Comparing first keeps every conversion in range: NaN and values below 0 give 0.
static inline uint8_t cut(float x, float top) {
    float low = x > 0 ? x : 0;
    return (uint8_t)(int)(low < top ? low : top);
}

// A block of zeros, or of values so small that the reciprocal of their scale is infinite, is encoded with a reciprocal of 0.
static inline float reciprocal(float d) {
    float r = 1.0f / d;
    return d == 0 || r > FLT_MAX || r < -FLT_MAX ? 0 : r;
}

// The element of largest magnitude with its sign, the first of several.
static inline float signed_peak(const float *x) {
    float peak = 0, magnitude = 0;
    for (int i = 0; i < BLOCK; i++) {
        float a = x[i] < 0 ? -x[i] : x[i];
        if (a > magnitude) {
            magnitude = a;
            peak = x[i];
        }
    }
    return peak;
}

static inline void value_range(const float *x, float *low, float *high) {
    float a = x[0], b = x[0];
    for (int i = 1; i < BLOCK; i++) {
        a = x[i] < a ? x[i] : a;
        b = x[i] > b ? x[i] : b;
    }
    *low = a;
    *high = b;
}

static inline void pack_four_bits(const uint8_t q[BLOCK], uint8_t *qs) {
    for (int i = 0; i < HALF; i++) qs[i] = (uint8_t)((q[i] & 15) | q[i + HALF] << 4);
}

static inline void pack_five_bits(const uint8_t q[BLOCK], uint8_t *dst) {
    uint32_t high = 0;
    for (int i = 0; i < BLOCK; i++) high |= (uint32_t)(q[i] >> 4) << i;
    memcpy(dst, &high, sizeof high);
    pack_four_bits(q, dst + 4);
}

static void encode_f16(const float *src, size_t n, uint8_t *dst) {
    for (size_t i = 0; i < n; i++) store_half(dst + 2 * i, src[i]);
}

static void encode_bf16(const float *src, size_t n, uint8_t *dst) {
    for (size_t i = 0; i < n; i++) {
        uint16_t b = bfloat_from_float(src[i]);
        memcpy(dst + 2 * i, &b, sizeof b);
    }
}

static void encode_q8_0(const float *src, size_t blocks, uint8_t *dst) {
    for (size_t b = 0; b < blocks; b++, src += BLOCK, dst += 2 + BLOCK) {
        float d = mk_largest_magnitude(src, BLOCK) / 127.0f;
        float r = reciprocal(d);
        store_half(dst, d);
        for (int i = 0; i < BLOCK; i++) {
            // Rounds half away from zero; adding 0.5 first would round 0.49999997 up.
            float x = src[i] * r;
            int whole = (int)x;
            float rest = x - (float)whole;
            dst[2 + i] = (uint8_t)(int8_t)(whole + (rest >= 0.5f) - (rest <= -0.5f));
        }
    }
}

// Symmetric: the peak maps to -levels / 2, the middle of the range to 0.
static void encode_symmetric(const float *src, size_t blocks, uint8_t *dst, int bits) {
    const float middle = bits == 4 ? 8 : 16;
    const size_t size = bits == 4 ? 2 + HALF : 6 + HALF;
    for (size_t b = 0; b < blocks; b++, src += BLOCK, dst += size) {
        float d = signed_peak(src) / -middle;
        float r = reciprocal(d);
        uint8_t q[BLOCK];
        for (int i = 0; i < BLOCK; i++) q[i] = cut(src[i] * r + (middle + 0.5f), 2 * middle - 1);
        store_half(dst, d);
        if (bits == 4) pack_four_bits(q, dst + 2);
        else pack_five_bits(q, dst + 2);
    }
}

static void encode_affine(const float *src, size_t blocks, uint8_t *dst, int bits) {
    const float top = bits == 4 ? 15 : 31;
    const size_t size = bits == 4 ? 4 + HALF : 8 + HALF;
    for (size_t b = 0; b < blocks; b++, src += BLOCK, dst += size) {
        float low, high;
        value_range(src, &low, &high);
        float d = (high - low) / top;
        float r = reciprocal(d);
        uint8_t q[BLOCK];
        for (int i = 0; i < BLOCK; i++) q[i] = cut((src[i] - low) * r + 0.5f, top);
        store_half(dst, d);
        store_half(dst + 2, low);
        if (bits == 4) pack_four_bits(q, dst + 4);
        else pack_five_bits(q, dst + 4);
    }
}

// MARK: entry points

int mk_dequantise_row(int type, const void *src, size_t n, float *dst) {
    if (type == MK_ROW_F32) {
        if (n) memcpy(dst, src, n * sizeof *dst);
        return 0;
    }
    if (type == MK_ROW_F16) return decode_f16(src, n, dst), 0;
    if (type == MK_ROW_BF16) return decode_bf16(src, n, dst), 0;
    if (type == MK_ROW_F64) return mk_decode_f64(src, n, dst), 0;
    if (type == MK_ROW_F8_E4M3) return mk_decode_e4m3(src, n, dst), 0;
    if (type == MK_ROW_F8_E5M2) return mk_decode_e5m2(src, n, dst), 0;
    if (type == MK_ROW_E8M0) return mk_decode_e8m0(src, n, dst), 0;
    if (type == MK_ROW_I8) return mk_decode_i8(src, n, dst), 0;
    if (type == MK_ROW_F4_E2M1) return n % 2 ? -1 : (mk_decode_e2m1(src, n, dst), 0);
    if (n % BLOCK) return -1;
    size_t blocks = n / BLOCK;
    switch (type) {
    case MK_ROW_MXFP4: return mk_decode_mxfp4(src, blocks, dst), 0;
    case MK_ROW_NVFP4: return blocks % 2 ? -1 : (mk_decode_nvfp4(src, blocks / 2, dst), 0);
    case MK_ROW_IQ4_NL: return decode_iq4_nl(src, blocks, dst), 0;
    case MK_ROW_Q8_0: return decode_q8_0(src, blocks, dst), 0;
    case MK_ROW_Q4_0: return decode_q4_0(src, blocks, dst), 0;
    case MK_ROW_Q4_1: return decode_q4_1(src, blocks, dst), 0;
    case MK_ROW_Q5_0: return decode_q5_0(src, blocks, dst), 0;
    case MK_ROW_Q5_1: return decode_q5_1(src, blocks, dst), 0;
    default: return mk_decode_superblocks(type, src, n, dst) && mk_decode_points(type, src, n, dst) ? -1 : 0;
    }
}

int mk_quantise_row(int type, const float *src, size_t n, void *dst) {
    if (type == MK_ROW_F32) {
        if (n) memcpy(dst, src, n * sizeof *src);
        return 0;
    }
    if (type == MK_ROW_F16) return encode_f16(src, n, dst), 0;
    if (type == MK_ROW_BF16) return encode_bf16(src, n, dst), 0;
    if (n % BLOCK) return -1;
    size_t blocks = n / BLOCK;
    switch (type) {
    case MK_ROW_Q8_0: return encode_q8_0(src, blocks, dst), 0;
    case MK_ROW_Q4_0: return encode_symmetric(src, blocks, dst, 4), 0;
    case MK_ROW_Q5_0: return encode_symmetric(src, blocks, dst, 5), 0;
    case MK_ROW_Q4_1: return encode_affine(src, blocks, dst, 4), 0;
    case MK_ROW_Q5_1: return encode_affine(src, blocks, dst, 5), 0;
    default: return -1;
    }
}

float mk_largest_magnitude(const float *src, size_t n) {
    // The bits of magnitudes order as the magnitudes do, with infinity and then every NaN on top.
    uint32_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t u = bits_of(src[i]) & 0x7fffffff;
        largest = u > largest ? u : largest;
    }
    return float_of(largest > 0x7f800000 ? 0x7f800000 : largest);
}
