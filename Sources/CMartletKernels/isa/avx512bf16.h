// The dot products of AVX-512 with VNNI and BF16, and its rounding.
#define MK_HAS_INT8 1
#define MK_DOT_INT8(acc, a, b) ((vi)_mm512_dpbusd_epi32((__m512i)(acc), (__m512i)(a), (__m512i)(b)))
#define MK_DOT_BF16(acc, a, b) ((vi)_mm512_dpbf16_ps((__m512)(acc), (__m512bh)(a), (__m512bh)(b)))
#define MK_ROUND_BF16
#define v_round_bf16(x) ((vh)_mm512_cvtneps_pbh((__m512)(x)))
#define v_round_bf16x2(x, y) ((vi)_mm512_cvtne2ps_pbh((__m512)(y), (__m512)(x)))
