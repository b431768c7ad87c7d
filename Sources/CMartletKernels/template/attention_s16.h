// Attention of one sequence of f32 rows in 16-bit integers, for CPUs whose dot products take pairs of them (MK_DOT_S16) and no bf16. Twice as
// many products an instruction as in f32, and closer to it than bf16: queries, keys and values of a head have one scale each.
//
// What products of two operands add up to is bounded so that 32 bits hold it exactly: head_size scores' terms, and S16_KEYS keys' weights times
// values. Where a head holds what is not finite, all heads are taken in f32, which carries it on. So are short texts.
#define MK_P _s16
#define MK_DOT MK_DOT_S16
#define MK_PHASES 1
#define MK_WEIGHTS MK_WHOLE
#define MK_INPUTS MK_WHOLE
#include "tile.h"
#undef MK_P
#undef MK_DOT
#undef MK_PHASES
#undef MK_WEIGHTS
#undef MK_INPUTS

typedef int16_t vs16_lanes __attribute__((vector_size(MK_LANES * 2)));

// Keys whose weighted values are summed in integers: 256 * 8191 * 1023 < 2^31.
enum { S16_KEYS = 256, S16_WEIGHT = 8191, S16_VALUE = 1023, S16_LEAST_TOKENS = 24, S16_LEAST_HEAD = 8 };

MK_INLINE void store_s16(int16_t *p, vi x) {
    const vs16_lanes narrow = __builtin_convertvector(x, vs16_lanes);
    memcpy(p, &narrow, sizeof narrow);
}

// What a head's largest magnitude is, or something beyond f32's largest number if any is not finite.
MK_INLINE int32_t largest_bits(const float *x, int64_t ld, int64_t tokens, int64_t n) {
    vi largest = {0};
    for (int64_t t = 0; t < tokens; t++)
        for (int64_t i = 0; i < n; i += MK_LANES)
            largest = __builtin_elementwise_max(largest, (vi)values_load(x + t * ld, 0, i, n - i) & 0x7fffffff);
    return __builtin_reduce_max(largest);
}

// Rows of a head times `inverse`, rounded to nearest, `ld16` elements apart; beyond a row's last are zeros.
MK_INLINE void rows_to_s16(const float *x, int64_t ld, int64_t tokens, int64_t n, float inverse, int16_t *out, int64_t ld16) {
    for (int64_t t = 0; t < tokens; t++)
        for (int64_t i = 0; i < n; i += MK_LANES) {
            const vi q = (vi)v_fma(values_load(x + t * ld, 0, i, n - i), v_set(inverse), v_set(12582912.f)) - 0x4b400000;
            store_s16(out + t * ld16 + i, q);
        }
}

// S16_WEIGHT * 2^x for x <= 0, added to 1.5 * 2^23, whose low bits are the rounded product: a cubic of the fraction (relative error 7.5e-5, below
// half a unit of the weights).
MK_INLINE vi weight_bits_s16(vf x) {
    x = v_max(v_set(-100.f), x);
    const vf rounded = x + 12582912.f, f = x - (rounded - 12582912.f);
    vf p = v_set(S16_WEIGHT * 5.51719734e-2f);
    p = v_fma(p, f, v_set(S16_WEIGHT * 0.242611889f));
    p = v_fma(p, f, v_set(S16_WEIGHT * 0.693261007f));
    p = v_fma(p, f, v_set(S16_WEIGHT * 0.999928029f));
    return (vi)((vf)((vi)p + (((vi)rounded) << 23)) + 12582912.f);
}

// `count` rows of scores, at most 4, side by side, to weights of 0 to S16_WEIGHT, and 1 / their sum times `value`. `factor` turns a score into
// the logarithm to base 2 of its weight, up to what a row has in common. The tail past `tokens` becomes 0.
MK_INLINE void softmax_rows_s16(const int32_t *scores, int16_t *weights, int64_t tokens, int64_t padded, float factor, float value,
                                float *inverse, const int count) {
    const int64_t whole = tokens / MK_LANES * MK_LANES;
    const vi mask = v_first(tokens - whole);
    vi max[4], sum[4];
    vf least[4];
    MK_UNROLL for (int r = 0; r < count; r++) max[r] = v_set_bits(INT32_MIN), sum[r] = (vi){0};
    MK_NO_UNROLL for (int64_t i = 0; i < whole; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++)
        max[r] = __builtin_elementwise_max(max[r], v_load_bits(scores + r * padded + i));
    if (tokens > whole) MK_UNROLL for (int r = 0; r < count; r++) {
        const vi last = v_load_bits(scores + r * padded + whole);
        max[r] = __builtin_elementwise_max(max[r], (last & mask) | (v_set_bits(INT32_MIN) & ~mask));
    }
    MK_UNROLL for (int r = 0; r < count; r++) least[r] = v_set(-(float)__builtin_reduce_max(max[r]) * factor);
    MK_NO_UNROLL for (int64_t i = 0; i < whole; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        const vi q = weight_bits_s16(v_fma(__builtin_convertvector(v_load_bits(scores + r * padded + i), vf), v_set(factor), least[r]));
        sum[r] += q;
        store_s16(weights + r * padded + i, q);
    }
    if (tokens > whole) MK_UNROLL for (int r = 0; r < count; r++) {
        const vf x = __builtin_convertvector(v_load_bits(scores + r * padded + whole), vf);
        const vi q = weight_bits_s16(v_fma(x, v_set(factor), least[r])) & mask;
        sum[r] += q;
        store_s16(weights + r * padded + whole, q);
    }
    for (int64_t i = (tokens + MK_LANES - 1) / MK_LANES * MK_LANES; i < padded; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++)
        store_s16(weights + r * padded + i, (vi){0});
    // 1.5 * 2^23 was added to each of the keys' weights.
    MK_UNROLL for (int r = 0; r < count; r++) {
        const uint32_t total = (uint32_t)__builtin_reduce_add((vu)sum[r]) - (uint32_t)tokens * 0x4b400000u;
        inverse[r] = value / (float)total;
    }
}

