// AVX2 and FMA: 8 lanes, 16 registers. int8 multiplies 16-bit pairs, which is exact where vpmaddubsw would saturate.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)

#define MK_ISA avx2
#define MK_NEEDS (MK_BIT(MK_AVX2))
#define MK_LANES 8
#define MK_VECTORS 2
#define MK_ROWS 6

typedef int32_t avx2_lanes __attribute__((vector_size(32)));
// Two passes, over the even bytes and over the odd ones, each widened to 16 bits.
static inline __attribute__((always_inline)) avx2_lanes weights_avx2(const int phase, avx2_lanes w) {
    const __m256i x = (__m256i)w;
    return (avx2_lanes)_mm256_srai_epi16(phase == 0 ? _mm256_slli_epi16(x, 8) : x, 8);
}
static inline __attribute__((always_inline)) avx2_lanes inputs_avx2(const int phase, avx2_lanes a) {
    const __m256i x = (__m256i)a;
    return (avx2_lanes)(phase == 0 ? _mm256_and_si256(x, _mm256_set1_epi32(0x00ff00ff)) : _mm256_srli_epi16(x, 8));
}
static inline __attribute__((always_inline)) avx2_lanes dot_int8_avx2(avx2_lanes acc, avx2_lanes a, avx2_lanes b) {
    acc += (avx2_lanes)_mm256_madd_epi16((__m256i)a, (__m256i)b);
    __asm__("" : "+x"(acc));  // or the compiler regroups the sums of both passes, and spills
    return acc;
}
#define MK_PHASES_INT8 2
#define MK_WEIGHTS_INT8 weights_avx2
#define MK_INPUTS_INT8 inputs_avx2
#define MK_DOT_INT8 dot_int8_avx2
#include "../template/table.h"
#pragma clang attribute pop
#endif
