// Matrix products over packed panels, once for each precision: table.h defines MK_P (a name), MK_PRECISION and what tile.h needs. The epilogue
// turns rows of a tile's raw sums into output.
#include "tile.h"

// The tiles of a product: those of vectors or, with MK_BIG_TILE, those of a matrix unit, of up to MK_BIG_ROWS rows by one panel. Few rows keep
// the vectors' tiles where MK_BIG_FROM says so.
#ifdef MK_BIG_TILE
enum { MK_NAME(product_rows) = MK_BIG_ROWS, MK_NAME(few_rows) = MK_NAME(wide_rows) < MK_BIG_FROM ? MK_NAME(wide_rows) : MK_BIG_FROM - 1 };
#define MK_MULTIPLY(steps, a, lda, b, panel_bytes, out, ldo, next, pace) \
    (tile ? tile(steps, a, lda, b, panel_bytes, out, ldo, next, pace) : MK_BIG_TILE(rows, steps, a, lda, b, out, ldo, next, pace, false))
#define MK_PRODUCT_TILE(rows) NULL
#define MK_PRODUCT_END() MK_BIG_END()
#else
enum { MK_NAME(product_rows) = MK_ROWS, MK_NAME(few_rows) = MK_NAME(wide_rows) };
#define MK_MULTIPLY tile
#define MK_PRODUCT_TILE(rows) MK_NAME(tiles)[rows]
#define MK_PRODUCT_END() (void)0
#endif

// Rows of raw sums [rows, ld] of one whole panel to activated values at c [rows, ldc]. int8: they are the sums of the last group of k, and
// `before` holds the scaled sums of the groups before it, if there are any.
MK_INLINE void MK_NAME(finish_rows)(const mk_gemm *g, const mk_activation activation, const int kind, const float *sums, const float *before,
                                    int64_t ld, int64_t row, int64_t rows, int64_t column, const float *residual, int64_t ldr, void *c, int64_t ldc) {
    const float *a_scale = g->a_scale ? g->a_scale + row : NULL;
    vf bias[MK_VECTORS];
    MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) bias[v] = g->bias ? v_load(g->bias + column + v * MK_LANES) : v_set(-0.f);
#if MK_PRECISION == 2
    const float *a_shift = g->a_shift + row;
    vf b_scale[MK_VECTORS], minus_sum[MK_VECTORS];
    MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) {
        b_scale[v] = v_load(g->b_scale + (g->k - 1) / MK_INT8_GROUP * g->b_scale_stride + column + v * MK_LANES);
        minus_sum[v] = -v_load(g->b_sum + column + v * MK_LANES);
    }
#endif
    MK_NO_UNROLL for (int64_t i = 0; i < rows; i++, sums += ld) {
        vf x[MK_VECTORS];
        MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) {
#if MK_PRECISION == 2
            x[v] = __builtin_convertvector(v_load_bits(sums + v * MK_LANES), vf) * b_scale[v];
            if (kind & c_before) x[v] += v_load(before + i * ld + v * MK_LANES);
            x[v] = v_fma(x[v], v_set(a_scale[i]), v_fma(v_set(MK_SHIFT_INT8(a_shift[i], a_scale[i])), minus_sum[v], bias[v]));
#else
            (void)before;
            x[v] = v_load(sums + v * MK_LANES);
            if (a_scale) x[v] *= v_set(a_scale[i]);
            x[v] += bias[v];
#endif
            x[v] = v_activate(activation, MK_PRECISION, x[v]);
            if (kind & c_residual) x[v] += v_load(residual + v * MK_LANES);
        }
        if (kind & c_bf16) {
            _Static_assert(MK_VECTORS % 2 == 0, "bf16 is written two vectors at a time");
            MK_UNROLL for (int v = 0; v < MK_VECTORS; v += 2) v_store_bf16x2((uint16_t *)c + v * MK_LANES, x[v], x[v + 1]);
        } else {
            MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) v_store((float *)c + v * MK_LANES, x[v]);
        }
        c = (char *)c + ldc * (kind & c_bf16 ? 2 : 4);
        if (kind & c_residual) residual += ldr;
    }
}
#define MK_FINISH_ROWS(activation, kind) \
    case kind: \
        MK_NAME(finish_rows)(g, activation, kind, sums, before, ld, row, rows, column, residual, ldr, c, ldc); \
        break;
