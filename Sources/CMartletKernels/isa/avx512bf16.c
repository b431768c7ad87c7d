// AVX-512 with VNNI and BF16: two bf16 products a lane in one instruction.
#include "../tables.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,fma,bmi2"))), \
                             apply_to = function)

#define MK_ISA avx512bf16
#define MK_NEEDS (MK_AVX512_BITS | MK_BIT(MK_AVX512_VNNI) | MK_BIT(MK_AVX512_BF16))
#include "avx512.h"
#include "avx512bf16.h"
#include "../template/table.h"
#pragma clang attribute pop
#endif
