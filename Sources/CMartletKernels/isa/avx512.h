// What the AVX-512 levels share: a tile of 14 rows by 32 columns fills 28 of 32 registers.
#define MK_LANES 16
#define MK_VECTORS 2
#define MK_ROWS 14

// 2^x as 2^floor(x), which vscalefps applies with overflow, underflow and NaN in their places, times a minimax polynomial of the
// fraction on [0, 1) (relative error 1e-7).
#define MK_EXP2
typedef float avx512_floats __attribute__((vector_size(64)));
static inline __attribute__((always_inline)) avx512_floats v_exp2(avx512_floats x) {
    const __m512 f = _mm512_reduce_ps((__m512)x, 1);
    __m512 p = _mm512_set1_ps(1.86713017e-3f);
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(9.01702978e-3f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(5.57999127e-2f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.240164444f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.693151295f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.f));
    return (avx512_floats)_mm512_scalef_ps(p, (__m512)x);
}
