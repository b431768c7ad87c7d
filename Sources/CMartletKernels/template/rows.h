// Operations on rows: layer norm, quantising, dot products.

typedef struct {
    float scale, shift;
    vf inverse, zero;
} row_quantiser;

// Asymmetric 8 bits over [min, max] widened to hold 0, so that a zero stays exact.
MK_INLINE row_quantiser quantiser_for(float min, float max) {
    min = min < 0 ? min : 0;
    max = max > 0 ? max : 0;
    const float range = max - min, scale = range / 255.f, inverse = range > 1e-35f ? 255.f / range : 0.f;
    const float zero = rintf(-min * inverse);
    return (row_quantiser){scale, scale * zero, v_set(inverse), v_set(zero)};
}
MK_INLINE vf quantised_value(const row_quantiser *q, vf x) { return v_fma(x, q->inverse, q->zero); }
MK_INLINE vb quantise_vector(const row_quantiser *q, vf x) {
    vf y = v_min(v_max(quantised_value(q, x), v_set(0.f)), v_set(255.f));
    vi i = (vi)(y + 12582912.f) - 0x4b400000;
    return __builtin_convertvector((vu)i, vb);
}
MK_INLINE void store_bytes(uint8_t *p, vb x, int64_t n) {
    if (n >= MK_LANES) memcpy(p, &x, sizeof x);
    else memcpy(p, &x, (size_t)n);
}
#ifndef MK_STORE_BYTES4
#define MK_STORE_BYTES4
// Four vectors to bytes, each rounded to nearest even and clamped to 0...255.
MK_INLINE void v_store_bytes4(uint8_t *p, vf a, vf b, vf c, vf d) {
    const vf x[4] = {a, b, c, d};
    MK_UNROLL for (int v = 0; v < 4; v++) {
        vi i = (vi)(v_min(v_max(x[v], v_set(0.f)), v_set(255.f)) + 12582912.f) - 0x4b400000;
        vb bytes = __builtin_convertvector((vu)i, vb);
        memcpy(p + v * MK_LANES, &bytes, sizeof bytes);
    }
}
#endif
MK_INLINE int64_t up_to_unit(int64_t n) { return (n + 3) & ~(int64_t)3; }

// A row to u8 and, for each value, 8 bits of what rounding leaves. `factor` multiplies the values, or is NULL. y may be x: values are read
// before bytes are written over them. Few rows are taken this way.
static __attribute__((noinline)) void quantise_finely(const void *x, const int bf16, const float *factor, int64_t n, uint8_t *y, uint8_t *low,
                                                      float *scale, float *shift) {
#define MK_VALUE(k) (values_load(x, bf16, k, n - (k)) * (factor ? values_load(factor, 0, k, n - (k)) : v_set(1.f)))
    vf min = {0}, max = {0}, poison = {0};  // NaN once a value is not finite
    for (int64_t k = 0; k < n; k += MK_LANES) {
        const vf v = MK_VALUE(k);
        min = v_min(min, v);
        max = v_max(max, v);
        poison = v_fma(v, v_set(0.f), poison);
    }
    const row_quantiser q = quantiser_for(v_reduce_min(min), v_reduce_max(max));
    for (int64_t k = 0; k < n; k += MK_LANES) {
        const vf v = quantised_value(&q, MK_VALUE(k));
        const vi whole = (vi)(v_min(v_max(v, v_set(0.f)), v_set(255.f)) + 12582912.f) - 0x4b400000;
        const vf rest = v_fma(v - __builtin_convertvector(whole, vf), v_set(256.f), v_set(128.f));
        const vi part = (vi)(v_min(v_max(rest, v_set(0.f)), v_set(255.f)) + 12582912.f) - 0x4b400000;
        store_bytes(y + k, __builtin_convertvector((vu)whole, vb), n - k);
        store_bytes(low + k, __builtin_convertvector((vu)part, vb), n - k);
    }
#undef MK_VALUE
    for (int64_t k = n; k < up_to_unit(n); k++) y[k] = low[k] = 0;
    *scale = q.scale + v_sum(poison);
    // `low` is 128 above what it stands for, in 256ths of the scale.
    *shift = q.shift + MK_SHIFT_INT8(*scale * 0.5f, *scale / 256.f);
}

// Which forms of a row a norm writes beside f32, by bits.
enum { norm_bf16 = 1, norm_u8 = 2 };

// One vector of a normalised row.
typedef struct {
    float mean, inverse;
} row_norm;
MK_INLINE vf norm_vector(const row_norm *r, vf x, vf gamma, vf beta) { return v_fma((x - r->mean) * r->inverse, gamma, beta); }
// What a vector of y is multiplied by before it is quantised.
MK_INLINE vf norm_factor(const mk_norm *p, int64_t k) { return p->u8_factor ? v_load(p->u8_factor + k) : v_set(1.f); }

