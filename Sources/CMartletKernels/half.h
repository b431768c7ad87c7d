// What the files of block formats share.
#ifndef MARTLET_HALF_H
#define MARTLET_HALF_H
#include <stdint.h>
#include <string.h>

// A function for each level of the processor, of which the loader takes the best. Every level gives the same bits.
#if defined(__x86_64__) && defined(__GLIBC__)
#define MK_CLONES __attribute__((target_clones("avx512bw", "avx2", "default")))
#else
#define MK_CLONES
#endif

// Before a loop over a block's elements: unrolled whole, which compilers do first, it would not be vectorised.
#define MK_EACH _Pragma("clang loop unroll(disable)")

static inline uint32_t bits_of(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static inline float float_of(uint32_t u) {
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

// MARK: scalar conversions

// Without a branch, so that loops over it vectorise. A subnormal half is rebuilt by one exact subtraction: no float subnormal is
// ever an operand, which keeps it fast and right when the processor flushes them.
static inline float half_to_float(uint16_t h) {
    uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13;
    uint32_t rebiased = magnitude + ((uint32_t)(127 - 15) << 23);
    uint32_t special = rebiased + ((uint32_t)(128 - 16) << 23);
    uint32_t subnormal = bits_of(float_of(rebiased + (1u << 23)) - float_of(113u << 23));
    uint32_t u = magnitude >= (31u << 23) ? special : rebiased;
    u = magnitude < (1u << 23) ? subnormal : u;
    return float_of(u | ((uint32_t)(h & 0x8000) << 16));
}

static inline float load_half(const uint8_t *p) {
    uint16_t h;
    memcpy(&h, p, sizeof h);
    return half_to_float(h);
}

#endif
