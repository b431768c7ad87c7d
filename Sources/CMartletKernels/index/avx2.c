// AVX2, FMA and F16C: a column of a block is two vectors.
#include "../half.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi2"))), apply_to = function)
#define MK_SET avx2
#define MK_WIDTH 32
#define MK_LOOKUP(table, index) \
    ((bytes_avx2)_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(table))), (__m256i)(index)))
#define MK_HALVES(p) ((floats_avx2)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p))))
#define MK_ABOVE(scores, x) above_avx2(scores, x)

static inline __attribute__((always_inline)) uint64_t above_avx2(const float *scores, float x) {
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(scores + 8 * i), _mm256_set1_ps(x), _CMP_GT_OQ))
                << (8 * i);
    return bits;
}
#include "kernels.h"
#pragma clang attribute pop
#endif
