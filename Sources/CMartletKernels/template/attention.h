// Attention of one sequence, once for f32 and once for bf16 (MK_P, MK_PRECISION as in gemm.h; MK_ELEMENT is the storage type).
//
// K and V of a head are packed like weights, so that both products run on the GEMM's tiles: a block of query rows times all
// keys gives scores, softmax leaves unnormalised weights, and their product with V is scaled by 1 / sum as it is written.
// Scores of a block stay in L1 or L2: rows of the sequence's length, as many as a tile has.
//
// With MK_BIG_TILE both products run on a matrix unit, whose tiles take 16 units of k: what fills up the last of them is 0.
#ifdef MK_BIG_TILE
enum { MK_NAME(query_rows) = MK_BIG_ROWS, MK_NAME(weight_steps) = MK_BIG_STEPS };
#define MK_ATTEND(rows, steps, a, lda, b, out, ldo) MK_BIG_TILE(rows, steps, a, lda, b, out, ldo)
#define MK_ATTENTION_END() MK_BIG_END()
#else
enum { MK_NAME(query_rows) = MK_ROWS, MK_NAME(weight_steps) = 1 };
#define MK_ATTEND(rows, steps, a, lda, b, out, ldo) MK_NAME(tiles)[rows](steps, a, lda, b, 0, out, ldo, b, 0)
#define MK_ATTENTION_END() (void)0
#endif
// Steps of the product of the weights of so many keys with their values.
MK_INLINE int64_t MK_NAME(value_steps_)(int64_t tokens) {
    enum { unit = 1 << MK_PRECISION, steps = MK_NAME(weight_steps) };
    return ((tokens + unit - 1) / unit + steps - 1) / steps * steps;
}

// [tokens / width][head_size / unit][width][unit]: square blocks of units are transposed in registers.
static void MK_NAME(pack_keys_)(const mk_attention *p, const MK_ELEMENT *k, int32_t *out, int64_t steps) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    const int64_t blocks = p->head_size / unit / MK_LANES, padded = (p->tokens + width - 1) / width * width;
    for (int64_t t = 0; t < padded; t += MK_LANES) {
        const int64_t rows = p->tokens - t;
        const MK_ELEMENT *from = k + t * p->ld;
        int32_t *to = out + t / width * width * steps + t % width;
        if (rows <= 0) {
            for (int64_t s = 0; s < steps; s++) v_store_bits(to + s * width, (vi){0});
            continue;
        }
        for (int64_t block = 0; block < blocks; block++) {
            vi x[MK_LANES];
            if (rows >= MK_LANES) {
                MK_UNROLL for (int i = 0; i < MK_LANES; i++) x[i] = v_load_bits(from + i * p->ld + block * MK_LANES * unit);
            } else {
                MK_UNROLL for (int i = 0; i < MK_LANES; i++) {
                    x[i] = (vi){0};
                    if (i < rows) x[i] = v_load_bits(from + i * p->ld + block * MK_LANES * unit);
                }
            }
            v_transpose(x);
            MK_UNROLL for (int i = 0; i < MK_LANES; i++) v_store_bits(to + (block * MK_LANES + i) * width, x[i]);
        }
        for (int64_t s = blocks * MK_LANES; s < steps; s++) {
            const int64_t left = p->head_size - s * unit, count = left < unit ? left : unit;
            for (int64_t i = 0; i < MK_LANES; i++) {
                int32_t x = 0;
                if (i < rows) memcpy(&x, from + i * p->ld + s * unit, sizeof(MK_ELEMENT) * (size_t)count);
                to[s * width + i] = x;
            }
        }
    }
}

// [head_size / width][steps][width][unit]: the tokens, then zeros.
static void MK_NAME(pack_values_)(const mk_attention *p, const MK_ELEMENT *v, MK_ELEMENT *out, int64_t steps) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    const int64_t real = (p->tokens + unit - 1) / unit;
    for (int64_t first = 0; first < p->head_size; first += width) {
        const int64_t columns = p->head_size - first < width ? p->head_size - first : width;
        for (int64_t s = 0; s < real; s++, out += width * unit) {
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
        memset(out, 0, (size_t)((steps - real) * width) * 4);
        out += (steps - real) * width * unit;
    }
}

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
    float least[MK_NAME(query_rows)];
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
    const int64_t key_steps = (p->head_size + unit - 1) / unit, value_steps = MK_NAME(value_steps_)(p->tokens);
    const int64_t value_panels = (p->head_size + width - 1) / width;
    int32_t *keys = p->scratch;
    MK_ELEMENT *values = (MK_ELEMENT *)(keys + padded * key_steps);
    float *scores = (float *)(values + value_panels * width * ((value_steps * unit + 31) & ~(int64_t)31));
    MK_ELEMENT *weights = (MK_ELEMENT *)(scores + MK_NAME(query_rows) * padded);
    MK_ELEMENT *whole_units = weights + MK_NAME(query_rows) * padded;  // query rows of an odd head size, zero-padded
    const int64_t tiles = (p->tokens + MK_NAME(query_rows) - 1) / MK_NAME(query_rows), each = p->tokens / tiles, extra = p->tokens % tiles;
    float sums[MK_NAME(query_rows) * width] __attribute__((aligned(64)));
    float inverse[MK_NAME(query_rows)];
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
                MK_ATTEND(r, key_steps, (const char *)q, ldq * (int64_t)sizeof *q, (const char *)(keys + column * key_steps), scores + column, padded);
            MK_NAME(softmax_)(scores, weights, r, p->tokens, padded, p->scale, inverse);
            out.c = (MK_ELEMENT *)p->out + row * p->ldo + h * p->head_size;
            for (int64_t column = 0; column < p->head_size; column += width) {
                MK_ATTEND(r, value_steps, (const char *)weights, padded * (int64_t)sizeof(MK_ELEMENT),
                          (const char *)(values + column * value_steps * unit), sums, width);
                MK_NAME(finish_tile)(&out, sums, NULL, width, 0, r, column);
            }
            row += r;
        }
    }
    MK_ATTENTION_END();
}