// `count` rows, at most 4, side by side: the chains of their reductions run at the same time, and they share gamma and beta. The
// arguments are a copy: stores through pointers could change the original, and all of it would be read again after each.
MK_INLINE void norm_rows(const mk_norm p, const int64_t row, const int count, const int forms) {
    const int64_t n = p.n, whole = n / MK_LANES * MK_LANES, part = n - whole;
    const vi mask = v_first(part);
    const float inverse_n = 1.f / (float)n;
    const float *x[4];
    float *y[4];
    vf s[4], q[4];
    row_norm norm[4];
    MK_UNROLL for (int r = 0; r < count; r++) {
        x[r] = p.x + (row + r) * p.ldx;
        y[r] = p.y + (row + r) * p.ldy;
        s[r] = q[r] = (vf){0};
    }
    int64_t k = 0;
    MK_NO_UNROLL for (; k + 2 * MK_LANES <= whole; k += 2 * MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        s[r] += v_load(x[r] + k);
        q[r] += v_load(x[r] + k + MK_LANES);
    }
    if (k < whole) MK_UNROLL for (int r = 0; r < count; r++) s[r] += v_load(x[r] + k);
    if (part) MK_UNROLL for (int r = 0; r < count; r++) q[r] += v_load_part(x[r] + whole, part);
    MK_UNROLL for (int r = 0; r < count; r++) {
        norm[r].mean = p.rms ? 0.f : v_sum(s[r] + q[r]) * inverse_n;
        s[r] = q[r] = (vf){0};
    }
    MK_NO_UNROLL for (k = 0; k + 2 * MK_LANES <= whole; k += 2 * MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        const vf a = v_load(x[r] + k) - norm[r].mean, b = v_load(x[r] + k + MK_LANES) - norm[r].mean;
        s[r] = v_fma(a, a, s[r]);
        q[r] = v_fma(b, b, q[r]);
    }
    if (k < whole) MK_UNROLL for (int r = 0; r < count; r++) {
        const vf a = v_load(x[r] + k) - norm[r].mean;
        s[r] = v_fma(a, a, s[r]);
    }
    if (part) MK_UNROLL for (int r = 0; r < count; r++) {
        const vf a = (vf)((vi)(v_load_part(x[r] + whole, part) - norm[r].mean) & mask);
        q[r] = v_fma(a, a, q[r]);
    }
    MK_UNROLL for (int r = 0; r < count; r++) norm[r].inverse = 1.f / sqrtf(v_sum(s[r] + q[r]) * inverse_n + p.eps);
    vf low[4] = {{0}}, high[4] = {{0}};
    MK_NO_UNROLL for (k = 0; k < whole; k += MK_LANES) {
        const vf gamma = v_load(p.gamma + k), beta = v_load(p.beta + k), factor = norm_factor(&p, k);
        MK_UNROLL for (int r = 0; r < count; r++) {
            vf v = norm_vector(&norm[r], v_load(x[r] + k), gamma, beta);
            v_store(y[r] + k, v);
            if (forms & norm_bf16) v_store_bf16(p.y_bf16 + (row + r) * p.ldy_bf16 + k, v);
            if (forms & norm_u8) {
                v *= factor;
                low[r] = v_min(low[r], v);
                high[r] = v_max(high[r], v);
            }
        }
    }
    if (part) MK_UNROLL for (int r = 0; r < count; r++) {
        vf v = norm_vector(&norm[r], v_load_part(x[r] + whole, part), v_load_part(p.gamma + whole, part), v_load_part(p.beta + whole, part));
        v = (vf)((vi)v & mask);
        memcpy(y[r] + whole, &v, (size_t)part * 4);
        vh h = v_round_bf16(v);
        if (forms & norm_bf16) memcpy(p.y_bf16 + (row + r) * p.ldy_bf16 + whole, &h, (size_t)part * 2);
        if (forms & norm_u8) {
            if (p.u8_factor) v *= v_load_part(p.u8_factor + whole, part);
            low[r] = v_min(low[r], v);
            high[r] = v_max(high[r], v);
        }
    }
    if (!(forms & norm_u8)) return;
    row_quantiser quantiser[4];
    uint8_t *out[4];
    MK_UNROLL for (int r = 0; r < count; r++) {
        quantiser[r] = quantiser_for(v_reduce_min(low[r]), v_reduce_max(high[r]));
        out[r] = p.y_u8 + (row + r) * p.ldy_u8;
        // A NaN or an infinity in the row reached `inverse`, and must reach the product.
        p.u8_scale[row + r] = quantiser[r].scale + norm[r].inverse * 0.f;
        p.u8_shift[row + r] = quantiser[r].shift;
    }
    MK_NO_UNROLL for (k = 0; k + 4 * MK_LANES <= whole; k += 4 * MK_LANES) {
        vf factor[4];
        MK_UNROLL for (int v = 0; v < 4; v++) factor[v] = norm_factor(&p, k + v * MK_LANES);
        MK_UNROLL for (int r = 0; r < count; r++) {
            vf v[4];
            MK_UNROLL for (int j = 0; j < 4; j++) v[j] = quantised_value(&quantiser[r], v_load(y[r] + k + j * MK_LANES) * factor[j]);
            v_store_bytes4(out[r] + k, v[0], v[1], v[2], v[3]);
        }
    }
    for (; k < whole; k += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++)
        store_bytes(out[r] + k, quantise_vector(&quantiser[r], v_load(y[r] + k) * norm_factor(&p, k)), MK_LANES);
    if (part) MK_UNROLL for (int r = 0; r < count; r++) {
        vf v = v_load_part(y[r] + whole, part);
        if (p.u8_factor) v *= v_load_part(p.u8_factor + whole, part);
        store_bytes(out[r] + whole, quantise_vector(&quantiser[r], v), part);
    }
    for (k = n; k < up_to_unit(n); k++) MK_UNROLL for (int r = 0; r < count; r++) out[r][k] = 0;
}
#define MK_NORM(forms) \
    case forms: \
        for (; row + 4 <= p->m; row += 4) norm_rows(*p, row, 4, forms); \
        for (; row < p->m; row++) norm_rows(*p, row, 1, forms); \
        break;
