// How much memory packed matrices and attention take.
#include "include/martlet_kernels.h"

int64_t mk_packed_bytes(const mk_kernels *kernels, mk_precision precision, int64_t n, int64_t k) {
    const int64_t width = kernels->panel_width, unit = 1 << precision;
    if (precision == MK_INT4) return (n + width - 1) / width * ((k + MK_INT4_PART - 1) / MK_INT4_PART) * MK_INT4_PART_BYTES(width);
    return (n + width - 1) / width * width * ((k + unit - 1) / unit) * 4;
}

int64_t mk_attention_scratch(const mk_kernels *kernels, mk_precision precision, int64_t tokens, int64_t head_size) {
    const int64_t width = kernels->panel_width, unit = 1 << precision, element = 4 / unit;
    const int64_t padded = (tokens + width - 1) / width * width;
    const int64_t columns = (head_size + width - 1) / width * width;
    const int64_t keys = padded * ((head_size + unit - 1) / unit) * 4, values = columns * ((tokens + 31 + unit) & ~(int64_t)31) * element;
    const int64_t queries = head_size % unit ? (head_size + unit) * element : 0;
    const int64_t whole = kernels->tile_rows * (padded * (4 + element) + queries);
    const int64_t chunks = kernels->chunk_floats * (int64_t)4 + kernels->chunk_rows * (columns * 4 + queries);
    return keys + values + (whole > chunks ? whole : chunks) + 256;
}
