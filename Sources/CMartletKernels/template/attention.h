// Attention of one sequence, once for f32 and once for bf16 (MK_P, MK_PRECISION as in gemm.h; MK_ELEMENT is the storage type).
//
// K and V of a head are packed like weights, so that both products run on the GEMM's tiles: a block of query rows times all
// keys gives scores, softmax leaves unnormalised weights, and their product with V is scaled by 1 / sum as it is written.
// Scores of a block stay in L1 or L2: MK_ROWS rows of the sequence's length.

// [tokens / width][head_size / unit][width][unit]
static void MK_NAME(pack_keys_)(const mk_attention *p, const MK_ELEMENT *k, int32_t *out, int64_t steps) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    const int64_t whole = p->head_size / unit;
    if (p->tokens % width) memset(out + p->tokens / width * width * steps, 0, (size_t)(width * steps) * 4);
    for (int64_t t = 0; t < p->tokens; t++) {
        const MK_ELEMENT *row = k + t * p->ld;
        int32_t *to = out + t / width * width * steps + t % width;
        for (int64_t s = 0; s < whole; s++) memcpy(to + s * width, row + s * unit, 4);
        if (whole < steps) {
            int32_t last = 0;
            memcpy(&last, row + whole * unit, sizeof(MK_ELEMENT) * (size_t)(p->head_size - whole * unit));
            to[whole * width] = last;
        }
    }
}

// [head_size / width][tokens / unit][width][unit]
static void MK_NAME(pack_values_)(const mk_attention *p, const MK_ELEMENT *v, MK_ELEMENT *out, int64_t steps) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    for (int64_t first = 0; first < p->head_size; first += width) {
        const int64_t columns = p->head_size - first < width ? p->head_size - first : width;
        for (int64_t s = 0; s < steps; s++, out += width * unit) {
            const MK_ELEMENT *row = v + s * unit * p->ld + first;
#if MK_PRECISION == 1
            const int pair = s * 2 + 1 < p->tokens;
            if (columns == width) {
                MK_UNROLL for (int j = 0; j < MK_VECTORS; j++) {
                    vh low, high = {0};
                    memcpy(&low, row + j * MK_LANES, sizeof low);
                    if (pair) memcpy(&high, row + p->ld + j * MK_LANES, sizeof high);
                    vu both = __builtin_convertvector(low, vu) | (__builtin_convertvector(high, vu) << 16);
                    v_store_bits(out + j * MK_LANES * 2, (vi)both);
                }
                continue;
            }
            memset(out, 0, width * 4);
            for (int64_t j = 0; j < columns; j++) {
                out[2 * j] = row[j];
                if (pair) out[2 * j + 1] = row[p->ld + j];
            }
#else
            if (columns < width) memset(out, 0, width * 4);
            memcpy(out, row, (size_t)columns * 4);
#endif
        }
    }
}

// Scores of one query to unnormalised weights exp(scale * (s - max)); returns 1 / their sum. The tail past `tokens` becomes 0.
// The maximum is subtracted first: 0 stays exact however large the scores, and a NaN or an infinite one ends as NaN.
MK_INLINE float MK_NAME(softmax_row_)(const float *scores, MK_ELEMENT *weights, int64_t tokens, int64_t padded, float scale) {
    const int64_t whole = tokens / MK_LANES * MK_LANES, part = tokens - whole;
    const vi mask = v_first(part);
    vf max0 = v_set(-INFINITY), max1 = max0, sum0 = {0}, sum1 = {0};
    int64_t i = 0;
    for (; i + 2 * MK_LANES <= whole; i += 2 * MK_LANES) {
        max0 = v_max(max0, v_load(scores + i));
        max1 = v_max(max1, v_load(scores + i + MK_LANES));
    }
    if (i < whole) max0 = v_max(max0, v_load(scores + i));
    if (part) max1 = v_max(max1, v_select(mask, v_load(scores + whole), v_set(-INFINITY)));
    const float max = v_reduce_max(v_max(max0, max1)), factor = scale * 1.44269504f;
    for (i = 0; i + 2 * MK_LANES <= whole; i += 2 * MK_LANES) {
        vf w0 = v_exp2((v_load(scores + i) - max) * factor), w1 = v_exp2((v_load(scores + i + MK_LANES) - max) * factor);
        sum0 += w0;
        sum1 += w1;
        MK_STORE(weights + i, w0);
        MK_STORE(weights + i + MK_LANES, w1);
    }
    if (i < whole) {
        vf w = v_exp2((v_load(scores + i) - max) * factor);
        sum0 += w;
        MK_STORE(weights + i, w);
        i += MK_LANES;
    }
    if (part) {
        vf w = (vf)((vi)v_exp2((v_load(scores + i) - max) * factor) & mask);
        sum1 += w;
        MK_STORE(weights + i, w);
        i += MK_LANES;
    }
    for (; i < padded; i += MK_LANES) MK_STORE(weights + i, (vf){0});
    return 1.f / v_sum(sum0 + sum1);
}

