// AVX-512 F, BW, VL and DQ: a column of a block is one vector.
#include "../half.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,bmi2"))), apply_to = function)
#define MK_SET avx512
#define MK_WIDTH 64
#define MK_LOOKUP(table, index) \
    ((bytes_avx512)_mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(table))), (__m512i)(index)))
#define MK_HALVES(p) ((floats_avx512)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p))))
#define MK_ABOVE(scores, x) above_avx512(scores, x)

static inline __attribute__((always_inline)) uint64_t above_avx512(const float *scores, float x) {
    uint64_t bits = 0;
    for (int i = 0; i < 4; i++)
        bits |= (uint64_t)_mm512_cmp_ps_mask(_mm512_loadu_ps(scores + 16 * i), _mm512_set1_ps(x), _CMP_GT_OQ) << (16 * i);
    return bits;
}
#include "kernels.h"
#pragma clang attribute pop
#endif