// The scores of one query for the keys from lo to hi to weights, and 1 / their sum times `value`; the weights of other keys become 0. `bias`
// belongs to key lo, or is NULL. The scores become logarithms to base 2 in place.
MK_INLINE float softmax_range_s16(int32_t *scores, int16_t *weights, int64_t lo, int64_t hi, int64_t padded, float factor, const float *bias,
                                  float value) {
    const int64_t whole = lo + (hi - lo) / MK_LANES * MK_LANES, part = hi - whole;
    const vi mask = v_first(part);
    float *x = (float *)scores;
    vf max = v_set(-INFINITY);
    vi sum = {0};
    for (int64_t i = lo; i < hi; i += MK_LANES) {
        vf v = __builtin_convertvector(v_load_bits(scores + i), vf) * factor;
        if (bias) v = v_fma(i < whole ? v_load(bias + (i - lo)) : v_load_part(bias + (i - lo), part), v_set(1.44269504f), v);
        if (i >= whole) v = v_select(mask, v, v_set(-INFINITY));
        max = v_max(max, v);
        if (i < whole) v_store(x + i, v);
        else memcpy(x + i, &v, (size_t)part * 4);
    }
    const vf top = v_set(v_reduce_max(max));
    memset(weights, 0, (size_t)lo * sizeof *weights);
    for (int64_t i = lo; i < whole; i += MK_LANES) {
        const vi q = weight_bits_s16(v_load(x + i) - top) - 0x4b400000;
        sum += q;
        store_s16(weights + i, q);
    }
    if (part) {
        const vi q = (weight_bits_s16(v_load_part(x + whole, part) - top) - 0x4b400000) & mask;
        sum += q;
        store_s16(weights + whole, q);
    }
    memset(weights + hi, 0, (size_t)(padded - hi) * sizeof *weights);
    return value / (float)__builtin_reduce_add(sum);
}

// What a head's magnitudes are divided by. False if one is not finite.
MK_INLINE bool scale_s16(const float *x, const mk_attention *p, float most, float *scale) {
    const int32_t bits = largest_bits(x, p->ld, p->tokens, p->head_size);
    memcpy(scale, &bits, 4);
    *scale = (*scale > 1e-30f ? *scale : 1e-30f) / most;
    return bits < 0x7f800000;
}

// Queries and keys are rounded to so many units, that the sum of a head's products stays in 32 bits.
MK_INLINE float score_units_s16(int64_t head_size) {
    const float limit = floorf(sqrtf(2147483000.f / (float)head_size));
    return limit < 8191.f ? limit : 8191.f;
}

// A tile's weights times the values of `steps` pairs of keys, to rows of a head of the output.
MK_INLINE void weigh_values_s16(const mk_gemm *out, int64_t rows, const int16_t *weights, int64_t ldw, const int16_t *values, int64_t value_steps,
                                int64_t steps) {
    enum { width = MK_VECTORS * MK_LANES };
    float sums[MK_ROWS * width] __attribute__((aligned(64)));
    float total[MK_ROWS * width] __attribute__((aligned(64)));
    for (int64_t column = 0; column < out->n; column += width) {
        for (int64_t first = 0; first < steps; first += S16_KEYS / 2) {
            const int64_t some = steps - first < S16_KEYS / 2 ? steps - first : S16_KEYS / 2;
            tiles_s16[rows](some, (const char *)(weights + first * 2), ldw * 2,
                            (const char *)(values + column * value_steps * 2 + first * 2 * width), 0, sums, width, (const char *)values, 0);
            for (int64_t j = 0; j < rows * width; j += MK_LANES) {
                const vf s = __builtin_convertvector(v_load_bits(sums + j), vf);
                v_store(total + j, first ? v_load(total + j) + s : s);
            }
        }
        finish_tilef32(out, total, NULL, width, 0, rows, column);
    }
}

