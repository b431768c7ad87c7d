// Attention of one sequence in bf16 on a matrix unit (MK_BIG_TILE), with all that attention_general.h takes, inside its bf16 part.
//
// A tile of queries sees its keys in chunks, so that the scores stay in L1: each query keeps the largest score so far, the sum of its weights and
// their sum of values, which shrink when a chunk has a larger score (Milakov and Gimelshein 2018, Dao et al. 2022). Chunks begin at multiples of
// TILES_KEYS, and one in which a query sees nothing changes no bit, so that what a query gets depends neither on its tile nor on the batch.
enum { TILES_KEYS = 256, TILES_LD = TILES_KEYS + 16 };  // a row of scores is an odd number of cache lines

// Where a query that has seen no key begins.
static const float TILES_LOWEST = -1e30f;

typedef struct {
    float top[MK_BIG_ROWS], shrink[MK_BIG_ROWS], least[MK_BIG_ROWS];
    vf sums[MK_BIG_ROWS];
} tiles_softmax;

MK_INLINE int64_t tiles_lanes(int64_t n) { return n < 0 ? 0 : n < MK_LANES ? n : MK_LANES; }

MK_INLINE void tiles_largest(const float *scores, int64_t columns, float *largest, const int count) {
    vf max[4];
    MK_UNROLL for (int r = 0; r < count; r++) max[r] = v_load(scores + r * TILES_LD);
    MK_NO_UNROLL for (int64_t i = MK_LANES; i < columns; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++)
        max[r] = v_max(max[r], v_load(scores + r * TILES_LD + i));
    MK_UNROLL for (int r = 0; r < count; r++) largest[r] = v_reduce_max(max[r]);
}

// Scores become weights in bf16, in place: a row's weights begin where its scores did.
MK_INLINE void tiles_weights(tiles_softmax *s, float *scores, int64_t row, int64_t columns, float factor, const int count) {
    vf sum[4], least[4];
    MK_UNROLL for (int r = 0; r < count; r++) {
        sum[r] = s->sums[row + r] * v_set(s->shrink[row + r]);
        least[r] = v_set(s->least[row + r]);
    }
    scores += row * TILES_LD;
    MK_NO_UNROLL for (int64_t i = 0; i < columns; i += MK_LANES) MK_UNROLL for (int r = 0; r < count; r++) {
        const vf w = v_exp2(v_fma(v_load(scores + r * TILES_LD + i), v_set(factor), least[r]));
        sum[r] += w;
        v_store_bf16((uint16_t *)(scores + r * TILES_LD) + i, w);
    }
    MK_UNROLL for (int r = 0; r < count; r++) s->sums[row + r] = sum[r];
}

// A chunk's scores to weights. Returns whether a query's earlier sums shrink.
static bool tiles_softmax_chunk(tiles_softmax *s, float *scores, int64_t rows, int64_t columns, float factor, bool first) {
    float largest[MK_BIG_ROWS];
    int64_t row = 0;
    vi shrinks = {0};
    for (; row + 4 <= rows; row += 4) tiles_largest(scores + row * TILES_LD, columns, largest + row, 4);
    for (; row < rows; row++) tiles_largest(scores + row * TILES_LD, columns, largest + row, 1);
    for (row = 0; first && row < rows; row++) {
        s->top[row] = largest[row] > TILES_LOWEST ? largest[row] : TILES_LOWEST;
        s->least[row] = -s->top[row] * factor;
        s->sums[row] = (vf){0};
        s->shrink[row] = 1;
    }
    for (row = 0; !first && row < MK_BIG_ROWS; row += MK_LANES) {
        const vf old = v_load(s->top + row), top = v_max(v_load(largest + row), old);
        const vi same = old == top;
        shrinks |= ~same & v_first(tiles_lanes(rows - row));
        v_store(s->shrink + row, v_select(same, v_set(1.f), v_exp2((old - top) * factor)));
        v_store(s->least + row, -top * factor);
        v_store(s->top + row, top);
    }
    for (row = 0; row + 4 <= rows; row += 4) tiles_weights(s, scores, row, columns, factor, 4);
    for (; row < rows; row++) tiles_weights(s, scores, row, columns, factor, 1);
    return __builtin_reduce_or(shrinks) != 0;
}

// What a query sees of a chunk: the keys from lo to hi. `bias` belongs to the chunk's first key, or is NULL.
MK_INLINE void tiles_seen(float *scores, int64_t lo, int64_t hi, int64_t columns, float scale, const float *bias) {
    for (int64_t i = lo; bias && i < hi; i++) scores[i] = scores[i] * scale + bias[i];
    for (int64_t i = 0; i < columns; i += MK_LANES)
        if (i < lo || i + MK_LANES > hi) {
            const vi mask = v_first(tiles_lanes(hi - i)) & ~v_first(tiles_lanes(lo - i));
            v_store(scores + i, v_select(mask, v_load(scores + i), v_set(-INFINITY)));
        }
}

// The same for all queries of a tile, which see the first `seen` keys.
MK_INLINE void tiles_tail(float *scores, int64_t rows, int64_t seen, int64_t columns) {
    for (int64_t i = seen / MK_LANES * MK_LANES; i < columns; i += MK_LANES) {
        const vi mask = v_first(tiles_lanes(seen - i));
        for (int64_t r = 0; r < rows; r++)
            v_store(scores + r * TILES_LD + i, v_select(mask, v_load(scores + r * TILES_LD + i), v_set(-INFINITY)));
    }
}

