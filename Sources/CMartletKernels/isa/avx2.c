// AVX2 and FMA: 8 lanes, 16 registers. int8 multiplies 16-bit pairs, which is exact where vpmaddubsw would saturate.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)

#define MK_ISA avx2
#define MK_LANES 8
#define MK_VECTORS 2
#define MK_ROWS 6

typedef int32_t avx2_lanes __attribute__((vector_size(32)));
static inline __attribute__((always_inline)) avx2_lanes dot_int8_avx2(avx2_lanes acc, avx2_lanes a, avx2_lanes b) {
    const __m256i even = _mm256_set1_epi32(0x00ff00ff), x = (__m256i)a, w = (__m256i)b;
    __m256i low = _mm256_madd_epi16(_mm256_and_si256(x, even), _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8));
    __m256i high = _mm256_madd_epi16(_mm256_srli_epi16(x, 8), _mm256_srai_epi16(w, 8));
    return acc + (avx2_lanes)low + (avx2_lanes)high;
}
#define MK_DOT_INT8 dot_int8_avx2
#include "../template/table.h"
#pragma clang attribute pop
#endif
