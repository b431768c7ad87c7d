// The readable reference: plain loops that say what each kernel computes. Panels are one row of w wide.
#include <math.h>
#include <string.h>
#include "../tables.h"

// The same roundings on CPUs with and without fused multiply-add.
#pragma clang fp contract(off)

static float from_bf16(uint16_t h) {
    uint32_t u = (uint32_t)h << 16;
    float x;
    memcpy(&x, &u, 4);
    return x;
}

static uint16_t to_bf16(float x) {
    uint32_t u;
    memcpy(&u, &x, 4);
    if (x != x) return 0x7fc0;
    return (uint16_t)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

static float activate(mk_activation kind, float x) {
    switch (kind) {
    case MK_IDENTITY: return x;
    case MK_GELU_ERF: return 0.5f * x * (1.f + erff(x * 0.70710678f));
    case MK_GELU_TANH: return 0.5f * x * (1.f + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
    case MK_QUICK_GELU: return x / (1.f + expf(-1.702f * x));
    case MK_RELU: return x < 0 ? 0 : x;
    case MK_SILU: return x / (1.f + expf(-x));
    case MK_TANH: return tanhf(x);
    }
    return x;
}

static void write(const mk_gemm *g, int64_t i, int64_t j, float x) {
    x = activate(g->activation, x);
    if (g->residual) x += g->residual[i * g->ldr + j];
    if (g->c_bf16) ((uint16_t *)g->c)[i * g->ldc + j] = to_bf16(x);
    else ((float *)g->c)[i * g->ldc + j] = x;
}

static float scaled(const mk_gemm *g, int64_t i, int64_t j, float sum) {
    if (g->a_scale) sum *= g->a_scale[i];
    return g->bias ? sum + g->bias[j] : sum;
}

static void norm(const mk_norm *p);
static void quantise(const mk_quantise *p);
static void finish_rows(const mk_gemm *g) {
    if (g->norm) norm(g->norm);
    if (g->quantise) quantise(g->quantise);
}

// Eight rows at a time: their sums do not wait for each other, and each is added up in the order of k.
static void gemm_f32(const mk_gemm *g) {
    enum { block = 8 };
    for (int64_t i = 0; i < g->m; i += block) {
        const int64_t rows = g->m - i < block ? g->m - i : block;
        const float *a[block];
        // Rows beyond the last are the last one again, and are not written.
        for (int64_t r = 0; r < block; r++) a[r] = (const float *)((const char *)g->a + (i + (r < rows ? r : rows - 1)) * g->lda);
        for (int64_t j = 0; j < g->n; j++) {
            const float *b = (const float *)g->b + j * g->k;
            float sum[block] = {0};
            for (int64_t k = 0; k < g->k; k++)
                for (int64_t r = 0; r < block; r++) sum[r] += a[r][k] * b[k];
            for (int64_t r = 0; r < rows; r++) write(g, i + r, j, scaled(g, i + r, j, sum[r]));
        }
    }
    finish_rows(g);
}

static void gemm_bf16(const mk_gemm *g) {
    const int64_t stride = (g->k + 1) / 2 * 2;
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            const uint16_t *a = (const uint16_t *)((const char *)g->a + i * g->lda), *b = (const uint16_t *)g->b + j * stride;
            float sum = 0;
            for (int64_t k = 0; k < g->k; k++) sum += from_bf16(a[k]) * from_bf16(b[k]);
            write(g, i, j, scaled(g, i, j, sum));
        }
    finish_rows(g);
}

static inline int32_t code_int8(const uint8_t *row, int64_t k) { return (int8_t)row[k]; }
static inline int32_t code_int4(const uint8_t *row, int64_t k) {
    const uint8_t *const part = row + k / MK_INT4_PART * MK_INT4_PART_BYTES(1);
    const uint8_t pair = part[2 + k % MK_INT4_PART / 8 * 4 + k % 4];
    return part[0] * (k % 8 < 4 ? pair & 15 : pair >> 4) - part[1];
}
static inline __attribute__((always_inline)) void gemm_codes(const mk_gemm *g, int64_t stride, int32_t (*code)(const uint8_t *, int64_t)) {
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            const uint8_t *a = (const uint8_t *)g->a + i * g->lda, *b = (const uint8_t *)g->b + j * stride;
            const float low_factor = g->a_low ? g->a_low_factor[i] : 0;
            const uint8_t *low = low_factor != 0 ? g->a_low + i * g->lda_low : NULL;
            float x = 0;
            for (int64_t first = 0; first < g->k; first += MK_INT8_GROUP) {
                int32_t sum = 0, low_sum = 0;
                for (int64_t k = first; k < g->k && k < first + MK_INT8_GROUP; k++) {
                    sum += a[k] * code(b, k);
                    if (low) low_sum += low[k] * code(b, k);
                }
                const float all = low ? (float)sum + (float)low_sum * low_factor : (float)sum;
                x += all * g->b_scale[first / MK_INT8_GROUP * g->b_scale_stride + j];
            }
            const float offset = (g->bias ? g->bias[j] : 0) - g->a_shift[i] * g->b_sum[j];
            write(g, i, j, x * g->a_scale[i] + offset);
        }
    finish_rows(g);
}
static void gemm_int8(const mk_gemm *g) { gemm_codes(g, (g->k + 3) / 4 * 4, code_int8); }
static void gemm_int4(const mk_gemm *g) { gemm_codes(g, (g->k + MK_INT4_PART - 1) / MK_INT4_PART * MK_INT4_PART_BYTES(1), code_int4); }

