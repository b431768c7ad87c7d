// 64-bit Arm with I8MM and BF16: Apple M2 and later, Graviton 3 and later. USDOT multiplies u8 by s8, BFDOT pairs of bf16.
#include "../tables.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod,i8mm,bf16"))), apply_to = function)

#define MK_ISA neoni8mm
#define MK_NEEDS (MK_BIT(MK_DOTPROD) | MK_BIT(MK_I8MM) | MK_BIT(MK_ARM_BF16))
#define MK_LANES 4
#define MK_VECTORS 4
#define MK_ROWS 6
#define MK_HAS_INT8 1
#define MK_DOT_INT8(acc, a, b) ((vi)vusdotq_s32((int32x4_t)(acc), (uint8x16_t)(a), (int8x16_t)(b)))
#define MK_DOT_BF16(acc, a, b) ((vi)vbfdotq_f32((float32x4_t)(acc), (bfloat16x8_t)(a), (bfloat16x8_t)(b)))
#define MK_ROUND_BF16
#define v_round_bf16(x) ((vh)vcvt_bf16_f32((float32x4_t)(x)))
#define v_round_bf16x2(x, y) ((vi)vcvtq_high_bf16_f32(vcvtq_low_bf16_f32((float32x4_t)(x)), (float32x4_t)(y)))
#include "../template/table.h"
#pragma clang attribute pop
#endif
