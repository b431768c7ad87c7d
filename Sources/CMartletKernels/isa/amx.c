// AMX over AVX-512 with VNNI and BF16: 32 rows times a panel of 32 columns are four tiles of sums, and a panel of AVX-512 is what the tiles of
// weights read: 16 units of k of 16 columns, 128 bytes apart.
#include "../tables.h"
#if defined(__x86_64__)
#include "amx_tiles.h"
#include <immintrin.h>
#include <stdbool.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,fma,bmi2,amx-tile,amx-int8," \
                                                   "amx-bf16"))), apply_to = function)

// Rows of the tiles that are configured on this thread for 16 units of k; 0: none are.
static _Thread_local int64_t configured_rows;

// 0 to 3: sums of the first 16 and the other rows by the left and the right columns; 4, 5: inputs of these rows; 6, 7: weights of these
// columns. A tile without rows has no size.
static void configure(int64_t rows, int64_t units) {
    const int64_t low = rows < 16 ? rows : 16, high = rows - low;
    tile_config g = {.palette = 1};
    for (int t = 0; t < 8; t++) {
        const int64_t r = t < 2 || t == 4 ? low : t < 6 ? high : units;
        g.rows[t] = (uint8_t)r;
        g.bytes[t] = (uint16_t)(r == 0 ? 0 : t == 4 || t == 5 ? units * 4 : 64);
    }
    tile_set(&g);
    configured_rows = units == 16 ? rows : 0;
}
static inline __attribute__((always_inline)) void load_sums(const float *out, int64_t ldo, int64_t rows) {
    tile_load(0, out, ldo * 4);
    tile_load(1, out + 16, ldo * 4);
    if (rows <= 16) return;
    tile_load(2, out + 16 * ldo, ldo * 4);
    tile_load(3, out + 16 * ldo + 16, ldo * 4);
}
static inline __attribute__((always_inline)) void store_sums(float *out, int64_t ldo, int64_t rows) {
    tile_store(0, out, ldo * 4);
    tile_store(1, out + 16, ldo * 4);
    if (rows <= 16) return;
    tile_store(2, out + 16 * ldo, ldo * 4);
    tile_store(3, out + 16 * ldo + 16, ldo * 4);
}
#define AMX_STEP(dot, a, lda, b, rows) \
    do { \
        tile_load(6, b, 128); \
        tile_load(7, (b) + 64, 128); \
        tile_load(4, a, lda); \
        dot(0, 4, 6); \
        dot(1, 4, 7); \
        if (rows > 16) { \
            tile_load(5, (a) + 16 * (lda), lda); \
            dot(2, 5, 6); \
            dot(3, 5, 7); \
        } \
    } while (0)
static inline __attribute__((always_inline)) void start_sums(const float *out, int64_t ldo, int64_t rows, bool add) {
    if (add) {
        load_sums(out, ldo, rows);
        return;
    }
    tile_zero(0);
    tile_zero(1);
    if (rows <= 16) return;
    tile_zero(2);
    tile_zero(3);
}
// Asks for the lines of what comes next up to byte `end`, into L2: each step asks for some, as many at once would hold up the tiles' own loads.
static inline __attribute__((always_inline)) int64_t fetch(const char *next, int64_t fetched, int64_t end) {
    for (; fetched < end; fetched += 64) __builtin_prefetch(next + fetched, 0, 2);
    return fetched;
}
// `rows` rows, at most 32, times a panel, with `add` to what is there; what is left of k after the last 16 units has tiles of its own size, and
// the sums go through memory. Of what lies at `next`, `pace` bytes are fetched with each unit of k.
#define AMX_TILE(name, dot) \
    static __attribute__((noinline)) void name(int64_t rows, int64_t steps, const char *a, int64_t lda, const char *b, float *out, int64_t ldo, \
                                                const char *next, int64_t pace, bool add) { \
        int64_t fetched = 0; \
        const int64_t whole = steps / 16 * 16; \
        if (whole) { \
            if (configured_rows != rows) configure(rows, 16); \
            start_sums(out, ldo, rows, add); \
            for (int64_t s = 0; s < whole; s += 16) { \
                fetched = fetch(next, fetched, (s + 16) * pace); \
                AMX_STEP(dot, a + s * 4, lda, b + s * 128, rows); \
            } \
            store_sums(out, ldo, rows); \
        } \
        if (whole == steps) return; \
        fetch(next, fetched, steps * pace); \
        configure(rows, steps - whole); \
        start_sums(out, ldo, rows, add || whole); \
        AMX_STEP(dot, a + whole * 4, lda, b + whole * 128, rows); \
        store_sums(out, ldo, rows); \
        configured_rows = 0; \
    }
AMX_TILE(amx_int8, tile_dot_int8)
AMX_TILE(amx_bf16, tile_dot_bf16)
// After a product: threads that hold tiles are dearer to switch.
static void amx_end(void) {
    if (configured_rows) tile_release();
    configured_rows = 0;
}

#define MK_ISA amx
#define MK_NEEDS (MK_AVX512_BITS | MK_BIT(MK_AVX512_VNNI) | MK_BIT(MK_AVX512_BF16) | MK_BIT(MK_AMX_INT8) | MK_BIT(MK_AMX_BF16))
#include "avx512.h"
#include "avx512bf16.h"
// Sums of bytes are exact, so few rows may take the vectors' tiles; those of bf16 must be the same for any number of rows.
#define MK_BIG_TILE_INT8 amx_int8
#define MK_BIG_TILE_BF16 amx_bf16
#define MK_BIG_ROWS 32
#define MK_BIG_END amx_end
#define MK_BLOCK_ROWS 256
#include "../template/table.h"
#pragma clang attribute pop
#endif
