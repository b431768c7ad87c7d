// GGML's formats of 256 elements whose blocks hold indices of points to floats (layouts: ggml/src/ggml-common.h; all fields
// little-endian). A point is 8 or 4 neighbouring elements; see grids.h.
//
//   iq2_xxs: f16 d, 8 × (u8 q[4], u32 s)                         x = d * (0.5 + s >> 28) / 4 * point
//   iq2_xs:  f16 d, u16 q[32], u8 s[8]                           x = d * (0.5 + s) / 4 * point
//   iq2_s:   f16 d, u8 q[32], u8 signs[32], u8 qh[8], u8 s[8]    x = d * (0.5 + s) / 4 * point
//   iq3_xxs: f16 d, u8 q[64], u32 s[8]                           x = d * (0.5 + s >> 28) / 2 * point
//   iq3_s:   f16 d, u8 q[64], u8 qh[8], u8 signs[32], u8 s[4]    x = d * (1 + 2 s) * point
//   iq1_s:   f16 d, u8 q[32], u16 qh[8]                          x = d * (1 + 2 s) * (point ± 1/8)
//   iq1_m:   u8 q[32], u8 qh[16], u16 s[4]                       x = d * (1 + 2 s) * (point ± 1/8)
//
// A sign is a bit for each element. Where seven bits stand for eight, the number of set bits is even.

#include "grids.h"
#include "half.h"
#include "martlet_blocks.h"

// A fused multiply-add would round differently from the reference.
#pragma clang fp contract(off)

enum { SUPER = 256 };

static const float levels_2[4] = {8, 25, 43, 0};
static const float levels_3_xxs[8] = {4, 12, 20, 28, 36, 44, 52, 62};
static const float levels_3_s[8] = {1, 3, 5, 7, 9, 11, 13, 15};

static inline uint32_t load_u32(const uint8_t *p) {
    uint32_t u;
    memcpy(&u, p, sizeof u);
    return u;
}

static inline uint32_t load_u16(const uint8_t *p) {
    uint16_t u;
    memcpy(&u, p, sizeof u);
    return u;
}

static inline uint32_t even_signs(uint32_t seven) {
    return seven | (uint32_t)(__builtin_popcount(seven) & 1) << 7;
}

static inline float with_sign(float x, uint32_t bit) {
    return float_of(bits_of(x) ^ bit << 31);
}

static inline void put_8(uint32_t point, float scale, uint32_t signs, float *dst) {
    for (int i = 0; i < 8; i++) dst[i] = with_sign(scale * levels_2[point >> 2 * i & 3], signs >> i & 1);
}

static inline void put_4(uint32_t point, const float *levels, float scale, uint32_t signs, float *dst) {
    for (int i = 0; i < 4; i++) dst[i] = with_sign(scale * levels[point >> 4 * i & 7], signs >> i & 1);
}

static inline void put_1(uint32_t point, float scale, float delta, float *dst) {
    for (int i = 0; i < 8; i++) dst[i] = scale * ((float)(int)(point >> 2 * i & 3) - 1 + delta);
}

static void decode_iq2_xxs(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 66) {
        float d = load_half(src);
        for (int group = 0; group < 8; group++) {
            const uint8_t *q = src + 2 + group * 8;
            uint32_t s = load_u32(q + 4);
            float scale = d * (0.5f + (float)(s >> 28)) * 0.25f;
            for (int i = 0; i < 4; i++, dst += 8) put_8(mk_grid_iq2_xxs[q[i]], scale, even_signs(s >> 7 * i & 127), dst);
        }
    }
}

static void decode_iq2_xs(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 74) {
        float d = load_half(src);
        const uint8_t *scales = src + 66;
        for (int i = 0; i < 32; i++, dst += 8) {
            uint32_t q = load_u16(src + 2 + 2 * i);
            float scale = d * (0.5f + (float)(scales[i / 4] >> i / 2 % 2 * 4 & 15)) * 0.25f;
            put_8(mk_grid_iq2_xs[q & 511], scale, even_signs(q >> 9), dst);
        }
    }
}

