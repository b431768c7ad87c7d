// Attention of one sequence, once for f32 and once for bf16 (MK_P, MK_PRECISION as in gemm.h; MK_ELEMENT is the storage type).
//
// K and V of a head are packed like weights, so that both products run on the GEMM's tiles: a block of query rows times all
// keys gives scores, softmax leaves unnormalised weights, and their product with V is scaled by 1 / sum as it is written.
// Scores of a block stay in L1 or L2: MK_ROWS rows of the sequence's length.

// [tokens / width][head_size / unit][width][unit]
static void MK_NAME(pack_keys_)(const mk_attention *p, const MK_ELEMENT *k, int32_t *out, int64_t steps) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    const int64_t whole = p->head_size / unit;
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
    for (int64_t t = p->tokens; t % width; t++)
        for (int64_t s = 0; s < steps; s++) out[t / width * width * steps + s * width + t % width] = 0;
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
MK_INLINE float MK_NAME(softmax_row_)(const float *scores, MK_ELEMENT *weights, int64_t tokens, int64_t padded, float scale) {
    const int64_t whole = tokens / MK_LANES * MK_LANES, part = tokens - whole;
    const vi mask = v_first(part);
    vf max = v_set(-INFINITY);
    for (int64_t i = 0; i < whole; i += MK_LANES) max = v_max(max, v_load(scores + i));
    if (part) max = v_max(max, v_select(mask, v_load(scores + whole), v_set(-INFINITY)));
    const float factor = scale * 1.44269504f, offset = -v_reduce_max(max) * factor;
    vf sum = {0};
    int64_t i = 0;
    for (; i < whole; i += MK_LANES) {
        vf w = v_exp2(v_fma(v_load(scores + i), v_set(factor), v_set(offset)));
        sum += w;
#if MK_PRECISION == 1
        v_store_bf16(weights + i, w);
#else
        v_store(weights + i, w);
#endif
    }
    if (part) {
        vf w = (vf)((vi)v_exp2(v_fma(v_load(scores + i), v_set(factor), v_set(offset))) & mask);
        sum += w;
#if MK_PRECISION == 1
        v_store_bf16(weights + i, w);
#else
        v_store(weights + i, w);
#endif
        i += MK_LANES;
    }
    for (; i < padded; i++) weights[i] = 0;
    return 1.f / v_sum(sum);
}

static void MK_NAME(attention_)(const mk_attention *p) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    const int64_t padded = (p->tokens + width - 1) / width * width;
    const int64_t key_steps = (p->head_size + unit - 1) / unit, value_steps = (p->tokens + unit - 1) / unit;
    const int64_t value_panels = (p->head_size + width - 1) / width;
    int32_t *keys = p->scratch;
    MK_ELEMENT *values = (MK_ELEMENT *)(keys + padded * key_steps);
    float *scores = (float *)(values + value_panels * width * ((value_steps * unit + 31) & ~(int64_t)31));
    MK_ELEMENT *weights = (MK_ELEMENT *)(scores + MK_ROWS * padded);
    const int64_t tiles = (p->tokens + MK_ROWS - 1) / MK_ROWS, each = p->tokens / tiles, extra = p->tokens % tiles;
    float sums[MK_ROWS * width] __attribute__((aligned(64)));
    float inverse[MK_ROWS];
    for (int64_t h = 0; h < p->heads; h++) {
        const MK_ELEMENT *q = (const MK_ELEMENT *)p->q + h * p->head_size;
        MK_NAME(pack_keys_)(p, (const MK_ELEMENT *)p->k + h * p->head_size, keys, key_steps);
        MK_NAME(pack_values_)(p, (const MK_ELEMENT *)p->v + h * p->head_size, values, value_steps);
        mk_gemm out = {.n = p->head_size, .a_scale = inverse, .ldc = p->ldo, .c_bf16 = MK_PRECISION == 1};
        int64_t row = 0;
        for (int64_t t = 0; t < tiles; t++) {
            const int64_t r = each + (t < extra);
            for (int64_t column = 0; column < padded; column += width) {
                MK_NAME(tiles)[r](key_steps, (const char *)(q + row * p->ld), p->ld * (int64_t)sizeof(MK_ELEMENT),
                                  (const char *)(keys + column * key_steps), sums);
                for (int64_t i = 0; i < r; i++) memcpy(scores + i * padded + column, sums + i * width, width * 4);
            }
            for (int64_t i = 0; i < r; i++)
                inverse[i] = MK_NAME(softmax_row_)(scores + i * padded, weights + i * padded, p->tokens, padded, p->scale);
            out.c = (MK_ELEMENT *)p->out + row * p->ldo + h * p->head_size;
            for (int64_t column = 0; column < p->head_size; column += width) {
                MK_NAME(tiles)[r](value_steps, (const char *)weights, padded * (int64_t)sizeof(MK_ELEMENT),
                                  (const char *)(values + column * value_steps * unit), sums);
                MK_NAME(finish)(&out, MK_IDENTITY, sums, 0, r, column);
            }
            row += r;
        }
    }
}
