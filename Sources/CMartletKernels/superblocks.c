// GGML's formats of 256 elements a block to floats (layouts: ggml/src/ggml-common.h; all fields little-endian).
//
//   q2_K:   u8 s[16], u8 qs[64], f16 d, f16 m               x = d * low(s) * q - m * high(s)
//   q3_K:   u8 qh[32], u8 qs[64], u8 s[12], f16 d           x = d * (s - 32) * (q - 4)
//   q4_K:   f16 d, f16 m, u8 s[12], u8 qs[128]              x = d * s * q - m * t
//   q5_K:   f16 d, f16 m, u8 s[12], u8 qh[32], u8 qs[128]   x = d * s * q - m * t
//   q6_K:   u8 ql[128], u8 qh[64], i8 s[16], f16 d          x = d * s * (q - 32)
//   q8_K:   f32 d, i8 q[256], i16 sums[16]                  x = d * q
//   tq1_0:  u8 q[48], u8 qh[4], f16 d                       x = d * (t - 1)
//   tq2_0:  u8 q[64], f16 d                                 x = d * (t - 1)
//   iq4_xs: f16 d, u16 sh, u8 sl[4], u8 qs[128]             x = d * (s - 32) * levels[q]
//
// A block falls into groups of 16 or 32 elements with a scale s, and for some a minimum t, of four, six or eight bits.

#include "superblocks.h"

#include "half.h"
#include "martlet_blocks.h"

// A fused multiply-add would round differently from the reference.
#pragma clang fp contract(off)

enum { SUPER = 256 };

const float mk_uneven_levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// Two bits of each element: byte i of a half's 32 holds elements i, i + 32, i + 64 and i + 96 of its 128.
MK_CLONES static void decode_q2_k(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (; blocks; blocks--, src += 84) {
        const uint8_t *scales = src, *qs = src + 16;
        float d = load_half(src + 80), m = load_half(src + 82);
        for (int group = 0; group < 16; group++, dst += 16) {
            const uint8_t *q = qs + group / 8 * 32 + group % 2 * 16;
            int shift = group % 8 / 2 * 2;
            float scale = d * (float)(scales[group] & 15), low = m * (float)(scales[group] >> 4);
            MK_EACH for (int i = 0; i < 16; i++) dst[i] = scale * (float)(q[i] >> shift & 3) - low;
        }
    }
}

// As q2_K, with a third bit in qh, whose byte i holds those of the elements i + 32 * bit. Scales have four bits in the first eight
// bytes, low halves before high ones, and two in the last four.
MK_CLONES static void decode_q3_k(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (; blocks; blocks--, src += 110) {
        const uint8_t *high = src, *qs = src + 32, *scales = src + 96;
        float d = load_half(src + 108);
        for (int group = 0; group < 16; group++, dst += 16) {
            int low = scales[group % 8] >> group / 8 * 4 & 15, top = scales[8 + group % 4] >> group / 4 * 2 & 3;
            float scale = d * (float)((low | top << 4) - 32);
            const uint8_t *q = qs + group / 8 * 32 + group % 2 * 16, *h = high + group % 2 * 16;
            int shift = group % 8 / 2 * 2, bit = group / 2;
            MK_EACH for (int i = 0; i < 16; i++) dst[i] = scale * (float)((q[i] >> shift & 3) + (h[i] >> bit & 1) * 4 - 4);
        }
    }
}

// Scale and minimum of one of eight groups: six bits each. The first four have bytes of their own, whose two upper bits belong to the
// last four.
static inline void six_bits(const uint8_t *s, int group, float *scale, float *minimum) {
    if (group < 4) {
        *scale = (float)(s[group] & 63);
        *minimum = (float)(s[group + 4] & 63);
    } else {
        *scale = (float)((s[group + 4] & 15) | s[group - 4] >> 6 << 4);
        *minimum = (float)(s[group + 4] >> 4 | s[group] >> 6 << 4);
    }
}

// Groups of 32 in pairs: the low and the high halves of the same 32 bytes.
MK_CLONES static void decode_q4_k(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (; blocks; blocks--, src += 144) {
        float d = load_half(src), m = load_half(src + 2), scale, minimum;
        for (int group = 0; group < 8; group++, dst += 32) {
            const uint8_t *q = src + 16 + group / 2 * 32;
            six_bits(src + 4, group, &scale, &minimum);
            scale *= d;
            minimum *= m;
            MK_EACH for (int i = 0; i < 32; i++) dst[i] = scale * (float)(q[i] >> group % 2 * 4 & 15) - minimum;
        }
    }
}