static void norm(const mk_norm *p) {
    int64_t row = 0;
    switch ((p->y_bf16 ? norm_bf16 : 0) | (p->y_u8 ? norm_u8 : 0)) {
        MK_NORM(0)
        MK_NORM(norm_bf16)
        MK_NORM(norm_u8)
        MK_NORM(norm_bf16 | norm_u8)
    }
    for (row = 0; p->low && row < p->m; row++)
        if (p->low_factor[row] != 0)
            quantise_finely(p->y + row * p->ldy, 0, p->u8_factor, p->n, p->y_u8 + row * p->ldy_u8, p->low + row * p->ld_low, p->u8_scale + row,
                            p->u8_shift + row);
}
#undef MK_NORM

typedef int16_t vs16 __attribute__((vector_size(MK_LANES * 4)));
typedef uint16_t vu16 __attribute__((vector_size(MK_LANES * 4)));

// The quantisers of rows of bf16, by their bit patterns: as signed integers the largest is the largest positive number, as unsigned
// ones the negative number farthest from 0, if there are any. What is not finite lies beyond 0x7f80 and 0xff80.
MK_INLINE void quantisers_for_bf16(const uint16_t *const x[4], int64_t n, const int count, row_quantiser q[4]) {
    vs16 high[4] = {{0}};
    vu16 low[4] = {{0}};
    int64_t k = 0;
    MK_NO_UNROLL for (; k + 2 * MK_LANES <= n; k += 2 * MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        const vi bits = v_load_bits(x[r] + k);
        high[r] = __builtin_elementwise_max(high[r], (vs16)bits);
        low[r] = __builtin_elementwise_max(low[r], (vu16)bits);
    }
    if (k < n) MK_UNROLL for (int r = 0; r < count; r++) {
        vu16 bits = {0};
        memcpy(&bits, x[r] + k, (size_t)(n - k) * 2);
        high[r] = __builtin_elementwise_max(high[r], (vs16)bits);
        low[r] = __builtin_elementwise_max(low[r], bits);
    }
    MK_UNROLL for (int r = 0; r < count; r++) {
        const uint32_t max = (uint16_t)__builtin_reduce_max(high[r]), min = __builtin_reduce_max(low[r]), bits[2] = {max << 16, min << 16};
        float ends[2];
        memcpy(ends, bits, sizeof ends);
        q[r] = quantiser_for(min > 0x8000 ? ends[1] : 0, ends[0]);
        if (max >= 0x7f80 || min >= 0xff80) q[r].scale = NAN;
    }
}

// The same of rows of f32. `last` are their last n % MK_LANES elements.
MK_INLINE void quantisers_for_f32(const float *const x[4], int64_t whole, const vf last[4], const int count, row_quantiser q[4]) {
    vf min[4] = {{0}}, max[4] = {{0}}, poison[4] = {{0}};  // NaN once a value is not finite
    MK_NO_UNROLL for (int64_t k = 0; k < whole; k += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        const vf a = v_load(x[r] + k);
        min[r] = v_min(min[r], a);
        max[r] = v_max(max[r], a);
        poison[r] = v_fma(a, v_set(0.f), poison[r]);
    }
    MK_UNROLL for (int r = 0; r < count; r++) {
        q[r] = quantiser_for(v_reduce_min(v_min(min[r], last[r])), v_reduce_max(v_max(max[r], last[r])));
        q[r].scale += v_sum(v_fma(last[r], v_set(0.f), poison[r]));
    }
}

