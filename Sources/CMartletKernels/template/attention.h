// Attention of one sequence, once for f32 and once for bf16 (MK_P, MK_PRECISION as in gemm.h; MK_ELEMENT is the storage type).
//
// K and V of a head are packed like weights, so that both products run on the GEMM's tiles: a block of query rows times all
// keys gives scores, softmax leaves unnormalised weights, and their product with V is scaled by 1 / sum as it is written.
// Scores of a block stay in L1 or L2: MK_ROWS rows of the sequence's length.

// `count` rows of scores, at most 4: factor * -max of each. They go side by side, so that the chains of their reductions run at the same time.
MK_INLINE void MK_NAME(least_rows_)(const float *scores, int64_t tokens, int64_t padded, float factor, float *least, const int count) {
    const int64_t whole = tokens / MK_LANES * MK_LANES;
    vf max[4];
    MK_UNROLL for (int r = 0; r < count; r++) max[r] = v_set(-INFINITY);
    MK_NO_UNROLL for (int64_t i = 0; i < whole; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++)
        max[r] = v_max(max[r], v_load(scores + r * padded + i));
    if (tokens > whole) {
        const vi mask = v_first(tokens - whole);
        MK_UNROLL for (int r = 0; r < count; r++)
            max[r] = v_max(max[r], v_select(mask, v_load(scores + r * padded + whole), v_set(-INFINITY)));
    }
    MK_UNROLL for (int r = 0; r < count; r++) least[r] = -v_reduce_max(max[r]) * factor;
}

// The same rows to unnormalised weights exp(scale * (s - max)), and 1 / their sum. The tail past `tokens` becomes 0.
// What the maximum rounds to once scaled is the same for a whole row, and cancels; a NaN or an infinite score ends as NaN.
MK_INLINE void MK_NAME(softmax_rows_)(const float *scores, MK_ELEMENT *weights, int64_t tokens, int64_t padded, float factor, const float *least,
                                      float *inverse, const int count) {
    const int64_t whole = tokens / MK_LANES * MK_LANES;
    vf sum[4] = {{0}};
    MK_NO_UNROLL for (int64_t i = 0; i < whole; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        const vf w = v_exp2(v_fma(v_load(scores + r * padded + i), v_set(factor), v_set(least[r])));
        sum[r] += w;
        MK_STORE(weights + r * padded + i, w);
    }
    if (tokens > whole) {
        const vi mask = v_first(tokens - whole);
        MK_UNROLL for (int r = 0; r < count; r++) {
            const vf w = (vf)((vi)v_exp2(v_fma(v_load(scores + r * padded + whole), v_set(factor), v_set(least[r]))) & mask);
            sum[r] += w;
            MK_STORE(weights + r * padded + whole, w);
        }
    }
    for (int64_t i = (tokens + MK_LANES - 1) / MK_LANES * MK_LANES; i < padded; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++)
        MK_STORE(weights + r * padded + i, (vf){0});
    MK_UNROLL for (int r = 0; r < count; r++) inverse[r] = 1.f / v_sum(sum[r]);
}

// Scores of a tile of queries to weights. All maxima come first: a row's weights wait for its maximum, and the other rows fill the time.
static void MK_NAME(softmax_)(const float *scores, MK_ELEMENT *weights, int64_t rows, int64_t tokens, int64_t padded, float scale, float *inverse) {
    const float factor = scale * 1.44269504f;
    float least[MK_ROWS];
    int64_t i = 0;
    for (; i + 4 <= rows; i += 4) MK_NAME(least_rows_)(scores + i * padded, tokens, padded, factor, least + i, 4);
    for (; i < rows; i++) MK_NAME(least_rows_)(scores + i * padded, tokens, padded, factor, least + i, 1);
    for (i = 0; i + 4 <= rows; i += 4)
        MK_NAME(softmax_rows_)(scores + i * padded, weights + i * padded, tokens, padded, factor, least + i, inverse + i, 4);
    for (; i < rows; i++) MK_NAME(softmax_rows_)(scores + i * padded, weights + i * padded, tokens, padded, factor, least + i, inverse + i, 1);
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
                                  scores + column, padded, (const char *)keys, 0);
            MK_NAME(softmax_)(scores, weights, r, p->tokens, padded, p->scale, inverse);
            out.c = (MK_ELEMENT *)p->out + row * p->ldo + h * p->head_size;
            for (int64_t column = 0; column < p->head_size; column += width) {
                MK_NAME(tiles)[r](value_steps, (const char *)weights, padded * (int64_t)sizeof(MK_ELEMENT),
                                  (const char *)(values + column * value_steps * unit), 0, sums, width, (const char *)values, 0);
                MK_NAME(finish_tile)(&out, sums, NULL, width, 0, r, column);
            }
            row += r;
        }
    }
}