// With what attention_general.h adds: keys that a query does not see, biases by distance, heads of queries that share keys and values.
static void attention_any_s16(const mk_attention *p, const int general) {
    enum { width = MK_VECTORS * MK_LANES };
    const int64_t tokens = p->tokens, head_size = p->head_size, ld16 = (head_size + MK_LANES - 1) / MK_LANES * MK_LANES;
    const int64_t padded = (tokens + width - 1) / width * width, key_steps = (head_size + 1) / 2, value_steps = (tokens + 1) / 2;
    const int64_t value_panels = (head_size + width - 1) / width;
    int32_t *keys = p->scratch;
    int16_t *values = (int16_t *)(keys + padded * key_steps);
    int32_t *scores = (int32_t *)(values + value_panels * width * ((tokens + 31) & ~(int64_t)31));
    int16_t *weights = (int16_t *)(scores + MK_ROWS * padded), *rows16 = weights + MK_ROWS * padded;
    const int64_t tiles = (tokens + MK_ROWS - 1) / MK_ROWS, each = tokens / tiles, extra = tokens % tiles;
    const int64_t group = general && p->key_heads ? p->heads / p->key_heads : 1;
    const int64_t before = general && p->masked && p->before < tokens ? p->before : tokens;
    const int64_t after = general && p->masked && p->after < tokens ? p->after : tokens;
    const float most = score_units_s16(head_size);
    const mk_attention narrow = {.tokens = tokens, .head_size = head_size, .ld = ld16};
    float inverse[MK_ROWS], query_scale, key_scale = 1, value_scale = 1;
    for (int64_t h = 0; h < p->heads; h++) {
        const float *q = (const float *)p->q + h * head_size;
        bool finite = scale_s16(q, p, most, &query_scale);
        if (h % group == 0) {
            const float *k = (const float *)p->k + h / group * head_size, *v = (const float *)p->v + h / group * head_size;
            finite = scale_s16(k, p, most, &key_scale) && finite;
            finite = scale_s16(v, p, S16_VALUE, &value_scale) && finite;
            rows_to_s16(k, p->ld, tokens, head_size, 1 / key_scale, rows16, ld16);
            pack_keys_bf16(&narrow, (uint16_t *)rows16, keys, key_steps);
            rows_to_s16(v, p->ld, tokens, head_size, 1 / value_scale, rows16, ld16);
            pack_values_bf16(&narrow, (uint16_t *)rows16, (uint16_t *)values, value_steps);
        }
        if (!finite) {
            general ? attention_general_f32(p) : attention_f32(p);
            return;
        }
        rows_to_s16(q, p->ld, tokens, head_size, 1 / query_scale, rows16, ld16);
        const float factor = p->scale * 1.44269504f * query_scale * key_scale;
        mk_gemm out = {.n = head_size, .a_scale = inverse, .ldc = p->ldo};
        int64_t row = 0;
        for (int64_t t = 0; t < tiles; t++) {
            const int64_t r = each + (t < extra);
            const int64_t first = row > before ? (row - before) / width * width : 0;
            const int64_t end = row + r + after < tokens ? row + r + after : tokens;
            const int64_t columns = (end - first + width - 1) / width * width;
            for (int64_t column = 0; column < columns; column += width)
                tiles_s16[r](key_steps, (const char *)(rows16 + row * ld16), ld16 * 2, (const char *)(keys + (first + column) * key_steps), 0,
                             (float *)(scores + column), columns, (const char *)keys, 0);
            int64_t i = 0;
            for (; !general && i + 4 <= r; i += 4)
                softmax_rows_s16(scores + i * columns, weights + i * columns, tokens, columns, factor, value_scale, inverse + i, 4);
            for (; !general && i < r; i++)
                softmax_rows_s16(scores + i * columns, weights + i * columns, tokens, columns, factor, value_scale, inverse + i, 1);
            for (; i < r; i++) {
                const int64_t query = row + i;
                const int64_t lo = query > before ? query - before : 0, hi = query + after < tokens ? query + after + 1 : tokens;
                const float *bias = p->bias ? p->bias + h * p->bias_stride + query * p->bias_step + (lo - query) : NULL;
                inverse[i] = softmax_range_s16(scores + i * columns, weights + i * columns, lo - first, hi - first, columns, factor, bias,
                                               value_scale);
            }
            out.c = (float *)p->out + row * p->ldo + h * head_size;
            weigh_values_s16(&out, r, weights, columns, values + first * width, value_steps, (end - first + 1) / 2);
            row += r;
        }
    }
}

static bool takes_s16(const mk_attention *p) { return p->tokens >= S16_LEAST_TOKENS && p->head_size >= S16_LEAST_HEAD; }
static void attention_s16(const mk_attention *p) {
    if (takes_s16(p)) attention_any_s16(p, 0);
    else attention_f32(p);
}
static void attention_general_s16(const mk_attention *p) {
    if (takes_s16(p) && !p->skipped && !p->ld_keys) attention_any_s16(p, 1);
    else attention_general_f32(p);
}