static float weight(const mk_pack *p, int64_t n, int64_t k) { return p->w[n * p->ldw + k] * (p->w_scale ? p->w_scale[k] : 1); }

static void pack_f32(const mk_pack *p) {
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t k = 0; k < p->k; k++) ((float *)p->b)[n * p->k + k] = weight(p, n, k);
}

static void pack_bf16(const mk_pack *p) {
    const int64_t stride = (p->k + 1) / 2 * 2;
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t k = 0; k < stride; k++) ((uint16_t *)p->b)[n * stride + k] = k < p->k ? to_bf16(weight(p, n, k)) : 0;
}

static void pack_int8(const mk_pack *p) {
    const int64_t stride = (p->k + 3) / 4 * 4;
    memset(p->b, 0, (size_t)(p->n * stride));
    for (int64_t n = 0; n < p->n; n++) {
        int8_t *b = (int8_t *)p->b + n * stride;
        float sum = 0;
        for (int64_t first = 0; first < p->k; first += MK_INT8_GROUP) {
            const int64_t last = first + MK_INT8_GROUP < p->k ? first + MK_INT8_GROUP : p->k;
            float largest = 0;
            for (int64_t k = first; k < last; k++) largest = fmaxf(largest, fabsf(weight(p, n, k)));
            const float scale = largest / 127.f, inverse = largest > 1e-35f ? 127.f / largest : 0.f;
            int32_t total = 0;
            for (int64_t k = first; k < last; k++) total += b[k] = (int8_t)(fmaf(weight(p, n, k), inverse, 12582912.f) - 12582912.f);
            p->b_scale[first / MK_INT8_GROUP * p->b_scale_stride + n] = scale;
            sum += scale * (float)total;
        }
        p->b_sum[n] = sum;
    }
}

static void pack_int4(const mk_pack *p) { mk_pack_int4(p, 1); }

static float get(const void *x, int bf16, int64_t i) { return bf16 ? from_bf16(((const uint16_t *)x)[i]) : ((const float *)x)[i]; }
static void set(void *x, int bf16, int64_t i, float value) {
    if (bf16) ((uint16_t *)x)[i] = to_bf16(value);
    else ((float *)x)[i] = value;
}

// The weights of one query lie in scratch: [tokens] floats.
static void attend(const mk_attention *p, int bf16) {
    float *weight = p->scratch;
    const int64_t group = p->key_heads ? p->heads / p->key_heads : 1, ld_keys = p->ld_keys ? p->ld_keys : p->ld;
    for (int64_t h = 0; h < p->heads; h++)
        for (int64_t i = p->skipped; i < p->tokens; i++) {
            const int64_t q = (i - p->skipped) * p->ld + h * p->head_size, head = h / group * p->head_size;
            const int64_t lo = p->masked && i > p->before ? i - p->before : 0;
            const int64_t hi = p->masked && p->after < p->tokens - i ? i + p->after + 1 : p->tokens;
            float max = -INFINITY, sum = 0;
            for (int64_t j = lo; j < hi; j++) {
                const int64_t k = j * ld_keys + head;
                float score = 0;
                for (int64_t d = 0; d < p->head_size; d++) score += get(p->q, bf16, q + d) * get(p->k, bf16, k + d);
                weight[j] = score * p->scale;
                if (p->bias) weight[j] += p->bias[h * p->bias_stride + i * p->bias_step + j - i];
                max = fmaxf(max, weight[j]);
            }
            for (int64_t j = lo; j < hi; j++) {
                weight[j] = expf(weight[j] - max);
                sum += weight[j];
                if (bf16) weight[j] = from_bf16(to_bf16(weight[j]));
            }
            for (int64_t d = 0; d < p->head_size; d++) {
                float x = 0;
                for (int64_t j = lo; j < hi; j++) x += weight[j] * get(p->v, bf16, j * ld_keys + head + d);
                set(p->out, bf16, (i - p->skipped) * p->ldo + h * p->head_size + d, x / sum);
            }
        }
}
static void attention_f32(const mk_attention *p) { attend(p, 0); }
static void attention_bf16(const mk_attention *p) { attend(p, 1); }

