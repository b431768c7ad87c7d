// The AMX instructions that products need: the CPU's own or, with MK_AMX_IN_C, the same in plain C with the checks that the CPU makes (what is a
// fault there ends the process here), so that the kernels that use them can be tested where no CPU has them. Sources: Intel's Architecture
// Instruction Set Extensions Programming Reference, chapter on AMX.
#ifndef MARTLET_AMX_TILES_H
#define MARTLET_AMX_TILES_H
#include <stdint.h>

typedef struct __attribute__((packed)) {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];  // of a row of each tile
    uint8_t rows[16];
} tile_config;

#ifdef MK_AMX_IN_C
#include <stdlib.h>
#include <string.h>

static _Thread_local struct {
    tile_config config;
    uint8_t row[8][16][64];
} tiles_in_c;

static inline void tile_set(const tile_config *c) {
    if (c->palette != 1 || c->start_row) abort();
    for (int i = 0; i < 16; i++)
        if (i < 8 ? c->bytes[i] > 64 || c->rows[i] > 16 || !c->bytes[i] != !c->rows[i] : c->bytes[i] || c->rows[i]) abort();
    memset(&tiles_in_c, 0, sizeof tiles_in_c);
    tiles_in_c.config = *c;
}
static inline void tile_release(void) { memset(&tiles_in_c, 0, sizeof tiles_in_c); }
static inline void tile_need(int t) {
    if (tiles_in_c.config.palette != 1 || !tiles_in_c.config.rows[t]) abort();
}
static inline void tile_zero(int t) {
    tile_need(t);
    memset(tiles_in_c.row[t], 0, sizeof tiles_in_c.row[t]);
}
static inline void tile_load(int t, const void *from, int64_t stride) {
    tile_zero(t);
    for (int r = 0; r < tiles_in_c.config.rows[t]; r++) memcpy(tiles_in_c.row[t][r], (const char *)from + r * stride, tiles_in_c.config.bytes[t]);
}
static inline void tile_store(int t, void *to, int64_t stride) {
    tile_need(t);
    for (int r = 0; r < tiles_in_c.config.rows[t]; r++) memcpy((char *)to + r * stride, tiles_in_c.row[t][r], tiles_in_c.config.bytes[t]);
}
// Tile c plus the products of the rows of tile a and the columns of tile b, 4 bytes of k at a time.
static inline void tile_dot(int c, int a, int b, int bf16) {
    tile_need(c), tile_need(a), tile_need(b);
    const tile_config *g = &tiles_in_c.config;
    if (g->rows[a] != g->rows[c] || g->bytes[a] != g->rows[b] * 4 || g->bytes[b] != g->bytes[c] || g->bytes[a] % 4 || g->bytes[c] % 4) abort();
    if (c == a || c == b || a == b) abort();
    for (int i = 0; i < g->rows[c]; i++)
        for (int k = 0; k < g->rows[b]; k++)
            for (int j = 0; j < g->bytes[c] / 4; j++) {
                const uint8_t *x = tiles_in_c.row[a][i] + 4 * k, *y = tiles_in_c.row[b][k] + 4 * j;
                if (bf16) {
                    float s;
                    memcpy(&s, tiles_in_c.row[c][i] + 4 * j, 4);
                    for (int q = 0; q < 2; q++) {
                        const uint32_t u = (uint32_t)(x[2 * q] | x[2 * q + 1] << 8) << 16, v = (uint32_t)(y[2 * q] | y[2 * q + 1] << 8) << 16;
                        float f, h;
                        memcpy(&f, &u, 4);
                        memcpy(&h, &v, 4);
                        s = __builtin_fmaf(f, h, s);
                    }
                    memcpy(tiles_in_c.row[c][i] + 4 * j, &s, 4);
                } else {
                    int32_t s;
                    memcpy(&s, tiles_in_c.row[c][i] + 4 * j, 4);
                    for (int q = 0; q < 4; q++) s += x[q] * (int8_t)y[q];
                    memcpy(tiles_in_c.row[c][i] + 4 * j, &s, 4);
                }
            }
}
#define tile_dot_int8(c, a, b) tile_dot(c, a, b, 0)
#define tile_dot_bf16(c, a, b) tile_dot(c, a, b, 1)
#else
#include <immintrin.h>
#define tile_set(c) _tile_loadconfig(c)
#define tile_release() _tile_release()
#define tile_zero(t) _tile_zero(t)
#define tile_load(t, from, stride) _tile_loadd(t, from, stride)
#define tile_store(t, to, stride) _tile_stored(t, to, stride)
#define tile_dot_int8(c, a, b) _tile_dpbusd(c, a, b)
#define tile_dot_bf16(c, a, b) _tile_dpbf16ps(c, a, b)
#endif
#endif
