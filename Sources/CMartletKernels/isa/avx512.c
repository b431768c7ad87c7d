// AVX-512 F, BW, VL and DQ: 16 lanes, 32 registers.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,bmi2"))), apply_to = function)

#define MK_ISA avx512
#define MK_NEEDS (MK_AVX512_BITS)
#include "avx512.h"

typedef int32_t avx512_lanes __attribute__((vector_size(64)));
// Two passes, over the even bytes and over the odd ones, each widened to 16 bits.
static inline __attribute__((always_inline)) avx512_lanes weights_avx512(const int phase, avx512_lanes w) {
    const __m512i x = (__m512i)w;
    return (avx512_lanes)_mm512_srai_epi16(phase == 0 ? _mm512_slli_epi16(x, 8) : x, 8);
}
static inline __attribute__((always_inline)) avx512_lanes inputs_avx512(const int phase, avx512_lanes a) {
    const __m512i x = (__m512i)a;
    return (avx512_lanes)(phase == 0 ? _mm512_and_si512(x, _mm512_set1_epi32(0x00ff00ff)) : _mm512_srli_epi16(x, 8));
}
static inline __attribute__((always_inline)) avx512_lanes dot_int8_avx512(avx512_lanes acc, avx512_lanes a, avx512_lanes b) {
    acc += (avx512_lanes)_mm512_madd_epi16((__m512i)a, (__m512i)b);
    __asm__("" : "+v"(acc));  // or the compiler regroups the sums of both passes, and spills
    return acc;
}
#define MK_PHASES_INT8 2
#define MK_WEIGHTS_INT8 weights_avx512
#define MK_INPUTS_INT8 inputs_avx512
#define MK_DOT_INT8 dot_int8_avx512
#include "../template/table.h"
#pragma clang attribute pop
#endif