#if MK_PRECISION == 2
#define MK_FINISH_GROUPS(activation) \
    MK_FINISH_ROWS(activation, 4) MK_FINISH_ROWS(activation, 5) MK_FINISH_ROWS(activation, 6) MK_FINISH_ROWS(activation, 7)
#else
#define MK_FINISH_GROUPS(activation)
#endif
#define MK_FINISH(activation) \
    case activation: \
        switch (kind) { \
            MK_FINISH_ROWS(activation, 0) MK_FINISH_ROWS(activation, 1) MK_FINISH_ROWS(activation, 2) MK_FINISH_ROWS(activation, 3) \
            MK_FINISH_GROUPS(activation) \
        } \
        break;
static __attribute__((noinline)) void MK_NAME(finish_whole)(const mk_gemm *g, const float *sums, const float *before, int64_t ld, int64_t row,
                                                            int64_t rows, int64_t column, const float *residual, int64_t ldr, void *c,
                                                            int64_t ldc) {
    const int kind = (before ? c_before : 0) | (g->c_bf16 ? c_bf16 : 0) | (residual ? c_residual : 0);
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
#undef MK_FINISH_GROUPS
#undef MK_FINISH_ROWS

// The last panel may reach beyond C: its rows are finished in a room of their own.
static __attribute__((noinline)) void MK_NAME(finish_part)(const mk_gemm *g, const float *sums, const float *before, int64_t ld, int64_t row,
                                                           int64_t rows, int64_t column) {
    enum { width = MK_VECTORS * MK_LANES };
    const size_t left = (size_t)(g->n - column), size = g->c_bf16 ? 2 : 4;
    float residual[MK_NAME(product_rows) * width] = {0}, c[MK_NAME(product_rows) * width];
    for (int64_t i = 0; g->residual && i < rows; i++) memcpy(residual + i * width, g->residual + (row + i) * g->ldr + column, left * 4);
    MK_NAME(finish_whole)(g, sums, before, ld, row, rows, column, g->residual ? residual : NULL, width, c, width);
    for (int64_t i = 0; i < rows; i++)
        memcpy((char *)g->c + (size_t)((row + i) * g->ldc + column) * size, (char *)c + (size_t)(i * width) * size, left * size);
}

MK_INLINE void MK_NAME(finish_tile)(const mk_gemm *g, const float *sums, const float *before, int64_t ld, int64_t row, int64_t rows,
                                    int64_t column) {
    if (g->n - column < MK_VECTORS * MK_LANES) {
        MK_NAME(finish_part)(g, sums, before, ld, row, rows, column);
        return;
    }
    MK_NAME(finish_whole)(g, sums, before, ld, row, rows, column, g->residual ? g->residual + row * g->ldr + column : NULL, g->ldr,
                          (char *)g->c + (row * g->ldc + column) * (g->c_bf16 ? 2 : 4), g->ldc);
}

// What will be added to a tile and, where a matrix unit is faster than memory, the rows that it will be written to come from afar: they are asked
// for before its sums are worked out.
MK_INLINE void MK_NAME(fetch_output)(const mk_gemm *g, int64_t row, int64_t rows, int64_t column, int64_t width) {
    if (g->residual)
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < width; j += 64 / (int64_t)sizeof(float)) __builtin_prefetch(g->residual + (row + i) * g->ldr + column + j, 0, 3);
#ifdef MK_BIG_TILE
    const int64_t size = g->c_bf16 ? 2 : 4;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < width * size; j += 64) __builtin_prefetch((char *)g->c + ((row + i) * g->ldc + column) * size + j, 1, 3);
