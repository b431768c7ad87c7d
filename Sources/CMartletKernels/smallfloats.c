// Numbers of 64, 8 and 4 bits to floats.
//
//   f64:      IEEE 754, rounded to the nearest float
//   f8_e4m3:  sign, 4 bits of exponent (bias 7), 3 of fraction; no infinity; all ones is NaN (Micikevicius et al. 2022)
//   f8_e5m2:  the upper half of an f16
//   e8m0:     2^(e - 127); all ones is NaN (OCP Microscaling 1.0)
//   i8:       a whole number
//   mxfp4:    u8 e, u8 q[16]: x = 2^(e - 127) * q, of 32 elements; low halves of the bytes first (OCP Microscaling 1.0)
//   nvfp4:    u8 s[4], u8 q[4][8]: x = s * q, of 4 × 16 elements; s is an f8_e4m3 without sign
//
// q is a float of 4 bits: sign, 2 of exponent, 1 of fraction.

#include "smallfloats.h"

#include "half.h"

// Twice the sixteen floats of 4 bits; both zeros are +0, as in GGML.
static const float doubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

static inline float e4m3(uint8_t b) {
    uint32_t magnitude = b & 0x7f, sign = (uint32_t)(b & 0x80) << 24;
    if (magnitude == 0x7f) return float_of(0x7fc00000u | sign);
    if (magnitude < 8) return float_of(bits_of((float)magnitude * 0x1p-9f) | sign);
    return float_of(((magnitude << 20) + ((127u - 7u) << 23)) | sign);
}

void mk_decode_f64(const uint8_t *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++) {
        double x;
        memcpy(&x, src + i * sizeof x, sizeof x);
        dst[i] = (float)x;
    }
}

void mk_decode_e4m3(const uint8_t *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++) dst[i] = e4m3(src[i]);
}

void mk_decode_e5m2(const uint8_t *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++) dst[i] = half_to_float((uint16_t)(src[i] << 8));
}

void mk_decode_e8m0(const uint8_t *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++)
        dst[i] = float_of(src[i] == 255 ? 0x7fc00000u : src[i] == 0 ? 0x00400000u : (uint32_t)src[i] << 23);
}

void mk_decode_i8(const uint8_t *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++) dst[i] = (float)(int8_t)src[i];
}

void mk_decode_e2m1(const uint8_t *src, size_t n, float *dst) {
    for (size_t i = 0; i < n; i++) dst[i] = 0.5f * doubled[src[i / 2] >> i % 2 * 4 & 15];
}

void mk_decode_mxfp4(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 17, dst += 32) {
        // Half of 2^(e - 127); the smallest two are subnormal.
        float d = float_of(src[0] < 2 ? 0x00200000u << src[0] : (uint32_t)(src[0] - 1) << 23);
        for (int i = 0; i < 16; i++) {
            dst[i] = d * doubled[src[1 + i] & 15];
            dst[i + 16] = d * doubled[src[1 + i] >> 4];
        }
    }
}

void mk_decode_nvfp4(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 36) {
        for (int group = 0; group < 4; group++, dst += 16) {
            const uint8_t s = src[group], *q = src + 4 + group * 8;
            float d = s & 0x80 ? e4m3(s & 0x7f) : s == 0x7f ? 0 : e4m3(s);
            for (int i = 0; i < 8; i++) {
                dst[i] = d * 0.5f * doubled[q[i] & 15];
                dst[i + 8] = d * 0.5f * doubled[q[i] >> 4];
            }
        }
    }
}
