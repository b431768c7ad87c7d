// Matrix products over packed panels, once for each precision: table.h defines MK_P (a name), MK_PRECISION and
// MK_DOT(acc, a, b), which adds to each lane of acc the product of one 4-byte unit of a and one of b.
//
// A tile of up to MK_ROWS rows times one panel (MK_VECTORS vectors) stays in registers over the whole of k; its raw sums go
// to the stack, and the epilogue turns rows of them into output. Each output is one accumulator over k in order.
#define MK_TILE(R) \
    static __attribute__((noinline)) void MK_CAT(MK_NAME(tile_), _##R)(int64_t steps, const char *a, int64_t lda, const char *b, \
                                                                      float *out) { \
        vi acc[R][MK_VECTORS]; \
        MK_UNROLL for (int i = 0; i < R; i++) MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) acc[i][v] = (vi){0}; \
        MK_NO_UNROLL for (int64_t s = 0; s < steps; s++) { \
            vi panel[MK_VECTORS]; \
            MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) panel[v] = v_load_bits(b + v * (int)sizeof(vi)); \
            MK_UNROLL for (int i = 0; i < R; i++) { \
                int32_t unit; \
                memcpy(&unit, a + i * lda, 4); \
                vi x = v_set_bits(unit); \
                MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) acc[i][v] = MK_DOT(acc[i][v], x, panel[v]); \
            } \
            a += 4; \
            b += MK_VECTORS * sizeof(vi); \
        } \
        MK_UNROLL for (int i = 0; i < R; i++) MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) \
            v_store_bits(out + (i * MK_VECTORS + v) * MK_LANES, acc[i][v]); \
    }
MK_TILE(1)
MK_TILE(2)
MK_TILE(3)
MK_TILE(4)
MK_TILE(5)
MK_TILE(6)
#if MK_ROWS > 6
MK_TILE(7)
MK_TILE(8)
MK_TILE(9)
MK_TILE(10)
MK_TILE(11)
MK_TILE(12)
MK_TILE(13)
MK_TILE(14)
#endif
typedef void (*MK_NAME(tile_function))(int64_t, const char *, int64_t, const char *, float *);
#define MK_ROW(R) MK_CAT(MK_NAME(tile_), _##R)
static const MK_NAME(tile_function) MK_NAME(tiles)[MK_ROWS + 1] = {
    0,         MK_ROW(1), MK_ROW(2),  MK_ROW(3),  MK_ROW(4),  MK_ROW(5), MK_ROW(6),
#if MK_ROWS > 6
    MK_ROW(7), MK_ROW(8), MK_ROW(9), MK_ROW(10), MK_ROW(11), MK_ROW(12), MK_ROW(13), MK_ROW(14),
#endif
};

// One row of raw sums to activated f32 values, in place.
MK_INLINE void MK_NAME(finish_row)(const mk_gemm *g, const mk_activation activation, float *sums, int64_t row, int64_t column) {
    MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) {
        int64_t n = column + v * MK_LANES;
#if MK_PRECISION == 2
        vf x = __builtin_convertvector(v_load_bits(sums + v * MK_LANES), vf) * v_load(g->b_scale + n);
        vf offset = g->bias ? v_load(g->bias + n) : v_set(0.f);
        offset = v_fma(v_set(-g->a_shift[row]), v_load(g->b_sum + n), offset);
        x = v_fma(x, v_set(g->a_scale[row]), offset);
#else
        vf x = v_load(sums + v * MK_LANES);
        if (g->a_scale) x *= g->a_scale[row];
        if (g->bias) x += v_load(g->bias + n);
#endif
        v_store(sums + v * MK_LANES, v_activate(activation, x));
    }
}

MK_INLINE void MK_NAME(finish)(const mk_gemm *g, const mk_activation activation, float *sums, int64_t row, int64_t rows, int64_t column) {
    const int64_t width = MK_VECTORS * MK_LANES, left = g->n - column;
    MK_NO_UNROLL for (int64_t i = 0; i < rows; i++, row++, sums += width) {
        MK_NAME(finish_row)(g, activation, sums, row, column);
        const float *residual = g->residual ? g->residual + row * g->ldr + column : NULL;
        float *c = (float *)g->c + row * g->ldc + column;
        uint16_t *h = (uint16_t *)g->c + row * g->ldc + column;
        if (left >= width) {
            MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) {
                vf x = v_load(sums + v * MK_LANES);
                if (residual) x += v_load(residual + v * MK_LANES);
                if (g->c_bf16) v_store_bf16(h + v * MK_LANES, x);
                else v_store(c + v * MK_LANES, x);
            }
        } else {
            for (int64_t j = 0; j < left; j++) {
                float x = sums[j] + (residual ? residual[j] : 0.f);
                if (g->c_bf16) h[j] = round_bf16(x);
                else c[j] = x;
            }
        }
    }
}
#define MK_FINISH(kind) \
    case kind: MK_NAME(finish)(g, kind, sums, row, rows, column); return;