static void heads_of(const mk_heads *p, int bf16) {
    const int64_t half = p->rotated / 2;
    for (int64_t t = 0; t < p->tokens; t++)
        for (int64_t h = 0; h < p->heads; h++) {
            const int64_t first = t * p->ld + h * p->head_size;
            float squares = 0;
            for (int64_t i = 0; i < p->head_size; i++) squares += get(p->x, bf16, first + i) * get(p->x, bf16, first + i);
            const float inverse = 1.f / sqrtf(squares / (float)p->head_size + p->eps);
            for (int64_t i = 0; i < half; i++) {
                const int64_t j = half + i;
                const float a = get(p->x, bf16, first + i) * (p->gamma ? inverse * p->gamma[i] : 1);
                const float b = get(p->x, bf16, first + j) * (p->gamma ? inverse * p->gamma[j] : 1);
                const float c = p->cosine[t * half + i], s = p->sine[t * half + i];
                set(p->x, bf16, first + i, a * c - b * s);
                set(p->x, bf16, first + j, b * c + a * s);
            }
            for (int64_t i = 2 * half; p->gamma && i < p->head_size; i++)
                set(p->x, bf16, first + i, get(p->x, bf16, first + i) * (inverse * p->gamma[i]));
        }
}
static void heads_f32(const mk_heads *p) { heads_of(p, 0); }
static void heads_bf16(const mk_heads *p) { heads_of(p, 1); }

static void gate(const mk_gate *p) {
    for (int64_t row = 0; row < p->m; row++)
        for (int64_t i = 0; i < p->n; i++) {
            const int64_t x = row * p->ldx + i;
            set(p->y, p->bf16, row * p->ldy + i, activate(p->activation, get(p->a, p->bf16, x)) * get(p->b, p->bf16, x));
        }
}

// The factor of a column multiplies its values first, if there is one. `low` is NULL where a row has none. y may be x: a value is read before
// its byte is written.
static void quantise_row(const void *x, int bf16, const float *factor, int64_t n, uint8_t *y, uint8_t *low, float *scale, float *shift) {
    float min = 0, max = 0, poison = 0;  // NaN once a value is not finite
    for (int64_t k = 0; k < n; k++) {
        const float v = get(x, bf16, k) * (factor ? factor[k] : 1);
        min = fminf(min, v);
        max = fmaxf(max, v);
        poison += v * 0;
    }
    const float range = max - min, inverse = range > 1e-35f ? 255.f / range : 0.f, zero = rintf(-min * inverse);
    for (int64_t k = 0; k < n; k++) {
        const float v = fmaf(get(x, bf16, k) * (factor ? factor[k] : 1), inverse, zero), whole = rintf(fminf(fmaxf(v, 0.f), 255.f));
        y[k] = (uint8_t)whole;
        if (low) low[k] = (uint8_t)rintf(fminf(fmaxf(fmaf(v - whole, 256.f, 128.f), 0.f), 255.f));
    }
    for (int64_t k = n; k & 3; k++) {
        y[k] = 0;
        if (low) low[k] = 0;
    }
    *scale = range / 255.f + poison;
    *shift = *scale * zero;
    if (low) *shift += 0.5f * *scale;
}

static void norm(const mk_norm *p) {
    for (int64_t i = 0; i < p->m; i++) {
        const float *x = p->x + i * p->ldx;
        float *y = p->y + i * p->ldy;
        float mean = 0, variance = 0;
        for (int64_t k = 0; k < p->n; k++) mean += x[k];
        mean = p->rms ? 0 : mean / (float)p->n;
        for (int64_t k = 0; k < p->n; k++) variance += (x[k] - mean) * (x[k] - mean);
        const float inverse = 1.f / sqrtf(variance / (float)p->n + p->eps);
        for (int64_t k = 0; k < p->n; k++) y[k] = (x[k] - mean) * inverse * p->gamma[k] + p->beta[k];
        if (p->y_bf16)
            for (int64_t k = 0; k < p->n; k++) p->y_bf16[i * p->ldy_bf16 + k] = to_bf16(y[k]);
        uint8_t *low = p->low && p->low_factor[i] != 0 ? p->low + i * p->ld_low : NULL;
        if (p->y_u8) quantise_row(y, 0, p->u8_factor, p->n, p->y_u8 + i * p->ldy_u8, low, p->u8_scale + i, p->u8_shift + i);
    }
}

static void quantise(const mk_quantise *p) {
    for (int64_t i = 0; i < p->m; i++) {
        uint8_t *low = p->low && p->low_factor[i] != 0 ? p->low + i * p->ld_low : NULL;
        const char *x = (const char *)p->x + i * p->ldx * (p->x_bf16 ? 2 : 4);
        quantise_row(x, p->x_bf16, NULL, p->n, p->y + i * p->ldy, low, p->scale + i, p->shift + i);
    }
}

static float dot(const float *a, const float *b, int64_t n) {
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void add_scaled(float *y, const float *x, float s, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += x[i] * s;
}

const mk_kernels mk_kernels_scalar = {
    .name = "scalar",
    .panel_width = 1,
    .tile_rows = 1,
    .block_rows = 1,
    .gemm = {gemm_f32, gemm_bf16, gemm_int8, gemm_int4},
    .pack = {pack_f32, pack_bf16, pack_int8, pack_int4},
    .attention = {attention_f32, attention_bf16, attention_f32},
    .attention_general = {attention_f32, attention_bf16, attention_f32},
    .heads = {heads_f32, heads_bf16},
    .gate = gate,
    .norm = norm,
    .quantise = quantise,
    .dot = dot,
    .add_scaled = add_scaled,
};
