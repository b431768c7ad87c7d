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
#ifndef MK_GELU_SHORT
// The same to 5e-5 + 4e-7 |x|, for results that are rounded to bf16 next: Phi(x) - 1/2 by an odd minimax polynomial on [-4.4, 4.4].
MK_INLINE vf v_gelu_erf_short(vf x) {
    vf c = v_max(v_set(-4.4f), v_min(v_set(4.4f), x));
    vf u = c * c;
    vf p = v_set(3.57221935e-11f);
    p = v_fma(p, u, v_set(-3.7562866e-9f));
    p = v_fma(p, u, v_set(1.74158957e-7f));
    p = v_fma(p, u, v_set(-4.72618429e-6f));
    p = v_fma(p, u, v_set(8.4306466e-5f));
    p = v_fma(p, u, v_set(-1.05507206e-3f));
    p = v_fma(p, u, v_set(9.6432866e-3f));
    p = v_fma(p, u, v_set(-6.60768345e-2f));
    p = v_fma(p, u, v_set(0.398761826f));
    return x * v_fma(c, p, v_set(0.5f));
}
#endif
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