// `count` rows, at most 4, side by side. The arguments are a copy, as in norm_rows.
MK_INLINE void quantise_rows(const mk_quantise p, const int64_t row, const int count, const int bf16) {
    const int64_t n = p.n, whole = n / MK_LANES * MK_LANES, part = n - whole;
    const float *f[4];
    const uint16_t *h[4];
    uint8_t *out[4];
    vf last[4] = {{0}};
    row_quantiser q[4];
    MK_UNROLL for (int r = 0; r < count; r++) {
        f[r] = (const float *)p.x + (row + r) * p.ldx;
        h[r] = (const uint16_t *)p.x + (row + r) * p.ldx;
        out[r] = p.y + (row + r) * p.ldy;
        if (part) last[r] = bf16 ? v_load_bf16_part(h[r] + whole, part) : v_load_part(f[r] + whole, part);
    }
    if (bf16) quantisers_for_bf16(h, n, count, q);
    else quantisers_for_f32(f, whole, last, count, q);
#define MK_VALUE(r, at) (bf16 ? v_load_bf16(h[r] + (at)) : v_load(f[r] + (at)))
    int64_t k = 0;
    MK_NO_UNROLL for (; k + 4 * MK_LANES <= whole; k += 4 * MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        vf v[4];
        MK_UNROLL for (int j = 0; j < 4; j++) v[j] = quantised_value(&q[r], MK_VALUE(r, k + j * MK_LANES));
        v_store_bytes4(out[r] + k, v[0], v[1], v[2], v[3]);
    }
    for (; k < whole; k += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++)
        store_bytes(out[r] + k, quantise_vector(&q[r], MK_VALUE(r, k)), MK_LANES);
#undef MK_VALUE
    MK_UNROLL for (int r = 0; r < count; r++) {
        p.scale[row + r] = q[r].scale;
        p.shift[row + r] = q[r].shift;
        if (part) store_bytes(out[r] + whole, quantise_vector(&q[r], last[r]), part);
        for (k = n; k < up_to_unit(n); k++) out[r][k] = 0;
    }
}
#define MK_QUANTISE(bf16) \
    for (; row + 4 <= p->m; row += 4) quantise_rows(*p, row, 4, bf16); \
    for (; row < p->m; row++) quantise_rows(*p, row, 1, bf16);
static void quantise(const mk_quantise *p) {
    int64_t row = 0;
    if (p->low) {
        for (; row < p->m; row++) {
            const void *x = (const char *)p->x + row * p->ldx * (p->x_bf16 ? 2 : 4);
            if (p->low_factor[row] == 0) {
                if (p->x_bf16) quantise_rows(*p, row, 1, 1);
                else quantise_rows(*p, row, 1, 0);
            } else {
                quantise_finely(x, p->x_bf16, NULL, p->n, p->y + row * p->ldy, p->low + row * p->ld_low, p->scale + row, p->shift + row);
            }
        }
    } else if (p->x_bf16) {
        MK_QUANTISE(1)
    } else {
        MK_QUANTISE(0)
    }
}
#undef MK_QUANTISE

// What a product does to rows of its output when they are whole.
static void finish_block(const mk_gemm *g, int64_t first, int64_t rows) {
    if (g->norm) {
        const mk_norm p = mk_norm_rows(*g->norm, first, rows);
        norm(&p);
    }
    if (g->quantise) {
        const mk_quantise p = mk_quantise_rows(*g->quantise, first, rows);
        quantise(&p);
    }
}

static float dot(const float *a, const float *b, int64_t n) {
    vf s0 = {0}, s1 = {0};
    int64_t i = 0;
    for (; i + 2 * MK_LANES <= n; i += 2 * MK_LANES) {
        s0 = v_fma(v_load(a + i), v_load(b + i), s0);
        s1 = v_fma(v_load(a + i + MK_LANES), v_load(b + i + MK_LANES), s1);
    }
    for (; i + MK_LANES <= n; i += MK_LANES) s0 = v_fma(v_load(a + i), v_load(b + i), s0);
    if (i < n) s1 = v_fma(v_load_part(a + i, n - i), v_load_part(b + i, n - i), s1);
    return v_sum(s0 + s1);
}

static void add_scaled(float *y, const float *x, float s, int64_t n) {
    int64_t i = 0;
    for (; i + MK_LANES <= n; i += MK_LANES) v_store(y + i, v_fma(v_load(x + i), v_set(s), v_load(y + i)));
    for (; i < n; i++) y[i] = fmaf(x[i], s, y[i]);
}
