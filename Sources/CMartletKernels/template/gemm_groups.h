// Products a group of k at a time, inside gemm.h's int8 part: the tiles of a block of rows read a group of a panel from L1. Weights of 4 bits
// become int8 codes there, so that their product costs what an int8 product does, and a half of the memory. Tiles of a matrix unit, which are
// faster than L2, take int8 in this way, too.

typedef uint16_t v_u16 __attribute__((vector_size(MK_LANES * 4)));
typedef uint8_t v_u8 __attribute__((vector_size(MK_LANES * 4)));

// Parts of a panel to units of int8: factor * q - zero. A byte's product is at most 15 * 15, so two are made by one of 16 bits.
MK_INLINE void unpack_int4(const char *from, int64_t parts, char *to) {
    enum { width = MK_VECTORS * MK_LANES };
    MK_NO_UNROLL for (; parts > 0; parts--, from += MK_INT4_PART_BYTES(width), to += MK_INT4_PART * width)
        MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) {
            vb factors, zeros;
            memcpy(&factors, from + v * MK_LANES, sizeof factors);
            memcpy(&zeros, from + width + v * MK_LANES, sizeof zeros);
            vu factor = __builtin_convertvector(factors, vu), each = __builtin_convertvector(zeros, vu);
            each |= each << 8;
            const v_u16 pair = (v_u16)(factor | factor << 16);
            const v_u8 zero = (v_u8)(each | each << 16);
            MK_UNROLL for (int p = 0; p < MK_INT4_PART / 8; p++) {
                const vu codes = (vu)v_load_bits(from + 2 * width + (p * width + v * MK_LANES) * 4);
                const v_u8 low = (v_u8)((v_u16)(codes & 0x0f0f0f0fu) * pair) - zero;
                const v_u8 high = (v_u8)((v_u16)(codes >> 4 & 0x0f0f0f0fu) * pair) - zero;
                v_store_bits(to + (2 * p * width + v * MK_LANES) * 4, (vi)low);
                v_store_bits(to + ((2 * p + 1) * width + v * MK_LANES) * 4, (vi)high);
            }
        }
}

// A group of k of one tile: its scaled sums are added to `scaled`; those of the last group go through to C.
MK_INLINE void group_tile(const mk_gemm *g, MK_NAME(tile_function) tile, int64_t group, int64_t steps, int64_t row, int64_t rows, int64_t column,
                          const char *codes, float *scaled, const char *next, int64_t pace) {
    enum { width = MK_VECTORS * MK_LANES };
    float sums[MK_NAME(tile_floats)] __attribute__((aligned(64)));
    if ((group + 1) * MK_INT8_GROUP >= g->k) MK_NAME(fetch_output)(g, row, rows, column, width);
    MK_MULTIPLY(steps, (const char *)g->a + row * g->lda + group * MK_INT8_GROUP, g->lda, codes, 0, sums, width, next, pace);
    if ((group + 1) * MK_INT8_GROUP >= g->k) {
        MK_NAME(finish_tile)(g, sums, group ? scaled : NULL, width, row, rows, column);
        return;
    }
    const float *scale = g->b_scale + group * g->b_scale_stride + column;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < width; j += MK_LANES) {
            vf x = __builtin_convertvector(v_load_bits(sums + i * width + j), vf) * v_load(scale + j);
            if (group) x += v_load(scaled + i * width + j);
            v_store(scaled + i * width + j, x);
        }
}

// A block of rows at a time, in as many tiles as it needs.
MK_INLINE void group_products(const mk_gemm *g, const int is_int4) {
    enum { width = MK_VECTORS * MK_LANES, group_steps = MK_INT8_GROUP / 4, group_parts = MK_INT8_GROUP / MK_INT4_PART };
    char unpacked[MK_INT8_GROUP * width] __attribute__((aligned(64)));
    float scaled[MK_BLOCK_ROWS * width] __attribute__((aligned(64)));
    const int64_t steps = (g->k + 3) / 4, parts = (g->k + MK_INT4_PART - 1) / MK_INT4_PART;
    const int64_t blocks = (g->m + MK_BLOCK_ROWS - 1) / MK_BLOCK_ROWS;
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t first = g->m * block / blocks, rows = g->m * (block + 1) / blocks - first;
        const int64_t tiles = (rows + MK_NAME(product_rows) - 1) / MK_NAME(product_rows), each = rows / tiles, extra = rows % tiles;
        const char *from = g->b;
        for (int64_t column = 0; column < g->n; column += width)
            for (int64_t group = 0; group * group_steps < steps; group++) {
                const int64_t own_steps = steps - group * group_steps < group_steps ? steps - group * group_steps : group_steps;
                const int64_t own_parts = parts - group * group_parts < group_parts ? parts - group * group_parts : group_parts;
                const char *codes = from;
                if (is_int4) {
                    unpack_int4(from, own_parts, unpacked);
                    codes = unpacked;
                }
                from += is_int4 ? own_parts * MK_INT4_PART_BYTES(width) : own_steps * width * 4;
                // The tiles together ask for the group that comes next.
                const int64_t pace = (is_int4 ? MK_INT4_PART_BYTES(width) / 8 : width * 4) / tiles;
                int64_t row = first;
                for (int64_t t = 0; t < tiles; t++) {
                    const int64_t r = each + (t < extra);
                    group_tile(g, MK_PRODUCT_TILE(r), group, own_steps, row, r, column, codes, scaled + (row - first) * width,
                               from + t * pace * own_steps, pace);
                    row += r;
                }
            }
        finish_block(g, first, rows);
    }
    MK_PRODUCT_END();
}

static void gemm_int4(const mk_gemm *g) { group_products(g, 1); }

static void pack_int4(const mk_pack *p) { mk_pack_int4(p, MK_VECTORS * MK_LANES); }