#endif
}

enum { MK_NAME(most_panels) = 4, MK_NAME(tile_floats) = (MK_NAME(product_rows) > 2 * 4 ? MK_NAME(product_rows) : 2 * 4) * MK_VECTORS * MK_LANES };

#if MK_PRECISION == 2
// What the low bytes of some of a tile's rows add to its scaled sums: nothing to those of the other rows. False if no row has any.
static __attribute__((noinline)) bool MK_NAME(scale_low)(const mk_gemm *g, MK_NAME(tile_function) tile, int64_t row, int64_t rows, int64_t column,
                                                         const char *b, int64_t panel_bytes, int64_t ld, float *scaled) {
    enum { width = MK_VECTORS * MK_LANES, group_steps = MK_INT8_GROUP / 4 };
    bool any = false;
    for (int64_t i = 0; i < rows; i++) any |= g->a_low_factor[row + i] != 0;
    if (!any) return false;
    float sums[MK_NAME(tile_floats)] __attribute__((aligned(64)));
    const char *a = (const char *)g->a_low + row * g->lda_low;
    const float *scale = g->b_scale + column;
    memset(scaled, 0, (size_t)(rows * ld) * sizeof *scaled);
    for (int64_t left = (g->k + 3) / 4; left > 0; left -= group_steps) {
        MK_MULTIPLY(left < group_steps ? left : group_steps, a, g->lda_low, b, panel_bytes, sums, ld, b, 0);
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; g->a_low_factor[row + i] != 0 && j < ld; j += MK_LANES) {
                const vf x = __builtin_convertvector(v_load_bits(sums + i * ld + j), vf) * g->a_low_factor[row + i];
                v_store(scaled + i * ld + j, v_fma(x, v_load(scale + j), v_load(scaled + i * ld + j)));
            }
        a += group_steps * 4;
        b += group_steps * 4 * width;
        scale += g->b_scale_stride;
    }
    return true;
}
#endif

// One tile: the rows from `row` on times `panels` panels from `column` on, through to C.
MK_INLINE void MK_NAME(run_tile)(const mk_gemm *g, MK_NAME(tile_function) tile, int64_t panels, int64_t row, int64_t rows, int64_t column,
                                 const char *next, int64_t pace) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION };
    const int64_t steps = (g->k + unit - 1) / unit, panel_bytes = width * steps * 4, ld = panels * width;
    const char *a = (const char *)g->a + row * g->lda, *b = (const char *)g->b + column / width * panel_bytes;
    float sums[MK_NAME(tile_floats)] __attribute__((aligned(64)));
    const float *before = NULL;
    MK_NAME(fetch_output)(g, row, rows, column, ld);
#if MK_PRECISION == 2
    enum { group_steps = MK_INT8_GROUP / unit };
    float scaled[MK_NAME(tile_floats)] __attribute__((aligned(64)));
    int64_t left = steps;
    const float *scale = g->b_scale + column;
    if (g->a_low && MK_NAME(scale_low)(g, tile, row, rows, column, b, panel_bytes, ld, scaled)) before = scaled;
    for (; left > group_steps; left -= group_steps, scale += g->b_scale_stride) {
        MK_MULTIPLY(group_steps, a, g->lda, b, panel_bytes, sums, ld, next, pace);
        next += pace * group_steps;
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < ld; j += MK_LANES) {
                vf x = __builtin_convertvector(v_load_bits(sums + i * ld + j), vf) * v_load(scale + j);
                if (before) x += v_load(scaled + i * ld + j);
                v_store(scaled + i * ld + j, x);
            }
        before = scaled;
        a += group_steps * 4;
        b += group_steps * 4 * width;
    }
    MK_MULTIPLY(left, a, g->lda, b, panel_bytes, sums, ld, next, pace);
#else
    MK_MULTIPLY(steps, a, g->lda, b, panel_bytes, sums, ld, next, pace);