static void decode_iq2_s(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 82) {
        float d = load_half(src);
        const uint8_t *q = src + 2, *signs = src + 34, *high = src + 66, *scales = src + 74;
        for (int i = 0; i < 32; i++, dst += 8) {
            uint32_t index = q[i] | (uint32_t)(high[i / 4] >> i % 4 * 2 & 3) << 8;
            float scale = d * (0.5f + (float)(scales[i / 4] >> i / 2 % 2 * 4 & 15)) * 0.25f;
            put_8(mk_grid_iq2_s[index], scale, signs[i], dst);
        }
    }
}

static void decode_iq3_xxs(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 98) {
        float d = load_half(src);
        for (int group = 0; group < 8; group++) {
            const uint8_t *q = src + 2 + group * 8;
            uint32_t s = load_u32(src + 66 + group * 4);
            float scale = d * (0.5f + (float)(s >> 28)) * 0.5f;
            for (int i = 0; i < 8; i++, dst += 4) {
                uint32_t signs = even_signs(s >> 7 * (i / 2) & 127) >> i % 2 * 4;
                put_4(mk_grid_iq3_xxs[q[i]], levels_3_xxs, scale, signs, dst);
            }
        }
    }
}

static void decode_iq3_s(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 110) {
        float d = load_half(src);
        const uint8_t *q = src + 2, *high = src + 66, *signs = src + 74, *scales = src + 106;
        for (int i = 0; i < 64; i++, dst += 4) {
            uint32_t index = q[i] | (uint32_t)(high[i / 8] >> i % 8 & 1) << 8;
            float scale = d * (1 + 2 * (float)(scales[i / 16] >> i / 8 % 2 * 4 & 15));
            put_4(mk_grid_iq3_s[index], levels_3_s, scale, (uint32_t)signs[i / 2] >> i % 2 * 4, dst);
        }
    }
}

static void decode_iq1_s(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 50) {
        float d = load_half(src);
        for (int i = 0; i < 32; i++, dst += 8) {
            uint32_t high = load_u16(src + 34 + i / 4 * 2);
            uint32_t index = src[2 + i] | (high >> i % 4 * 3 & 7) << 8;
            float scale = d * (float)(2 * (high >> 12 & 7) + 1);
            put_1(mk_grid_iq1[index], scale, high >> 15 ? -0.125f : 0.125f, dst);
        }
    }
}

// The scale of a block is in four parts, the upper bits of the groups' scales.
static void decode_iq1_m(const uint8_t *src, size_t blocks, float *dst) {
    for (; blocks; blocks--, src += 56) {
        uint32_t parts = 0;
        for (int i = 0; i < 4; i++) parts |= load_u16(src + 48 + 2 * i) >> 12 << 4 * i;
        float d = half_to_float((uint16_t)parts);
        for (int i = 0; i < 32; i++, dst += 8) {
            uint32_t high = (uint32_t)src[32 + i / 2] >> i % 2 * 4;
            uint32_t s = load_u16(src + 48 + i / 8 * 2) >> i / 2 % 4 * 3 & 7;
            put_1(mk_grid_iq1[src[i] | (high & 7) << 8], d * (float)(2 * s + 1), high & 8 ? -0.125f : 0.125f, dst);
        }
    }
}

int mk_decode_points(int type, const uint8_t *src, size_t n, float *dst) {
    if (n % SUPER) return -1;
    size_t blocks = n / SUPER;
    switch (type) {
    case MK_ROW_IQ2_XXS: return decode_iq2_xxs(src, blocks, dst), 0;
    case MK_ROW_IQ2_XS: return decode_iq2_xs(src, blocks, dst), 0;
    case MK_ROW_IQ2_S: return decode_iq2_s(src, blocks, dst), 0;
    case MK_ROW_IQ3_XXS: return decode_iq3_xxs(src, blocks, dst), 0;
    case MK_ROW_IQ3_S: return decode_iq3_s(src, blocks, dst), 0;
    case MK_ROW_IQ1_S: return decode_iq1_s(src, blocks, dst), 0;
    case MK_ROW_IQ1_M: return decode_iq1_m(src, blocks, dst), 0;
    default: return -1;
    }
}
