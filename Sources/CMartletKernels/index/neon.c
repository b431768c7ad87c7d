// 64-bit Arm: a column of a block is four vectors.
#include "../half.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#define MK_SET neon
#define MK_WIDTH 16
#define MK_LOOKUP(table, index) ((bytes_neon)vqtbl1q_u8(vld1q_u8(table), (uint8x16_t)(index)))
#define MK_HALVES(p) ((floats_neon)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))))
#define MK_ABOVE(scores, x) above_neon(scores, x)

static inline __attribute__((always_inline)) uint64_t above_neon(const float *scores, float x) {
    const uint32x4_t weights = {1, 2, 4, 8};
    uint64_t bits = 0;
    for (int i = 0; i < 16; i++)
        bits |= (uint64_t)vaddvq_u32(vandq_u32(vcgtq_f32(vld1q_f32(scores + 4 * i), vdupq_n_f32(x)), weights)) << (4 * i);
    return bits;
}
#include "kernels.h"
#endif
