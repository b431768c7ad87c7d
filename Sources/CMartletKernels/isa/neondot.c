// 64-bit Arm with dot products of signed bytes (SDOT): Apple M1, Graviton 2, Raspberry Pi 5. The top bit of each input is turned over, which
// takes 128 from it; the shift of a row gives it back.
#include "../tables.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define MK_ISA neondot
#define MK_NEEDS MK_BIT(MK_DOTPROD)
#define MK_LANES 4
#define MK_VECTORS 4
#define MK_ROWS 6
#define MK_HAS_INT8 1
#define MK_SHIFT_INT8(shift, scale) ((shift) - 128.f * (scale))
typedef int32_t neondot_lanes __attribute__((vector_size(16)));
static inline __attribute__((always_inline)) neondot_lanes dot_int8_neondot(neondot_lanes acc, neondot_lanes a, neondot_lanes b) {
    __asm__("sdot %0.4s, %1.16b, %2.16b" : "+w"(acc) : "w"(a), "w"(b));  // the intrinsic's sums are moved and spilled around the loop
    return acc;
}
#define MK_PHASES_INT8 1
#define MK_WEIGHTS_INT8(phase, x) (x)
#define MK_INPUTS_INT8(phase, x) ((vi)((vu)(x) ^ 0x80808080u))
#define MK_DOT_INT8 dot_int8_neondot
#include "../template/table.h"
#pragma clang attribute pop
#endif
