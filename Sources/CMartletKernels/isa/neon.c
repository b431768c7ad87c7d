// 64-bit Arm: 4 lanes, 32 registers. int8 widens to 16 bits, which every such CPU has.
#include "../tables.h"
#if defined(__aarch64__)
#include <arm_neon.h>

#define MK_ISA neon
#define MK_NEEDS 0
#define MK_LANES 4
#define MK_VECTORS 4
#define MK_ROWS 6

typedef int32_t neon_lanes __attribute__((vector_size(16)));
static inline __attribute__((always_inline)) neon_lanes dot_int8_neon(neon_lanes acc, neon_lanes a, neon_lanes b) {
    uint8x16_t x = (uint8x16_t)a;
    int8x16_t w = (int8x16_t)b;
    int16x8_t xl = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(x))), xh = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(x)));
    int16x8_t wl = vmovl_s8(vget_low_s8(w)), wh = vmovl_s8(vget_high_s8(w));
    int32x4_t low = vpaddq_s32(vmull_s16(vget_low_s16(xl), vget_low_s16(wl)), vmull_high_s16(xl, wl));
    int32x4_t high = vpaddq_s32(vmull_s16(vget_low_s16(xh), vget_low_s16(wh)), vmull_high_s16(xh, wh));
    return acc + (neon_lanes)vpaddq_s32(low, high);
}
#define MK_DOT_INT8 dot_int8_neon
#include "../template/table.h"
#endif
