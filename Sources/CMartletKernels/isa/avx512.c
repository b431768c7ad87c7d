// AVX-512 F, BW, VL and DQ: 16 lanes, 32 registers.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,bmi2"))), apply_to = function)

#define MK_ISA avx512
#include "avx512.h"

typedef int32_t avx512_lanes __attribute__((vector_size(64)));
static inline __attribute__((always_inline)) avx512_lanes dot_int8_avx512(avx512_lanes acc, avx512_lanes a, avx512_lanes b) {
    const __m512i even = _mm512_set1_epi32(0x00ff00ff), x = (__m512i)a, w = (__m512i)b;
    __m512i low = _mm512_madd_epi16(_mm512_and_si512(x, even), _mm512_srai_epi16(_mm512_slli_epi16(w, 8), 8));
    __m512i high = _mm512_madd_epi16(_mm512_srli_epi16(x, 8), _mm512_srai_epi16(w, 8));
    return acc + (avx512_lanes)low + (avx512_lanes)high;
}
#define MK_DOT_INT8 dot_int8_avx512
#include "../template/table.h"
#pragma clang attribute pop
#endif
