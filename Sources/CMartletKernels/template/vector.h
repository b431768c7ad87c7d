// Vectors of MK_LANES floats on the compiler's own vector types, so that one source serves every instruction set.
// An isa/*.c file defines MK_LANES and, where the CPU has them, MK_DOT_BF16, MK_DOT_INT8 and MK_ROUND_BF16, then includes this.
#include <math.h>
#include <string.h>

#define MK_CAT2(a, b) a##b
#define MK_CAT(a, b) MK_CAT2(a, b)
#define MK_NAME(name) MK_CAT(name, MK_P)

#define MK_INLINE static inline __attribute__((always_inline))
#define MK_UNROLL _Pragma("clang loop unroll(full)")
#define MK_NO_UNROLL _Pragma("clang loop unroll(disable)")

typedef float vf __attribute__((vector_size(MK_LANES * 4)));
typedef int32_t vi __attribute__((vector_size(MK_LANES * 4)));
typedef uint32_t vu __attribute__((vector_size(MK_LANES * 4)));
typedef uint16_t vh __attribute__((vector_size(MK_LANES * 2)));
typedef uint8_t vb __attribute__((vector_size(MK_LANES)));

MK_INLINE vf v_load(const float *p) {
    vf x;
    memcpy(&x, p, sizeof x);
    return x;
}
MK_INLINE void v_store(float *p, vf x) { memcpy(p, &x, sizeof x); }
MK_INLINE vi v_load_bits(const void *p) {
    vi x;
    memcpy(&x, p, sizeof x);
    return x;
}
MK_INLINE void v_store_bits(void *p, vi x) { memcpy(p, &x, sizeof x); }
MK_INLINE vi v_set_bits(int32_t x) { return (vi){0} + x; }
MK_INLINE vf v_set(float x) {
    int32_t bits;
    memcpy(&bits, &x, 4);
    return (vf)v_set_bits(bits);
}
MK_INLINE vf v_fma(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
MK_INLINE vf v_select(vi mask, vf a, vf b) { return (vf)(((vi)a & mask) | ((vi)b & ~mask)); }
// As x86's instructions: the second argument where either is NaN, so a clamp that must keep a NaN has its bound first.
MK_INLINE vf v_max(vf a, vf b) { return v_select(a > b, a, b); }
MK_INLINE vf v_min(vf a, vf b) { return v_select(a < b, a, b); }

// All ones in the first n lanes.
MK_INLINE vi v_first(int64_t n) {
    vi lane;
    for (int i = 0; i < MK_LANES; i++) lane[i] = i;
    return lane < (int32_t)(n < MK_LANES ? n : MK_LANES);
}
// Loads n < MK_LANES elements, zero above.
MK_INLINE vf v_load_part(const float *p, int64_t n) {
    vf x = {0};
    memcpy(&x, p, (size_t)n * 4);
    return x;
}

MK_INLINE vf v_rotate(vf x, const int by) {
    vf y;
    MK_UNROLL for (int i = 0; i < MK_LANES; i++) y[i] = x[(i + by) % MK_LANES];
    return y;
}
// Reductions of lanes by halving: the order is fixed, and log2(lanes) steps deep.
MK_INLINE float v_sum(vf x) {
    MK_UNROLL for (int w = MK_LANES / 2; w > 0; w /= 2) x += v_rotate(x, w);
    return x[0];
}
MK_INLINE float v_reduce_max(vf x) {
    MK_UNROLL for (int w = MK_LANES / 2; w > 0; w /= 2) x = v_max(x, v_rotate(x, w));
    return x[0];
}
MK_INLINE float v_reduce_min(vf x) {
    MK_UNROLL for (int w = MK_LANES / 2; w > 0; w /= 2) x = v_min(x, v_rotate(x, w));
    return x[0];
}

// One step of a transposition: lanes whose number has bit w are exchanged between two vectors.
#if MK_LANES == 16
#define MK_LANE_LIST(E, w) \
    E(0, w), E(1, w), E(2, w), E(3, w), E(4, w), E(5, w), E(6, w), E(7, w), E(8, w), E(9, w), E(10, w), E(11, w), E(12, w), E(13, w), E(14, w), E(15, w)
#elif MK_LANES == 8
#define MK_LANE_LIST(E, w) E(0, w), E(1, w), E(2, w), E(3, w), E(4, w), E(5, w), E(6, w), E(7, w)
#else
#define MK_LANE_LIST(E, w) E(0, w), E(1, w), E(2, w), E(3, w)
#endif
#define MK_FROM_LOW(l, w) ((l) & (w) ? MK_LANES + (l) - (w) : (l))
#define MK_FROM_HIGH(l, w) ((l) & (w) ? MK_LANES + (l) : (l) + (w))
#define MK_EXCHANGE(w) \
    MK_UNROLL for (int i = 0; i < MK_LANES; i++) if (!(i & w)) { \
        const vi a = x[i], b = x[i | w]; \
        x[i] = __builtin_shufflevector(a, b, MK_LANE_LIST(MK_FROM_LOW, w)); \
        x[i | w] = __builtin_shufflevector(a, b, MK_LANE_LIST(MK_FROM_HIGH, w)); \
    }
// x[i][j] becomes x[j][i].
MK_INLINE void v_transpose(vi x[MK_LANES]) {
#if MK_LANES >= 16
    MK_EXCHANGE(8)
#endif
#if MK_LANES >= 8
    MK_EXCHANGE(4)
#endif
    MK_EXCHANGE(2)
    MK_EXCHANGE(1)
}

#ifndef MK_ROUND_BF16
// Round to nearest even; NaN stays NaN.
MK_INLINE vh v_round_bf16(vf x) {
    vu u = (vu)x;
    u = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
    vu nan = (vu)(x != x);
    u = (u & ~nan) | (nan & 0x7fc0u);
    return __builtin_convertvector(u, vh);
}
#endif
MK_INLINE void v_store_bf16(uint16_t *p, vf x) {
    vh h = v_round_bf16(x);
    memcpy(p, &h, sizeof h);
}
// Two vectors, one after the other.
MK_INLINE void v_store_bf16x2(uint16_t *p, vf x, vf y) {
#ifdef v_round_bf16x2
    vi h = v_round_bf16x2(x, y);
    memcpy(p, &h, sizeof h);
#else
    v_store_bf16(p, x);
    v_store_bf16(p + MK_LANES, y);
#endif
}
MK_INLINE vf v_load_bf16(const uint16_t *p) {
    vh h;
    memcpy(&h, p, sizeof h);
    return (vf)(__builtin_convertvector(h, vu) << 16);
}
MK_INLINE vf v_load_bf16_part(const uint16_t *p, int64_t n) {
    vh h = {0};
    memcpy(&h, p, (size_t)n * 2);
    return (vf)(__builtin_convertvector(h, vu) << 16);
}
MK_INLINE uint16_t round_bf16(float x) {
    uint32_t u;
    memcpy(&u, &x, 4);
    if (x != x) return 0x7fc0;
    return (uint16_t)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}
