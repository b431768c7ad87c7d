// Instantiates every kernel for one instruction set and fills its table, mk_kernels_<MK_ISA>.
#include "vector.h"
#include "math.h"
#include "rows.h"

// bf16 without an instruction for it: a bf16 is the upper half of an f32.
#ifndef MK_DOT_BF16
MK_INLINE vi dot_bf16(vi acc, vi a, vi b) {
    const vu high = (vu){0} + 0xffff0000u;
    vf sum = v_fma((vf)((vu)a << 16), (vf)((vu)b << 16), (vf)acc);
    return (vi)v_fma((vf)((vu)a & high), (vf)((vu)b & high), sum);
}
#define MK_DOT_BF16 dot_bf16
#define MK_HAS_BF16 0
#else
#define MK_HAS_BF16 1
#endif

// u8 * s8 without an instruction for it, exact: bytes are spread out and multiplied as 32-bit lanes.
#ifndef MK_DOT_INT8
MK_INLINE vi dot_int8(vi acc, vi a, vi b) {
    acc += (a & 0xff) * ((b << 24) >> 24);
    acc += ((a >> 8) & 0xff) * ((b << 16) >> 24);
    acc += ((a >> 16) & 0xff) * ((b << 8) >> 24);
    return acc + ((a >> 24) & 0xff) * (b >> 24);
}
#define MK_DOT_INT8 dot_int8
#endif
#ifndef MK_HAS_INT8
#define MK_HAS_INT8 0
#endif

MK_INLINE vi dot_f32(vi acc, vi a, vi b) { return (vi)v_fma((vf)a, (vf)b, (vf)acc); }

#define MK_P f32
#define MK_PRECISION 0
#define MK_ELEMENT float
#define MK_DOT dot_f32
#include "gemm.h"
#include "attention.h"
#undef MK_P
#undef MK_PRECISION
#undef MK_ELEMENT
#undef MK_DOT

#define MK_P bf16
#define MK_PRECISION 1
#define MK_ELEMENT uint16_t
#define MK_DOT MK_DOT_BF16
#include "gemm.h"
#include "attention.h"
#undef MK_P
#undef MK_PRECISION
#undef MK_ELEMENT
#undef MK_DOT

#define MK_P int8
#define MK_PRECISION 2
#define MK_DOT MK_DOT_INT8
#include "gemm.h"
#undef MK_P
#undef MK_PRECISION
#undef MK_DOT

#define MK_STRING2(x) #x
#define MK_STRING(x) MK_STRING2(x)

const mk_kernels MK_CAT(mk_kernels_, MK_ISA) = {
    .name = MK_STRING(MK_ISA),
    .panel_width = MK_VECTORS * MK_LANES,
    .tile_rows = MK_ROWS,
    .has_bf16_dot = MK_HAS_BF16,
    .has_int8_dot = MK_HAS_INT8,
    .gemm = {gemm_f32, gemm_bf16, gemm_int8},
    .pack = {pack_f32, pack_bf16, pack_int8},
    .attention = {attention_f32, attention_bf16},
    .norm = norm,
    .quantise = quantise,
    .dot = dot,
    .add_scaled = add_scaled,
};
