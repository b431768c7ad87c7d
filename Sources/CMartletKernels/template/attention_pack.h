// Keys and values of a head as the panels that tiles of products read, once for f32 and once for bf16.

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
