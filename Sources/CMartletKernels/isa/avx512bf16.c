// AVX-512 with VNNI and BF16: two bf16 products a lane in one instruction.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,fma,bmi2"))), \
                             apply_to = function)

#define MK_ISA avx512bf16
#define MK_NEEDS (MK_AVX512_BITS | MK_BIT(MK_AVX512_VNNI) | MK_BIT(MK_AVX512_BF16))
#include "avx512.h"
#define MK_HAS_INT8 1
#define MK_DOT_INT8(acc, a, b) ((vi)_mm512_dpbusd_epi32((__m512i)(acc), (__m512i)(a), (__m512i)(b)))
#define MK_DOT_BF16(acc, a, b) ((vi)_mm512_dpbf16_ps((__m512)(acc), (__m512bh)(a), (__m512bh)(b)))
#define MK_ROUND_BF16
#define v_round_bf16(x) ((vh)_mm512_cvtneps_pbh((__m512)(x)))
#define v_round_bf16x2(x, y) ((vi)_mm512_cvtne2ps_pbh((__m512)(y), (__m512)(x)))
#include "../template/table.h"
#pragma clang attribute pop
#endif