#endif
    for (int64_t p = 0; p < panels; p++)
        MK_NAME(finish_tile)(g, sums + p * width, before ? before + p * width : NULL, ld, row, rows, column + p * width);
}

#if MK_PRECISION == 2
#include "gemm_groups.h"
#endif

// Panels outside, rows inside: a panel is read from L1 by every tile of a block of rows, and the block stays in L2. Each of several tiles
// fetches its share of the panel that comes next; a single one what lies a quarter of the L1 cache ahead. What is done to whole rows comes
// after the block's last panel, not after each tile of it: there it would push that panel out of L1.
static void MK_NAME(gemm_)(const mk_gemm *g) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION, ahead = 12 * 1024 };
    const int64_t panel_bytes = (g->k + unit - 1) / unit * width * 4, near = panel_bytes < ahead ? panel_bytes : ahead;
    const char *b = g->b;
    int64_t done = 0;  // columns
#if MK_PRECISION == 2 && defined(MK_BIG_TILE)
    if (g->k > MK_INT8_GROUP && g->m > MK_NAME(few_rows) && !g->a_low) {
        group_products(g, 0);
        return;
    }
#endif
    if (g->m <= MK_NAME(few_rows)) {
        const int64_t panels = MK_NAME(wide_tiles)[g->m].panels;
        for (; done + (panels - 1) * width < g->n && g->m > 0; done += panels * width)
            MK_NAME(run_tile)(g, MK_NAME(wide_tiles)[g->m].tile, panels, 0, g->m, done, b + done / width * panel_bytes + near / panels, width * 4);
    }
    const int64_t blocks = (g->m + MK_BLOCK_ROWS - 1) / MK_BLOCK_ROWS;
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t first = g->m * block / blocks, rows = g->m * (block + 1) / blocks - first;
        const int64_t tiles = (rows + MK_NAME(product_rows) - 1) / MK_NAME(product_rows), each = rows / tiles, extra = rows % tiles;
        for (int64_t column = done; column < g->n; column += width) {
            int64_t row = first;
            const char *panel = b + column / width * panel_bytes, *next = column + width < g->n ? panel + panel_bytes : b;
            for (int64_t t = 0; t < tiles; t++) {
                const int64_t r = each + (t < extra);
                MK_NAME(run_tile)(g, MK_PRODUCT_TILE(r), 1, row, r, column, tiles == 1 ? panel + near : next + t * (panel_bytes / tiles),
                                  width * 4 / tiles);
                row += r;
            }
        }
        finish_block(g, first, rows);
    }
    MK_PRODUCT_END();
}
#undef MK_MULTIPLY
#undef MK_PRODUCT_TILE
#undef MK_PRODUCT_END

// A vector of a row of w, each element multiplied by its column's scale.
MK_INLINE vf MK_NAME(weights_)(const mk_pack *p, const float *w, const int64_t k, const int scaled) {
    return scaled ? v_load(w + k) * v_load(p->w_scale + k) : v_load(w + k);
}
// The last `count` < MK_LANES elements, zero above.
MK_INLINE vf MK_NAME(last_weights_)(const mk_pack *p, const float *w, const int64_t k, const int64_t count, const int scaled) {
    return scaled ? v_load_part(w + k, count) * v_load_part(p->w_scale + k, count) : v_load_part(w + k, count);
}

// A vector of a chunk as units; int8 adds it to `total`.
MK_INLINE void MK_NAME(store_units_)(char *units, const int64_t k, const vf x, const float inverse, vi *total) {
#if MK_PRECISION == 2
    // Round to nearest even by the addition of 1.5 * 2^23.
    const vi q = (vi)v_fma(x, v_set(inverse), v_set(12582912.f)) - 0x4b400000;
    *total += q;
    const vb bytes = __builtin_convertvector((vu)q, vb);
    memcpy(units + k, &bytes, sizeof bytes);
#else
    (void)inverse, (void)total;
#if MK_PRECISION == 1
    v_store_bf16((uint16_t *)units + k, x);
#else
    v_store((float *)units + k, x);
#endif
#endif
}

