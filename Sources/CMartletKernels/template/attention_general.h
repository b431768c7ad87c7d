// Attention of one sequence with what attention.h leaves out: keys that a query does not see, biases by distance, and heads of queries
// that share keys and values. Once for f32 and once for bf16, on the packed keys and values and on the tiles of attention.h.
//
// A tile of queries is multiplied with the panels of keys that one of them sees and with no others. The rows of the first tokens may be keys
// alone; what the other queries get has the same bits then, as what a query gets does not depend on the tile that it is in.

// Scores of one query for the keys from lo to hi to unnormalised weights; those of the other keys become 0. `bias` belongs to key lo, or
// is NULL. Returns 1 / the sum of the weights. Whole vectors are read and written past hi: the next row lies there, whose weights come
// later, and after the last row the scratch has room.
MK_INLINE float MK_NAME(softmax_range_)(float *scores, MK_ELEMENT *weights, int64_t lo, int64_t hi, int64_t padded, float scale,
                                        const float *bias) {
    const int64_t whole = lo + (hi - lo) / MK_LANES * MK_LANES, part = hi - whole;
    const vi mask = v_first(part);
    if (bias) {
        for (int64_t i = lo; i < whole; i += MK_LANES)
            v_store(scores + i, v_fma(v_load(scores + i), v_set(scale), v_load(bias + (i - lo))));
        if (part) {
            const vf last = v_fma(v_load(scores + whole), v_set(scale), v_load_part(bias + (whole - lo), part));
            v_store(scores + whole, v_select(mask, last, v_load(scores + whole)));
        }
        scale = 1;
    }
    vf max = v_set(-INFINITY), sum = {0};
    for (int64_t i = lo; i < whole; i += MK_LANES) max = v_max(max, v_load(scores + i));
    if (part) max = v_max(max, v_select(mask, v_load(scores + whole), v_set(-INFINITY)));
    const float top = v_reduce_max(max), factor = scale * 1.44269504f;
    memset(weights, 0, (size_t)lo * sizeof *weights);
    for (int64_t i = lo; i < whole; i += MK_LANES) {
        const vf w = v_exp2((v_load(scores + i) - top) * factor);
        sum += w;
        MK_STORE(weights + i, w);
    }
    if (part) {
        const vf w = (vf)((vi)v_exp2((v_load(scores + whole) - top) * factor) & mask);
        sum += w;
        MK_STORE(weights + whole, w);
    }
    memset(weights + hi, 0, (size_t)(padded - hi) * sizeof *weights);
    return 1.f / v_sum(sum);
}

static void MK_NAME(attention_general_)(const mk_attention *p) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    const int64_t queries = p->tokens - p->skipped;
    if (queries <= 0) return;
    const int64_t padded = (p->tokens + width - 1) / width * width;
    const int64_t key_steps = (p->head_size + unit - 1) / unit, value_steps = (p->tokens + unit - 1) / unit;
    const int64_t value_panels = (p->head_size + width - 1) / width;
    int32_t *keys = p->scratch;
    MK_ELEMENT *values = (MK_ELEMENT *)(keys + padded * key_steps);
    float *scores = (float *)(values + value_panels * width * ((value_steps * unit + 31) & ~(int64_t)31));
    MK_ELEMENT *weights = (MK_ELEMENT *)(scores + MK_ROWS * padded);
    MK_ELEMENT *whole_units = weights + MK_ROWS * padded;  // query rows of an odd head size, zero-padded
    const int64_t tiles = (queries + MK_ROWS - 1) / MK_ROWS, each = queries / tiles, extra = queries % tiles;
    mk_attention packed = *p;
    if (p->ld_keys) packed.ld = p->ld_keys;
    const int64_t group = p->key_heads ? p->heads / p->key_heads : 1;
    const int64_t before = p->masked && p->before < p->tokens ? p->before : p->tokens;
    const int64_t after = p->masked && p->after < p->tokens ? p->after : p->tokens;
    float sums[MK_ROWS * width] __attribute__((aligned(64)));
    float inverse[MK_ROWS];
    mk_gemm out = {.n = p->head_size, .a_scale = inverse, .ldc = p->ldo, .c_bf16 = MK_PRECISION == 1};
    for (int64_t h = 0; h < p->heads; h++) {
        if (h % group == 0) {
            MK_NAME(pack_keys_)(&packed, (const MK_ELEMENT *)p->k + h / group * p->head_size, keys, key_steps);
            MK_NAME(pack_values_)(&packed, (const MK_ELEMENT *)p->v + h / group * p->head_size, values, value_steps);
        }
        int64_t row = 0;
        for (int64_t t = 0; t < tiles; t++) {
            const int64_t r = each + (t < extra);
            const int64_t position = p->skipped + row;
            const int64_t first = position > before ? (position - before) / width * width : 0;
            const int64_t end = position + r + after < p->tokens ? position + r + after : p->tokens;
            const int64_t columns = (end - first + width - 1) / width * width;
            const MK_ELEMENT *q = (const MK_ELEMENT *)p->q + row * p->ld + h * p->head_size;
            int64_t ldq = p->ld;
            if (p->head_size % unit) {
                ldq = key_steps * unit;
                memset(whole_units, 0, (size_t)(r * ldq) * sizeof *whole_units);
                for (int64_t i = 0; i < r; i++) memcpy(whole_units + i * ldq, q + i * p->ld, (size_t)p->head_size * sizeof *q);
                q = whole_units;
            }
            for (int64_t column = 0; column < columns; column += width)
                MK_NAME(tiles)[r](key_steps, (const char *)q, ldq * (int64_t)sizeof *q,
                                  (const char *)(keys + (first + column) * key_steps), 0, scores + column, columns,
                                  (const char *)keys, 0);
            for (int64_t i = 0; i < r; i++) {
                const int64_t query = position + i;
                const int64_t lo = query > before ? query - before : 0, hi = query + after < p->tokens ? query + after + 1 : p->tokens;
                const float *bias = p->bias ? p->bias + h * p->bias_stride + query * p->bias_step + (lo - query) : NULL;
                inverse[i] = MK_NAME(softmax_range_)(scores + i * columns, weights + i * columns, lo - first, hi - first, columns,
                                                     p->scale, bias);
            }
            out.c = (MK_ELEMENT *)p->out + row * p->ldo + h * p->head_size;
            const int64_t steps = (end - first + unit - 1) / unit;
            for (int64_t column = 0; column < p->head_size; column += width) {
                MK_NAME(tiles)[r](steps, (const char *)weights, columns * (int64_t)sizeof(MK_ELEMENT),
                                  (const char *)(values + column * value_steps * unit + first * width), 0, sums, width,
                                  (const char *)values, 0);
                MK_NAME(finish_tile)(&out, sums, NULL, width, 0, r, column);
            }
            row += r;
        }
    }
}
