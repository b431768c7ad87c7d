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

// One vector of a normalised row.
typedef struct {
    float mean, inverse;
} row_norm;
MK_INLINE vf norm_vector(const row_norm *r, vf x, vf gamma, vf beta) { return v_fma((x - r->mean) * r->inverse, gamma, beta); }

// `count` rows, at most 4, side by side: the chains of their reductions run at the same time, and they share gamma and beta.
MK_INLINE void norm_rows(const mk_norm *p, const int64_t row, const int count) {
    const int64_t n = p->n, whole = n / MK_LANES * MK_LANES, part = n - whole;
    const vi mask = v_first(part);
    const float inverse_n = 1.f / (float)n;
    const float *x[4];
    vf s[4], q[4], low[4], high[4];
    row_norm norm[4];
    MK_UNROLL for (int r = 0; r < count; r++) {
        x[r] = p->x + (row + r) * p->ldx;
        s[r] = q[r] = low[r] = high[r] = (vf){0};
    }
    int64_t k = 0;
    MK_NO_UNROLL for (k = 0; k < whole; k += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) s[r] += v_load(x[r] + k);
    if (part) MK_UNROLL for (int r = 0; r < count; r++) s[r] += v_load_part(x[r] + whole, part);
    MK_UNROLL for (int r = 0; r < count; r++) norm[r].mean = p->rms ? 0.f : v_sum(s[r]) * inverse_n;
    MK_NO_UNROLL for (k = 0; k < whole; k += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        vf a = v_load(x[r] + k) - norm[r].mean;
        q[r] = v_fma(a, a, q[r]);
    }
    if (part) MK_UNROLL for (int r = 0; r < count; r++) {
        vf a = (vf)((vi)(v_load_part(x[r] + whole, part) - norm[r].mean) & mask);
        q[r] = v_fma(a, a, q[r]);
    }
    MK_UNROLL for (int r = 0; r < count; r++) norm[r].inverse = 1.f / sqrtf(v_sum(q[r]) * inverse_n + p->eps);
    MK_NO_UNROLL for (k = 0; k < whole; k += MK_LANES) {
        const vf gamma = v_load(p->gamma + k), beta = v_load(p->beta + k), factor = p->u8_factor ? v_load(p->u8_factor + k) : v_set(1.f);
        MK_UNROLL for (int r = 0; r < count; r++) {
            vf v = norm_vector(&norm[r], v_load(x[r] + k), gamma, beta);
            v_store(p->y + (row + r) * p->ldy + k, v);
            if (p->y_bf16) v_store_bf16(p->y_bf16 + (row + r) * p->ldy_bf16 + k, v);
            if (p->y_u8) {
                v *= factor;
                low[r] = v_min(low[r], v);
                high[r] = v_max(high[r], v);
            }
        }
    }
    if (part) MK_UNROLL for (int r = 0; r < count; r++) {
        vf v = norm_vector(&norm[r], v_load_part(x[r] + whole, part), v_load_part(p->gamma + whole, part), v_load_part(p->beta + whole, part));
        v = (vf)((vi)v & mask);
        memcpy(p->y + (row + r) * p->ldy + whole, &v, (size_t)part * 4);
        vh h = v_round_bf16(v);
        if (p->y_bf16) memcpy(p->y_bf16 + (row + r) * p->ldy_bf16 + whole, &h, (size_t)part * 2);
        if (p->u8_factor) v *= v_load_part(p->u8_factor + whole, part);
        low[r] = v_min(low[r], v);
        high[r] = v_max(high[r], v);
    }
    if (!p->y_u8) return;
    row_quantiser quantiser[4];
    MK_UNROLL for (int r = 0; r < count; r++) {
        quantiser[r] = quantiser_for(v_reduce_min(low[r]), v_reduce_max(high[r]));
        // A NaN or an infinity in the row reached `inverse`, and must reach the product.
        p->u8_scale[row + r] = quantiser[r].scale + norm[r].inverse * 0.f;
        p->u8_shift[row + r] = quantiser[r].shift;
    }
    MK_UNROLL for (int r = 0; r < count; r++) {
        const float *y = p->y + (row + r) * p->ldy;
        uint8_t *out = p->y_u8 + (row + r) * p->ldy_u8;
        const row_quantiser *to = &quantiser[r];
#define MK_SCALED(at) (p->u8_factor ? v_load(y + (at)) * v_load(p->u8_factor + (at)) : v_load(y + (at)))
        for (k = 0; k + 4 * MK_LANES <= whole; k += 4 * MK_LANES)
            v_store_bytes4(out + k, quantised_value(to, MK_SCALED(k)), quantised_value(to, MK_SCALED(k + MK_LANES)),
                quantised_value(to, MK_SCALED(k + 2 * MK_LANES)), quantised_value(to, MK_SCALED(k + 3 * MK_LANES)));
        for (; k < whole; k += MK_LANES) store_bytes(out + k, quantise_vector(to, MK_SCALED(k)), MK_LANES);
#undef MK_SCALED
        if (part) {
            vf v = v_load_part(y + whole, part);
            if (p->u8_factor) v *= v_load_part(p->u8_factor + whole, part);
            store_bytes(out + whole, quantise_vector(to, v), part);
        }
        for (k = n; k < up_to_unit(n); k++) out[k] = 0;
    }
}
static void norm(const mk_norm *p) {
    int64_t row = 0;
    for (; row + 4 <= p->m; row += 4) norm_rows(p, row, 4);
    for (; row < p->m; row++) norm_rows(p, row, 1);
}