// As q4_K; the fifth bit of element i of a group is the group's bit in qh[i].
MK_CLONES static void decode_q5_k(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (; blocks; blocks--, src += 176) {
        float d = load_half(src), m = load_half(src + 2), scale, minimum;
        const uint8_t *high = src + 16;
        for (int group = 0; group < 8; group++, dst += 32) {
            const uint8_t *q = src + 48 + group / 2 * 32;
            six_bits(src + 4, group, &scale, &minimum);
            scale *= d;
            minimum *= m;
            MK_EACH for (int i = 0; i < 32; i++) {
                dst[i] = scale * (float)((q[i] >> group % 2 * 4 & 15) | (high[i] >> group & 1) << 4) - minimum;
            }
        }
    }
}

// A half of 128 elements has 64 bytes of low bits, whose low halves come first, and 32 of high ones, two bits for each quarter.
MK_CLONES static void decode_q6_k(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (; blocks; blocks--, src += 210) {
        float d = load_half(src + 208);
        const int8_t *scales = (const int8_t *)(src + 192);
        for (int group = 0; group < 16; group++, dst += 16) {
            int quarter = group % 8 / 2, place = group % 2 * 16;
            const uint8_t *low = src + group / 8 * 64 + quarter % 2 * 32 + place, *high = src + 128 + group / 8 * 32 + place;
            float scale = d * (float)scales[group];
            MK_EACH for (int i = 0; i < 16; i++) {
                int q = (low[i] >> quarter / 2 * 4 & 15) | (high[i] >> quarter * 2 & 3) << 4;
                dst[i] = scale * (float)(q - 32);
            }
        }
    }
}

MK_CLONES static void decode_q8_k(const uint8_t *restrict src, size_t blocks, float *restrict dst) {
    for (; blocks; blocks--, src += 292, dst += SUPER) {
        float d;
        memcpy(&d, src, sizeof d);
        const int8_t *q = (const int8_t *)(src + 4);
        MK_EACH for (int i = 0; i < SUPER; i++) dst[i] = d * (float)q[i];
    }
}

static void decode_iq4_xs(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 136) {
        float d = load_half(src);
        int high = src[2] | src[3] << 8;
        for (int group = 0; group < 8; group++, dst += 32) {
            int low = src[4 + group / 2] >> group % 2 * 4 & 15;
            float scale = d * (float)((low | (high >> group * 2 & 3) << 4) - 32);
            const uint8_t *q = src + 8 + group * 16;
            for (int i = 0; i < 16; i++) {
                dst[i] = scale * mk_uneven_levels[q[i] & 15];
                dst[i + 16] = scale * mk_uneven_levels[q[i] >> 4];
            }
        }
    }
}

// Digits in base 3: a byte holds five as a fraction of 256, or four in qh, the first digit on top.
static inline float ternary(float d, uint8_t byte, int place) {
    static const uint8_t powers[5] = {1, 3, 9, 27, 81};
    const uint8_t rest = (uint8_t)(byte * powers[place]);
    return d * (float)((rest * 3 >> 8) - 1);
}

static void decode_tq1_0(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 54) {
        float d = load_half(src + 52);
        for (int place = 0; place < 5; place++)
            for (int i = 0; i < 32; i++) *dst++ = ternary(d, src[i], place);
        for (int place = 0; place < 5; place++)
            for (int i = 32; i < 48; i++) *dst++ = ternary(d, src[i], place);
        for (int place = 0; place < 4; place++)
            for (int i = 48; i < 52; i++) *dst++ = ternary(d, src[i], place);
    }
}

static void decode_tq2_0(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 66) {
        float d = load_half(src + 64);
        for (int half = 0; half < 2; half++)
            for (int shift = 0; shift < 8; shift += 2)
                for (int i = 0; i < 32; i++) *dst++ = d * (float)((src[half * 32 + i] >> shift & 3) - 1);
    }
}

int mk_decode_superblocks(int type, const uint8_t *src, size_t n, float *dst) {
    if (n % SUPER) return -1;
    size_t blocks = n / SUPER;
    switch (type) {
    case MK_ROW_Q2_K: return decode_q2_k(src, blocks, dst), 0;
    case MK_ROW_Q3_K: return decode_q3_k(src, blocks, dst), 0;
    case MK_ROW_Q4_K: return decode_q4_k(src, blocks, dst), 0;
    case MK_ROW_Q5_K: return decode_q5_k(src, blocks, dst), 0;
    case MK_ROW_Q6_K: return decode_q6_k(src, blocks, dst), 0;
    case MK_ROW_Q8_K: return decode_q8_k(src, blocks, dst), 0;
    case MK_ROW_TQ1_0: return decode_tq1_0(src, blocks, dst), 0;
    case MK_ROW_TQ2_0: return decode_tq2_0(src, blocks, dst), 0;
    case MK_ROW_IQ4_XS: return decode_iq4_xs(src, blocks, dst), 0;
    default: return -1;
    }
}
