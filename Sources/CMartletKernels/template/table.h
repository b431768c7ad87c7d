// Instantiates every kernel for one instruction set, whose features are the bits of MK_NEEDS, and fills its table, mk_kernels_<MK_ISA>.
#include "vector.h"
#ifdef MK_DOT_BF16
#define MK_HAS_BF16 1
#else
#define MK_HAS_BF16 0
#endif
#include "math.h"
#include "values.h"

// A row's shift, less what MK_INPUTS_INT8 has taken from its inputs times their scale.
#ifndef MK_SHIFT_INT8
#define MK_SHIFT_INT8(shift, scale) (shift)
#endif
#ifndef MK_BLOCK_ROWS
#define MK_BLOCK_ROWS (MK_ROWS * 16)
#endif
#include "rows.h"
#include "heads.h"
#include "gate.h"

// What a tile does with a 4-byte unit of weights and of inputs before MK_DOT, in each of MK_PHASES passes: nothing, where the
// instruction takes both whole.
#define MK_WHOLE(phase, x) (x)

// What the rows of a product are, by bits: a residual is added, they are bf16, the scaled sums of earlier groups of k are added (int8).
enum { c_residual = 1, c_bf16 = 2, c_before = 4 };

// bf16 without an instruction for it: a bf16 is the upper half of an f32, and even elements come before odd ones.
MK_INLINE vi dot_f32(vi acc, vi a, vi b) { return (vi)v_fma((vf)a, (vf)b, (vf)acc); }
#ifndef MK_DOT_BF16
MK_INLINE vi half_of(const int phase, vi x) { return phase == 0 ? x << 16 : (vi)((vu)x & 0xffff0000u); }
#define MK_DOT_BF16 dot_f32
#define MK_PHASES_BF16 2
#define MK_HALF_BF16 half_of
#else
#define MK_PHASES_BF16 1
#define MK_HALF_BF16 MK_WHOLE
#endif

// u8 * s8 in passes of its own (MK_WEIGHTS_INT8 and MK_INPUTS_INT8), or in one instruction (MK_HAS_INT8).
#ifndef MK_PHASES_INT8
#define MK_PHASES_INT8 1
#define MK_WEIGHTS_INT8 MK_WHOLE
#define MK_INPUTS_INT8 MK_WHOLE
#endif
#ifndef MK_HAS_INT8
#define MK_HAS_INT8 0
#endif

#define MK_P f32
#define MK_PRECISION 0
#define MK_ELEMENT float
#define MK_STORE v_store
#define MK_DOT dot_f32
#define MK_PHASES 1
#define MK_WEIGHTS MK_WHOLE
#define MK_INPUTS MK_WHOLE
#include "gemm.h"
#include "attention_pack.h"
#include "attention.h"
#include "attention_general.h"
#undef MK_P
#undef MK_PRECISION
#undef MK_ELEMENT
#undef MK_STORE
#undef MK_DOT
#undef MK_PHASES
#undef MK_WEIGHTS
#undef MK_INPUTS

#define MK_P bf16
#define MK_PRECISION 1
#define MK_ELEMENT uint16_t
#define MK_STORE v_store_bf16
#define MK_DOT MK_DOT_BF16
#define MK_PHASES MK_PHASES_BF16
#define MK_WEIGHTS MK_HALF_BF16
#define MK_INPUTS MK_HALF_BF16
#ifdef MK_BIG_TILE_BF16
#define MK_BIG_TILE MK_BIG_TILE_BF16
#define MK_BIG_FROM 1
#endif
#include "gemm.h"
#include "attention_pack.h"
#ifdef MK_BIG_TILE
#include "attention_tiles.h"
#define MK_BF16_ATTENTION attention_tiles
#define MK_BF16_ATTENTION_GENERAL attention_tiles_general
#else
#include "attention.h"
#include "attention_general.h"
#define MK_BF16_ATTENTION attention_bf16
#define MK_BF16_ATTENTION_GENERAL attention_general_bf16
#endif
#undef MK_BIG_TILE
#undef MK_BIG_FROM
#undef MK_P
#undef MK_PRECISION
#undef MK_ELEMENT
#undef MK_STORE
#undef MK_DOT
#undef MK_PHASES
#undef MK_WEIGHTS
#undef MK_INPUTS

#define MK_P int8
#define MK_PRECISION 2
#define MK_DOT MK_DOT_INT8
#define MK_PHASES MK_PHASES_INT8
#define MK_WEIGHTS MK_WEIGHTS_INT8
#define MK_INPUTS MK_INPUTS_INT8
#ifdef MK_BIG_TILE_INT8
#define MK_BIG_TILE MK_BIG_TILE_INT8
#define MK_BIG_FROM 7
#endif
#include "gemm.h"
#undef MK_BIG_TILE
#undef MK_BIG_FROM
#undef MK_P
#undef MK_PRECISION
#undef MK_DOT
#undef MK_PHASES
#undef MK_WEIGHTS
#undef MK_INPUTS

// What an int8 pass takes where it keeps f32 between its products.
#ifdef MK_DOT_S16
#include "attention_s16.h"
#define MK_INT8_ATTENTION attention_s16
#define MK_INT8_ATTENTION_GENERAL attention_general_s16
#else
#define MK_INT8_ATTENTION attention_f32
#define MK_INT8_ATTENTION_GENERAL attention_general_f32
#endif

#define MK_STRING2(x) #x
#define MK_STRING(x) MK_STRING2(x)

const mk_kernels MK_CAT(mk_kernels_, MK_ISA) = {
    .name = MK_STRING(MK_ISA),
    .needs = MK_NEEDS,
    .panel_width = MK_VECTORS * MK_LANES,
    .tile_rows = MK_ROWS,
    .block_rows = MK_BLOCK_ROWS,
#ifdef MK_BIG_TILE_BF16
    .chunk_floats = MK_BIG_ROWS * TILES_LD,
    .chunk_rows = MK_BIG_ROWS,
#endif
    .has_bf16_dot = MK_HAS_BF16,
    .has_int8_dot = MK_HAS_INT8,
    .gemm = {gemm_f32, gemm_bf16, gemm_int8, gemm_int4},
    .pack = {pack_f32, pack_bf16, pack_int8, pack_int4},
    .attention = {attention_f32, MK_BF16_ATTENTION, MK_INT8_ATTENTION},
    .attention_general = {attention_general_f32, MK_BF16_ATTENTION_GENERAL, MK_INT8_ATTENTION_GENERAL},
    .heads = {heads_f32, heads_bf16},
    .gate = gate,
    .norm = norm,
    .quantise = quantise,
    .dot = dot,
    .add_scaled = add_scaled,
};
