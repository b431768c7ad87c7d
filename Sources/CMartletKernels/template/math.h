// Elementary functions on vectors. Polynomials are minimax or Taylor forms whose error is checked by the tests.

// 2^x for x <= 127, at least 2^-126: split at the nearest integer, minimax polynomial on [-1/2, 1/2] (relative error 1e-7).
#ifndef MK_EXP2
MK_INLINE vf v_exp2(vf x) {
    x = v_max(v_set(-126.f), x);
    vf rounded = x + 12582912.f;  // 1.5 * 2^23: the integer part lands in the low bits
    vf f = x - (rounded - 12582912.f);
    vf p = v_set(1.32647273e-3f);
    p = v_fma(p, f, v_set(9.67151299e-3f));
    p = v_fma(p, f, v_set(5.55073358e-2f));
    p = v_fma(p, f, v_set(0.240222424f));
    p = v_fma(p, f, v_set(0.693147004f));
    p = v_fma(p, f, v_set(1.f));
    return (vf)((vi)p + (((vi)rounded) << 23));
}
#endif
MK_INLINE vf v_exp(vf x) { return v_exp2(v_min(v_set(88.f), x) * 1.44269504f); }

// x * Phi(x) = max(x, 0) - |x| / 2 * erfc(|x| / sqrt 2), erfc by Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7).
MK_INLINE vf v_gelu_erf(vf x) {
    vf ax = v_max(x, -x);
    vf z = ax * 0.70710678f;
    vf t = v_set(1.f) / v_fma(z, v_set(0.3275911f), v_set(1.f));
    vf p = v_set(1.061405429f);
    p = v_fma(p, t, v_set(-1.453152027f));
    p = v_fma(p, t, v_set(1.421413741f));
    p = v_fma(p, t, v_set(-0.284496736f));
    p = v_fma(p, t, v_set(0.254829592f));
    vf erfc = p * t * v_exp2(z * z * -1.44269504f);
    return v_fma(ax * -0.5f, erfc, v_max(x, v_set(0.f)));
}
#ifndef MK_LEAST_MAGNITUDE
// The magnitude of x, at most `limit`.
MK_INLINE vf v_least_magnitude(vf x, vf limit) { return v_min(limit, v_max(x, -x)); }
#endif
// The same to 1.2e-4, for results that are rounded to bf16 or 8 bits next: max(x, 0) - h(|x|) with h(t) = t * Phi(-t) on [0, 4], of degree 8
// in six multiplications: a quartic of a quadratic, times a quadratic in it (Scripts/gelu-polynomial.py). NaN stays NaN.
MK_INLINE vf v_gelu_erf_short(vf x) {
    vf t = v_least_magnitude(x, v_set(4.f));
    vf y = v_fma(t, t + -4.79354143f, v_set(7.32057476f));
    vf q = v_fma(y, v_fma(t, v_set(-3.75202346f), y + 12.1090536f), v_set(-4.76947117f));
    vf r = v_fma(q, v_set(6.18698832e-5f), v_fma(y, v_set(-2.76107364e-3f), v_set(1.17084393e-2f)));
    return v_fma(-q, r, v_max(v_set(0.f), x));
}
MK_INLINE vf v_sigmoid(vf x) { return v_set(1.f) / (v_exp(-x) + 1.f); }
// tanh(x) = 2 sigmoid(2x) - 1 loses relative accuracy near 0, where an odd Taylor series takes over.
MK_INLINE vf v_tanh(vf x) {
    vf far = v_fma(v_sigmoid(x + x), v_set(2.f), v_set(-1.f));
    vf u = x * x;
    vf p = v_set(-17.f / 315.f);
    p = v_fma(p, u, v_set(2.f / 15.f));
    p = v_fma(p, u, v_set(-1.f / 3.f));
    vf near = v_fma(x * u, p, x);
    return v_select(u < 0.01f, near, far);
}
MK_INLINE vf v_activate(const mk_activation kind, const int precision, vf x) {
    switch (kind) {
    case MK_IDENTITY: return x;
    case MK_GELU_ERF: return precision == 1 || (precision == 2 && MK_HAS_BF16) ? v_gelu_erf_short(x) : v_gelu_erf(x);
    case MK_GELU_TANH: return x * v_sigmoid(v_fma(x * x * x, v_set(0.044715f), x) * 1.59576912f);
    case MK_QUICK_GELU: return x * v_sigmoid(x * 1.702f);
    case MK_RELU: return v_max(v_set(0.f), x);
    case MK_SILU: return x * v_sigmoid(x);
    case MK_TANH: return v_tanh(x);
    }
    return x;
}
