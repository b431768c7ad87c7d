// AVX2 with AVX-VNNI: four u8 * s8 products a lane in one instruction on 256 bits. Intel's Core since the 12th generation, Zen 5.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2,avxvnni"))), apply_to = function)

#define MK_ISA avxvnni
#define MK_NEEDS (MK_BIT(MK_AVX2) | MK_BIT(MK_AVX_VNNI))
#define MK_LANES 8
#define MK_VECTORS 2
#define MK_ROWS 6
#define MK_HAS_INT8 1
#define MK_DOT_INT8(acc, a, b) ((vi)_mm256_dpbusd_avx_epi32((__m256i)(acc), (__m256i)(a), (__m256i)(b)))
#define MK_DOT_S16(acc, a, b) ((vi)_mm256_dpwssd_avx_epi32((__m256i)(acc), (__m256i)(a), (__m256i)(b)))
#include "../template/table.h"
#pragma clang attribute pop
#endif
