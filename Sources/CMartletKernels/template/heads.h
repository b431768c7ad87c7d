// What happens to the heads of queries and keys between their projection and attention, in place: an RMS norm over a head, and
// rotary positions (Su et al. 2021), which turn pairs of dimensions half of the rotated ones apart.

MK_INLINE void head(const mk_heads *p, const int bf16, void *x, const float *cosine, const float *sine) {
    const int64_t n = p->head_size, half = p->rotated / 2;
    float inverse = 1.f;
    if (p->gamma) {
        vf squares = {0};
        for (int64_t i = 0; i < n; i += MK_LANES) {
            vf v = values_load(x, bf16, i, n - i);
            squares = v_fma(v, v, squares);
        }
        inverse = 1.f / sqrtf(v_sum(squares) / (float)n + p->eps);
    }
    for (int64_t i = 0; i < half; i += MK_LANES) {
        const int64_t left = half - i;
        vf a = values_load(x, bf16, i, left), b = values_load(x, bf16, half + i, left);
        if (p->gamma) {
            a *= values_load(p->gamma, 0, i, left) * inverse;
            b *= values_load(p->gamma, 0, half + i, left) * inverse;
        }
        const vf c = values_load(cosine, 0, i, left), s = values_load(sine, 0, i, left);
        values_store(x, bf16, i, left, v_fma(a, c, -(b * s)));
        values_store(x, bf16, half + i, left, v_fma(b, c, a * s));
    }
    if (!p->gamma) return;
    for (int64_t i = 2 * half; i < n; i += MK_LANES)
        values_store(x, bf16, i, n - i, values_load(x, bf16, i, n - i) * (values_load(p->gamma, 0, i, n - i) * inverse));
}

// The arguments are a copy, as in norm_rows.
MK_INLINE void heads_of(const mk_heads arguments, const int bf16) {
    const mk_heads *p = &arguments;
    const int64_t half = p->rotated / 2;
    for (int64_t t = 0; t < p->tokens; t++)
        for (int64_t h = 0; h < p->heads; h++)
            head(p, bf16, (char *)p->x + (t * p->ld + h * p->head_size) * (bf16 ? 2 : 4), p->cosine + t * half, p->sine + t * half);
}
static void heads_f32(const mk_heads *p) { heads_of(*p, 0); }
static void heads_bf16(const mk_heads *p) { heads_of(*p, 1); }