static void attention_tiles_general(const mk_attention *p) {
    enum { width = MK_VECTORS * MK_LANES };
    const int64_t tokens = p->tokens, queries = tokens - p->skipped, head = p->head_size;
    if (queries <= 0) return;
    const int64_t padded = (tokens + width - 1) / width * width, key_steps = (head + 1) / 2, value_steps = padded / 2;
    const int64_t panels = (head + width - 1) / width;
    int32_t *keys = p->scratch;
    uint16_t *values = (uint16_t *)(keys + padded * key_steps);
    float *scores = (float *)(values + panels * width * padded), *sums = scores + MK_BIG_ROWS * TILES_LD;
    uint16_t *whole_units = (uint16_t *)(sums + panels * MK_BIG_ROWS * width);  // query rows of an odd head size, zero-padded
    const int64_t tiles = (queries + MK_BIG_ROWS - 1) / MK_BIG_ROWS, each = queries / tiles, extra = queries % tiles;
    const int64_t group = p->key_heads ? p->heads / p->key_heads : 1;
    const int64_t before = p->masked && p->before < tokens ? p->before : tokens, after = p->masked && p->after < tokens ? p->after : tokens;
    const float factor = (p->bias ? 1 : p->scale) * 1.44269504f;
    mk_attention packed = *p;
    if (p->ld_keys) packed.ld = p->ld_keys;
    float inverse[MK_BIG_ROWS];
    tiles_softmax softmax;
    mk_gemm out = {.n = head, .a_scale = inverse, .ldc = p->ldo, .c_bf16 = 1};
    for (int64_t h = 0; h < p->heads; h++) {
        if (h % group == 0) {
            pack_keys_bf16(&packed, (const uint16_t *)p->k + h / group * head, keys, key_steps);
            pack_values_bf16(&packed, (const uint16_t *)p->v + h / group * head, values, value_steps);
        }
        int64_t row = 0;
        for (int64_t t = 0; t < tiles; t++) {
            const int64_t r = each + (t < extra), position = p->skipped + row;
            const uint16_t *q = (const uint16_t *)p->q + row * p->ld + h * head;
            int64_t ldq = p->ld;
            if (head % 2) {
                ldq = key_steps * 2;
                memset(whole_units, 0, (size_t)(r * ldq) * sizeof *whole_units);
                for (int64_t i = 0; i < r; i++) memcpy(whole_units + i * ldq, q + i * p->ld, (size_t)head * sizeof *q);
                q = whole_units;
            }
            const int64_t begin = position > before ? (position - before) / width * width : 0;
            const int64_t end = position + r + after < tokens ? position + r + after : tokens;
            for (int64_t first = begin, next; first < end; first = next) {
                next = (first / TILES_KEYS + 1) * TILES_KEYS;
                const int64_t last = next < end ? next : end, columns = (last - first + width - 1) / width * width;
                for (int64_t column = 0; column < columns; column += width)
                    MK_BIG_TILE(r, key_steps, (const char *)q, ldq * 2, (const char *)(keys + (first + column) * key_steps), scores + column,
                                TILES_LD, NULL, 0, false);
                if (!p->masked && !p->bias) tiles_tail(scores, r, last - first, columns);
                for (int64_t i = 0; (p->masked || p->bias) && i < r; i++) {
                    const int64_t query = position + i, from = query - before - first, to = query + after + 1 - first, seen = last - first;
                    const int64_t lo = from < 0 ? 0 : from < seen ? from : seen, hi = to < lo ? lo : to < seen ? to : seen;
                    const float *bias = p->bias ? p->bias + h * p->bias_stride + query * p->bias_step + (first - query) : NULL;
                    if (lo > 0 || hi < columns || bias) tiles_seen(scores + i * TILES_LD, lo, hi, columns, p->scale, bias);
                }
                const bool shrinks = tiles_softmax_chunk(&softmax, scores, r, columns, factor, first == begin);
                for (int64_t panel = 0; panel < panels; panel++) {
                    float *sum = sums + panel * MK_BIG_ROWS * width;
                    for (int64_t i = 0; shrinks && i < r; i++)
                        if (softmax.shrink[i] != 1)
                            for (int64_t j = 0; j < width; j += MK_LANES)
                                v_store(sum + i * width + j, v_load(sum + i * width + j) * softmax.shrink[i]);
                    MK_BIG_TILE(r, columns / 2, (const char *)scores, TILES_LD * 4,
                                (const char *)(values + panel * width * padded + first * width), sum, width, NULL, 0, first > begin);
                }
            }
            for (int64_t i = 0; i < r; i++) inverse[i] = 1.f / v_sum(softmax.sums[i]);
            out.c = (uint16_t *)p->out + row * p->ldo + h * head;
            for (int64_t panel = 0; panel < panels; panel++)
                MK_NAME(finish_tile)(&out, sums + panel * MK_BIG_ROWS * width, NULL, width, 0, r, panel * width);
            row += r;
        }
    }
    MK_BIG_END();
}

static void attention_tiles(const mk_attention *p) {
    const mk_attention plain = {.tokens = p->tokens, .heads = p->heads, .head_size = p->head_size, .q = p->q, .k = p->k, .v = p->v, .ld = p->ld,
                                .out = p->out, .ldo = p->ldo, .scale = p->scale, .scratch = p->scratch};
    attention_tiles_general(&plain);
}