typedef int16_t vs16 __attribute__((vector_size(MK_LANES * 4)));
typedef uint16_t vu16 __attribute__((vector_size(MK_LANES * 4)));

// The quantiser of a row of bf16, by its bit patterns: as signed integers the largest is the largest positive number, as unsigned
// ones the negative number farthest from 0, if there are any. What is not finite lies beyond 0x7f80 and 0xff80.
MK_INLINE row_quantiser quantiser_for_bf16(const uint16_t *x, int64_t n) {
    vs16 high = {0};
    vu16 low = {0};
    int64_t k = 0;
    for (; k + 2 * MK_LANES <= n; k += 2 * MK_LANES) {
        vi bits = v_load_bits(x + k);
        high = __builtin_elementwise_max(high, (vs16)bits);
        low = __builtin_elementwise_max(low, (vu16)bits);
    }
    if (k < n) {
        vu16 bits = {0};
        memcpy(&bits, x + k, (size_t)(n - k) * 2);
        high = __builtin_elementwise_max(high, (vs16)bits);
        low = __builtin_elementwise_max(low, bits);
    }
    const uint32_t max = (uint16_t)__builtin_reduce_max(high), min = __builtin_reduce_max(low), bits[2] = {max << 16, min << 16};
    float ends[2];
    memcpy(ends, bits, sizeof ends);
    row_quantiser q = quantiser_for(min > 0x8000 ? ends[1] : 0, ends[0]);
    if (max >= 0x7f80 || min >= 0xff80) q.scale = NAN;
    return q;
}

static void quantise(const mk_quantise *p) {
    const int64_t n = p->n, whole = n / MK_LANES * MK_LANES, part = n - whole;
    for (int64_t i = 0; i < p->m; i++) {
        const float *f = (const float *)p->x + i * p->ldx;
        const uint16_t *h = (const uint16_t *)p->x + i * p->ldx;
        row_quantiser q;
        vf last = {0};
        if (part) last = p->x_bf16 ? v_load_bf16_part(h + whole, part) : v_load_part(f + whole, part);
        if (p->x_bf16) {
            q = quantiser_for_bf16(h, n);
        } else {
            vf min = {0}, max = {0}, poison = {0};  // NaN once a value is not finite
            for (int64_t k = 0; k < whole; k += MK_LANES) {
                vf x = v_load(f + k);
                min = v_min(min, x);
                max = v_max(max, x);
                poison = v_fma(x, v_set(0.f), poison);
            }
            q = quantiser_for(v_reduce_min(v_min(min, last)), v_reduce_max(v_max(max, last)));
            q.scale += v_sum(v_fma(last, v_set(0.f), poison));
        }
        p->scale[i] = q.scale;
        p->shift[i] = q.shift;
        uint8_t *out = p->y + i * p->ldy;
        int64_t k = 0;
#define MK_VALUE(at) quantised_value(&q, p->x_bf16 ? v_load_bf16(h + (at)) : v_load(f + (at)))
        for (; k + 4 * MK_LANES <= whole; k += 4 * MK_LANES)
            v_store_bytes4(out + k, MK_VALUE(k), MK_VALUE(k + MK_LANES), MK_VALUE(k + 2 * MK_LANES), MK_VALUE(k + 3 * MK_LANES));
#undef MK_VALUE
        for (; k < whole; k += MK_LANES)
            store_bytes(out + k, quantise_vector(&q, p->x_bf16 ? v_load_bf16(h + k) : v_load(f + k)), MK_LANES);
        if (part) store_bytes(out + whole, quantise_vector(&q, last), part);
        for (k = n; k < up_to_unit(n); k++) out[k] = 0;
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
