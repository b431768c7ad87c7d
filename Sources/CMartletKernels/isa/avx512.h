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
// Four vectors to bytes, each rounded to nearest even and clamped to 0...255: the packs saturate, and work within 128-bit lanes.
#define MK_STORE_BYTES4
static inline __attribute__((always_inline)) void v_store_bytes4(uint8_t *p, avx512_floats a, avx512_floats b, avx512_floats c,
                                                                 avx512_floats d) {
    const __m512i ab = _mm512_packs_epi32(_mm512_cvtps_epi32((__m512)a), _mm512_cvtps_epi32((__m512)b));
    const __m512i cd = _mm512_packs_epi32(_mm512_cvtps_epi32((__m512)c), _mm512_cvtps_epi32((__m512)d));
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_storeu_si512(p, _mm512_permutexvar_epi32(order, _mm512_packus_epi16(ab, cd)));
}
#define MK_LEAST_MAGNITUDE
static inline __attribute__((always_inline)) avx512_floats v_least_magnitude(avx512_floats x, avx512_floats limit) {
    return (avx512_floats)_mm512_range_ps((__m512)x, (__m512)limit, 10);  // the lesser magnitude, its sign cleared
}
