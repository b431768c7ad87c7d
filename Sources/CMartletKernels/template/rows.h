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
MK_INLINE vb quantise_vector(const row_quantiser *q, vf x) {
    vf y = v_min(v_max(v_fma(x, q->inverse, q->zero), v_set(0.f)), v_set(255.f));
    vi i = (vi)(y + 12582912.f) - 0x4b400000;
    return __builtin_convertvector((vu)i, vb);
}
MK_INLINE void store_bytes(uint8_t *p, vb x, int64_t n) {
    if (n >= MK_LANES) memcpy(p, &x, sizeof x);
    else memcpy(p, &x, (size_t)n);
}
MK_INLINE int64_t up_to_unit(int64_t n) { return (n + 3) & ~(int64_t)3; }

static void norm(const mk_norm *p) {
    const int64_t n = p->n, whole = n / MK_LANES * MK_LANES, part = n - whole;
    const vi mask = v_first(part);
    const float inverse_n = 1.f / (float)n;
    for (int64_t i = 0; i < p->m; i++) {
        const float *x = p->x + i * p->ldx;
        float *y = p->y + i * p->ldy;
        vf s0 = {0}, s1 = {0};
        int64_t k = 0;
        for (; k + 2 * MK_LANES <= whole; k += 2 * MK_LANES) {
            s0 += v_load(x + k);
            s1 += v_load(x + k + MK_LANES);
        }
        for (; k < whole; k += MK_LANES) s0 += v_load(x + k);
        if (part) s1 += v_load_part(x + whole, part);
        const float mean = v_sum(s0 + s1) * inverse_n;
        vf q0 = {0}, q1 = {0};
        for (k = 0; k + 2 * MK_LANES <= whole; k += 2 * MK_LANES) {
            vf a = v_load(x + k) - mean, b = v_load(x + k + MK_LANES) - mean;
            q0 = v_fma(a, a, q0);
            q1 = v_fma(b, b, q1);
        }
        for (; k < whole; k += MK_LANES) {
            vf a = v_load(x + k) - mean;
            q0 = v_fma(a, a, q0);
        }
        if (part) {
            vf a = (vf)((vi)(v_load_part(x + whole, part) - mean) & mask);
            q1 = v_fma(a, a, q1);
        }
        const float inverse = 1.f / sqrtf(v_sum(q0 + q1) * inverse_n + p->eps);
        vf min = {0}, max = {0};
        for (k = 0; k < whole; k += MK_LANES) {
            vf v = v_fma((v_load(x + k) - mean) * inverse, v_load(p->gamma + k), v_load(p->beta + k));
            v_store(y + k, v);
            if (p->y_bf16) v_store_bf16(p->y_bf16 + i * p->ldy_bf16 + k, v);
            if (p->u8_factor) v *= v_load(p->u8_factor + k);
            min = v_min(min, v);
            max = v_max(max, v);
        }
        if (part) {
            vf v = v_fma((v_load_part(x + whole, part) - mean) * inverse, v_load_part(p->gamma + whole, part),
                v_load_part(p->beta + whole, part));
            v = (vf)((vi)v & mask);
            memcpy(y + whole, &v, (size_t)part * 4);
            vh h = v_round_bf16(v);
            if (p->y_bf16) memcpy(p->y_bf16 + i * p->ldy_bf16 + whole, &h, (size_t)part * 2);
            if (p->u8_factor) v *= v_load_part(p->u8_factor + whole, part);
            min = v_min(min, v);
            max = v_max(max, v);
        }
        if (p->y_u8) {
            const row_quantiser q = quantiser_for(v_reduce_min(min), v_reduce_max(max));
            p->u8_scale[i] = q.scale + inverse * 0.f;  // a NaN or an infinity in the row reached `inverse`, and must reach the product
            p->u8_shift[i] = q.shift;
            uint8_t *out = p->y_u8 + i * p->ldy_u8;
            for (k = 0; k < whole; k += MK_LANES) {
                vf v = v_load(y + k);
                if (p->u8_factor) v *= v_load(p->u8_factor + k);
                store_bytes(out + k, quantise_vector(&q, v), MK_LANES);
            }
            if (part) {
                vf v = v_load_part(y + whole, part);
                if (p->u8_factor) v *= v_load_part(p->u8_factor + whole, part);
                store_bytes(out + whole, quantise_vector(&q, v), part);
            }
            for (k = n; k < up_to_unit(n); k++) out[k] = 0;
        }
    }
}

static void quantise(const mk_quantise *p) {
    const int64_t n = p->n, whole = n / MK_LANES * MK_LANES, part = n - whole;
    for (int64_t i = 0; i < p->m; i++) {
        const float *f = (const float *)p->x + i * p->ldx;
        const uint16_t *h = (const uint16_t *)p->x + i * p->ldx;
        vf min = {0}, max = {0}, poison = {0};  // NaN once a value is not finite
        for (int64_t k = 0; k < whole; k += MK_LANES) {
            vf x = p->x_bf16 ? v_load_bf16(h + k) : v_load(f + k);
            min = v_min(min, x);
            max = v_max(max, x);
            poison = v_fma(x, v_set(0.f), poison);
        }
        vf last = {0};
        if (part) last = p->x_bf16 ? v_load_bf16_part(h + whole, part) : v_load_part(f + whole, part);
        const row_quantiser q = quantiser_for(v_reduce_min(v_min(min, last)), v_reduce_max(v_max(max, last)));
        p->scale[i] = q.scale + v_sum(v_fma(last, v_set(0.f), poison));
        p->shift[i] = q.shift;
        uint8_t *out = p->y + i * p->ldy;
        for (int64_t k = 0; k < whole; k += MK_LANES)
            store_bytes(out + k, quantise_vector(&q, p->x_bf16 ? v_load_bf16(h + k) : v_load(f + k)), MK_LANES);
        if (part) store_bytes(out + whole, quantise_vector(&q, last), part);
        for (int64_t k = n; k < up_to_unit(n); k++) out[k] = 0;
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
