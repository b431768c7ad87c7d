// Tiles of products over packed panels, once for each kind of operand: MK_P (a name) and MK_DOT(acc, a, b), which adds to each lane of acc the
// product of one 4-byte unit of a and one of b.
//
// A tile of rows times one panel (MK_VECTORS vectors), or few rows times several panels so that enough sums are under way to
// hide the instruction's latency, stays in registers over the whole of k; its raw sums go to memory. Each output is one accumulator over k in
// order, whatever the tile. Each step asks for what will be read later of each panel, from `next` on, which moves by `pace` bytes: a few rows
// pass through the weights faster than the hardware fetches ahead.
#define MK_TILE(R, P) \
    static __attribute__((noinline)) void MK_CAT(MK_NAME(tile_), _##R##_##P)(int64_t steps, const char *a, int64_t lda, const char *b, \
                                                                           int64_t panel_bytes, float *out, int64_t ldo, const char *next, int64_t pace) { \
        vi acc[R][P * MK_VECTORS]; \
        MK_UNROLL for (int i = 0; i < R; i++) MK_UNROLL for (int v = 0; v < P * MK_VECTORS; v++) acc[i][v] = (vi){0}; \
        MK_NO_UNROLL for (int64_t s = 0; s < steps; s++) { \
            MK_UNROLL for (int phase = 0; phase < MK_PHASES; phase++) { \
                vi panel[P * MK_VECTORS]; \
                MK_UNROLL for (int v = 0; v < P * MK_VECTORS; v++) \
                    panel[v] = MK_WEIGHTS(phase, v_load_bits(b + v / MK_VECTORS * panel_bytes + v % MK_VECTORS * (int)sizeof(vi))); \
                MK_UNROLL for (int i = 0; i < R; i++) { \
                    int32_t unit; \
                    memcpy(&unit, a + i * lda, 4); \
                    vi x = MK_INPUTS(phase, v_set_bits(unit)); \
                    MK_UNROLL for (int v = 0; v < P * MK_VECTORS; v++) acc[i][v] = MK_DOT(acc[i][v], x, panel[v]); \
                } \
                if (MK_PHASES > 1) __asm__ volatile("" : : : "memory");  /* or the panels of both phases are kept, and spill */ \
            } \
            MK_UNROLL for (int v = 0; v < P; v++) MK_UNROLL for (int line = 0; line < MK_VECTORS * (int)sizeof(vi); line += 64) \
                __builtin_prefetch(next + v * panel_bytes + line, 0, 3); \
            next += pace; \
            a += 4; \
            b += MK_VECTORS * sizeof(vi); \
        } \
        MK_UNROLL for (int i = 0; i < R; i++) MK_UNROLL for (int v = 0; v < P * MK_VECTORS; v++) \
            v_store_bits(out + i * ldo + v * MK_LANES, acc[i][v]); \
    }
MK_TILE(1, 1)
MK_TILE(2, 1)
MK_TILE(3, 1)
MK_TILE(4, 1)
MK_TILE(5, 1)
MK_TILE(6, 1)
MK_TILE(1, 4)
#if MK_ROWS > 6
MK_TILE(7, 1)
MK_TILE(8, 1)
MK_TILE(9, 1)
MK_TILE(10, 1)
MK_TILE(11, 1)
MK_TILE(12, 1)
MK_TILE(13, 1)
MK_TILE(14, 1)
MK_TILE(2, 4)
MK_TILE(3, 2)
MK_TILE(4, 2)
MK_TILE(5, 2)
MK_TILE(6, 2)
#else
MK_TILE(2, 2)
#endif
typedef void (*MK_NAME(tile_function))(int64_t, const char *, int64_t, const char *, int64_t, float *, int64_t, const char *, int64_t);
#define MK_ROW(R) MK_CAT(MK_NAME(tile_), _##R##_1)
static const MK_NAME(tile_function) MK_NAME(tiles)[MK_ROWS + 1] = {
    0,         MK_ROW(1), MK_ROW(2),  MK_ROW(3),  MK_ROW(4),  MK_ROW(5), MK_ROW(6),
#if MK_ROWS > 6
    MK_ROW(7), MK_ROW(8), MK_ROW(9), MK_ROW(10), MK_ROW(11), MK_ROW(12), MK_ROW(13), MK_ROW(14),
#endif
};
// For so few rows, a tile over several panels.
static const struct {
    int panels;
    MK_NAME(tile_function) tile;
} MK_NAME(wide_tiles)[] = {
    {1, 0},
    {4, MK_CAT(MK_NAME(tile_), _1_4)},
#if MK_ROWS > 6
    {4, MK_CAT(MK_NAME(tile_), _2_4)},
    {2, MK_CAT(MK_NAME(tile_), _3_2)},
    {2, MK_CAT(MK_NAME(tile_), _4_2)},
    {2, MK_CAT(MK_NAME(tile_), _5_2)},
    {2, MK_CAT(MK_NAME(tile_), _6_2)},
#else
    {2, MK_CAT(MK_NAME(tile_), _2_2)},
#endif
};
enum { MK_NAME(wide_rows) = (int)(sizeof MK_NAME(wide_tiles) / sizeof MK_NAME(wide_tiles)[0]) - 1 };
#undef MK_TILE
#undef MK_ROW