// A chunk of a row of w as units; int8 returns its scale and adds scale * sum to `sum`.
MK_INLINE float MK_NAME(convert_)(const mk_pack *p, const float *w, const int64_t first, const int64_t count, char *units, float *sum,
                                  const int scaled) {
    const int64_t whole = count / MK_LANES * MK_LANES;
    const vf last = MK_NAME(last_weights_)(p, w, first + whole, count - whole, scaled);
    float scale = 1, inverse = 1;
    vi total = {0};
    if (MK_PRECISION == 2) {
        vf largest = v_max(last, -last);
        MK_NO_UNROLL for (int64_t k = 0; k < whole; k += MK_LANES) {
            const vf x = MK_NAME(weights_)(p, w, first + k, scaled);
            largest = v_max(largest, v_max(x, -x));
        }
        const float absmax = v_reduce_max(largest) + 0.f;  // not -0
        scale = absmax / 127.f;
        inverse = absmax > 1e-35f ? 127.f / absmax : 0.f;
    }
    for (int64_t k = 0; k < whole; k += MK_LANES) MK_NAME(store_units_)(units, k, MK_NAME(weights_)(p, w, first + k, scaled), inverse, &total);
    MK_NAME(store_units_)(units, whole, last, inverse, &total);
    if (MK_PRECISION == 2) *sum += scale * (float)__builtin_reduce_add(total);
    return scale;
}

// MK_LANES rows of w at a time, a chunk of each converted, then turned so that a panel gets whole vectors. Rows beyond the last are 0.
static void MK_NAME(pack_)(const mk_pack *p) {
    enum { width = MK_VECTORS * MK_LANES, unit = 1 << MK_PRECISION, chunk = MK_INT8_GROUP, room = chunk * 4 / unit + MK_LANES * 4 };
    const int64_t steps = (p->k + unit - 1) / unit, rows = (p->n + width - 1) / width * width;
    // Room for a vector beyond a row's last element; what fills up its last unit is 0.
    char units[MK_LANES][room] __attribute__((aligned(64)));
    for (int64_t n = 0; n < rows; n += MK_LANES) {
        int32_t *out = (int32_t *)p->b + n / width * width * steps + n % width;
        const int64_t real = p->n - n < MK_LANES ? p->n - n : MK_LANES;
        float sums[MK_LANES] = {0};
        for (int64_t r = real > 0 ? real : 0; r < MK_LANES; r++) memset(units[r], 0, room);
        for (int64_t first = 0; first < p->k; first += chunk) {
            const int64_t count = p->k - first < chunk ? p->k - first : chunk, whole = (count + unit - 1) / unit;
            for (int64_t r = 0; r < real; r++) {
                const float *w = p->w + (n + r) * p->ldw;
                const float scale = p->w_scale ? MK_NAME(convert_)(p, w, first, count, units[r], &sums[r], 1)
                                               : MK_NAME(convert_)(p, w, first, count, units[r], &sums[r], 0);
                if (MK_PRECISION == 2) p->b_scale[first / chunk * p->b_scale_stride + n + r] = scale;
            }
            int32_t *to = out + first / unit * width;
            for (int64_t s = 0; s < whole; s += MK_LANES) {
                vi x[MK_LANES];
                MK_UNROLL for (int r = 0; r < MK_LANES; r++) x[r] = v_load_bits(units[r] + s * 4);
                v_transpose(x);
                const int64_t last = whole - s < MK_LANES ? whole - s : MK_LANES;
                if (last == MK_LANES) {
                    MK_UNROLL for (int i = 0; i < MK_LANES; i++) v_store_bits(to + (s + i) * width, x[i]);
                } else {
                    for (int64_t i = 0; i < last; i++) v_store_bits(to + (s + i) * width, x[i]);
                }
            }
        }
        if (MK_PRECISION == 2)
            for (int64_t r = 0; r < real; r++) p->b_sum[n + r] = sums[r];
    }
}