static __attribute__((noinline)) void MK_NAME(finish_tile)(const mk_gemm *g, float *sums, int64_t row, int64_t rows, int64_t column) {
    switch (g->activation) {
        MK_FINISH(MK_IDENTITY)
        MK_FINISH(MK_GELU_ERF)
        MK_FINISH(MK_GELU_TANH)
        MK_FINISH(MK_QUICK_GELU)
        MK_FINISH(MK_RELU)
        MK_FINISH(MK_SILU)
        MK_FINISH(MK_TANH)
    }
}
#undef MK_FINISH

// Panels outside, rows inside: a panel is read from L1 by every tile of a block of rows, and the block stays in L2.
static void MK_NAME(gemm_)(const mk_gemm *g) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION, block = MK_ROWS * 16 };
    const int64_t steps = (g->k + unit - 1) / unit;
    float sums[MK_ROWS * width] __attribute__((aligned(64)));
    for (int64_t first = 0; first < g->m; first += block) {
        const int64_t rows = g->m - first < block ? g->m - first : block;
        const int64_t tiles = (rows + MK_ROWS - 1) / MK_ROWS, each = rows / tiles, extra = rows % tiles;
        for (int64_t column = 0; column < g->n; column += width) {
            const char *panel = (const char *)g->b + column * steps * 4;
            int64_t row = first;
            for (int64_t t = 0; t < tiles; t++) {
                const int64_t r = each + (t < extra);
                MK_NAME(tiles)[r](steps, (const char *)g->a + row * g->lda, g->lda, panel, sums);
                MK_NAME(finish_tile)(g, sums, row, r, column);
                row += r;
            }
        }
    }
}

// Rows of w, converted one by one and dealt out in units over the panel.
static void MK_NAME(pack_)(const mk_pack *p) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION, chunk = 512 };
    const int64_t steps = (p->k + unit - 1) / unit;
    memset(p->b, 0, (size_t)((p->n + width - 1) / width * width * steps * 4));
    for (int64_t n = 0; n < p->n; n++) {
        const float *w = p->w + n * p->ldw;
        int32_t *out = (int32_t *)p->b + n / width * width * steps + n % width;
#if MK_PRECISION == 2
        vf largest = {0};
        for (int64_t k = 0; k < p->k; k += MK_LANES) {
            vf x = p->k - k < MK_LANES ? v_load_part(w + k, p->k - k) : v_load(w + k);
            largest = v_max(largest, v_max(x, -x));
        }
        const float absmax = v_reduce_max(largest), scale = absmax / 127.f, inverse = absmax > 0 ? 127.f / absmax : 0.f;
        int32_t sum = 0;
#endif
        for (int64_t first = 0; first < p->k; first += chunk) {
            const int64_t count = p->k - first < chunk ? p->k - first : chunk;
            int32_t units[chunk] __attribute__((aligned(64))) = {0};
            for (int64_t k = 0; k < count; k += MK_LANES) {
                vf x = count - k < MK_LANES ? v_load_part(w + first + k, count - k) : v_load(w + first + k);
#if MK_PRECISION == 2
                vi q = (vi)(x * inverse + 12582912.f) - 0x4b400000;  // round to nearest even by the addition of 1.5 * 2^23
                sum += __builtin_reduce_add(q);
                vb bytes = __builtin_convertvector((vu)q, vb);
                memcpy((char *)units + k, &bytes, sizeof bytes);
#elif MK_PRECISION == 1
                v_store_bf16((uint16_t *)units + k, x);
#else
                v_store((float *)units + k, x);
#endif
            }
            int32_t *to = out + first / unit * width;
            for (int64_t s = 0; s < (count + unit - 1) / unit; s++) to[s * width] = units[s];
        }
#if MK_PRECISION == 2
        p->b_scale[n] = scale;
        p->b_sum[n] = scale * (float)sum;
#endif
    }
}
#undef MK_TILE
#undef MK_ROW
