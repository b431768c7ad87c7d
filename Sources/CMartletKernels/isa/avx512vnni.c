// AVX-512 with VNNI: four u8 * s8 products a lane in one instruction.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,bmi2"))), apply_to = function)

#define MK_ISA avx512vnni
#define MK_NEEDS (MK_AVX512_BITS | MK_BIT(MK_AVX512_VNNI))
#include "avx512.h"
#define MK_HAS_INT8 1
#define MK_DOT_INT8(acc, a, b) ((vi)_mm512_dpbusd_epi32((__m512i)(acc), (__m512i)(a), (__m512i)(b)))
#include "../template/table.h"
#pragma clang attribute pop
#endif