static void MK_NAME(attention_)(const mk_attention *p) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    if (p->tokens <= 0) return;
    const int64_t padded = (p->tokens + width - 1) / width * width;
    const int64_t key_steps = (p->head_size + unit - 1) / unit, value_steps = (p->tokens + unit - 1) / unit;
    const int64_t value_panels = (p->head_size + width - 1) / width;
    int32_t *keys = p->scratch;
    MK_ELEMENT *values = (MK_ELEMENT *)(keys + padded * key_steps);
    float *scores = (float *)(values + value_panels * width * ((value_steps * unit + 31) & ~(int64_t)31));
    MK_ELEMENT *weights = (MK_ELEMENT *)(scores + MK_ROWS * padded);
    MK_ELEMENT *whole_units = weights + MK_ROWS * padded;  // query rows of an odd head size, zero-padded
    const int64_t tiles = (p->tokens + MK_ROWS - 1) / MK_ROWS, each = p->tokens / tiles, extra = p->tokens % tiles;
    float sums[MK_ROWS * width] __attribute__((aligned(64)));
    float inverse[MK_ROWS];
    for (int64_t h = 0; h < p->heads; h++) {
        MK_NAME(pack_keys_)(p, (const MK_ELEMENT *)p->k + h * p->head_size, keys, key_steps);
        MK_NAME(pack_values_)(p, (const MK_ELEMENT *)p->v + h * p->head_size, values, value_steps);
        mk_gemm out = {.n = p->head_size, .a_scale = inverse, .ldc = p->ldo, .c_bf16 = MK_PRECISION == 1};
        int64_t row = 0;
        for (int64_t t = 0; t < tiles; t++) {
            const int64_t r = each + (t < extra);
            const MK_ELEMENT *q = (const MK_ELEMENT *)p->q + row * p->ld + h * p->head_size;
            int64_t ldq = p->ld;
            if (p->head_size % unit) {
                ldq = key_steps * unit;
                memset(whole_units, 0, (size_t)(r * ldq) * sizeof *whole_units);
                for (int64_t i = 0; i < r; i++) memcpy(whole_units + i * ldq, q + i * p->ld, (size_t)p->head_size * sizeof *q);
                q = whole_units;
            }
            for (int64_t column = 0; column < padded; column += width)
                MK_NAME(tiles)[r](key_steps, (const char *)q, ldq * (int64_t)sizeof *q, (const char *)(keys + column * key_steps), 0,
                                  scores + column, padded);
            for (int64_t i = 0; i < r; i++)
                inverse[i] = MK_NAME(softmax_row_)(scores + i * padded, weights + i * padded, p->tokens, padded, p->scale);
            out.c = (MK_ELEMENT *)p->out + row * p->ldo + h * p->head_size;
            for (int64_t column = 0; column < p->head_size; column += width) {
                MK_NAME(tiles)[r](value_steps, (const char *)weights, padded * (int64_t)sizeof(MK_ELEMENT),
                                  (const char *)(values + column * value_steps * unit), 0, sums, width);
                MK_NAME(finish)(&out, MK_IDENTITY, sums, NULL, width, 0, r, column);
            }
            row += r;
        }
    }
}
