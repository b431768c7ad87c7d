// Lists of rows that have a word, and what the word adds to their scores.
#include "../half.h"
#include "../include/martlet_index.h"

typedef uint32_t lanes4 __attribute__((vector_size(16)));

void mk_pack128(const uint32_t *values, int32_t bits, uint8_t *out) {
    uint32_t words[128] = {0};
    for (int row = 0; row < 32 && bits > 0; row++)
        for (int lane = 0; lane < 4; lane++) {
            const int at = row * bits, word = at / 32, shift = at % 32;
            const uint32_t value = values[row * 4 + lane];
            words[word * 4 + lane] |= value << shift;
            if (shift + bits > 32) words[(word + 1) * 4 + lane] |= value >> (32 - shift);
        }
    memcpy(out, words, (size_t)bits * 16);
}

static inline __attribute__((always_inline)) void unpack(const uint8_t *in, const int bits, uint32_t *values) {
    const uint32_t mask = bits == 32 ? ~0u : (1u << bits) - 1;
    lanes4 word;
    memcpy(&word, in, 16);
    int next = 1, shift = 0;
    _Pragma("clang loop unroll(full)") for (int row = 0; row < 32; row++) {
        lanes4 value = word >> shift;
        shift += bits;
        if (shift >= 32) {
            shift -= 32;
            if (next < bits) {
                memcpy(&word, in + 16 * next, 16);
                if (shift > 0) value |= word << (bits - shift);
            }
            next++;
        }
        value &= mask;
        memcpy(values + row * 4, &value, 16);
    }
}

// Each width has code of its own, without branches.
void mk_unpack128(const uint8_t *in, int32_t bits, uint32_t *values) {
#define WIDTH(n) case n: unpack(in, n, values); break;
#define WIDTHS(n) WIDTH(n) WIDTH(n + 1) WIDTH(n + 2) WIDTH(n + 3) WIDTH(n + 4) WIDTH(n + 5) WIDTH(n + 6) WIDTH(n + 7)
    switch (bits) {
        WIDTHS(1) WIDTHS(9) WIDTHS(17) WIDTHS(25)
    default: memset(values, 0, 128 * sizeof *values);
    }
#undef WIDTHS
#undef WIDTH
}

void mk_bm25_prepare(mk_bm25 *bm25, float k, float b, float average) {
    bm25->k = k;
    bm25->b = b;
    bm25->average = average;
    bm25->unit = 0;
    for (uint32_t count = 0; count < 8; count++)
        for (uint32_t length = 0; length < 256; length++) {
            const float n = (float)count;
            bm25->table[count * 256 + length] = n == 0 ? 0 : n * (k + 1) / (n + k * (1 - b + b * (float)length / average));
        }
}

void mk_impacts_prepare(mk_bm25 *bm25, float unit) {
    bm25->k = bm25->b = 0;
    bm25->average = 1;
    bm25->unit = unit;
    for (uint32_t at = 0; at < 8 * 256; at++) bm25->table[at] = (float)(at / 256) * unit;
}

float mk_bm25_part(const mk_bm25 *bm25, uint32_t count, uint32_t length) {
    if (count < 8 && length < 256) return bm25->table[count * 256 + length];
    const float n = (float)count;
    if (bm25->unit > 0) return n * bm25->unit;
    return n * (bm25->k + 1) / (n + bm25->k * (1 - bm25->b + bm25->b * (float)length / bm25->average));
}

void mk_bm25_accumulate(
    const mk_bm25 *bm25, const uint32_t *docs, const uint32_t *counts, int64_t n, const uint16_t *lengths, float weight, uint32_t base,
    float *acc) {
    for (int64_t i = 0; i < n; i++) acc[docs[i] - base] += weight * mk_bm25_part(bm25, counts[i], lengths[docs[i]]);
}

MK_CLONES int32_t mk_ascends(const uint32_t *rows, int64_t n) {
    int32_t falls = 0;
    for (int64_t i = 1; i < n; i++) falls |= rows[i - 1] >= rows[i];
    return !falls;
}

MK_CLONES int32_t mk_posting_rows(uint32_t *rows, uint32_t *counts, uint32_t before) {
    for (int i = 0; i < 128; i++) rows[i] = before += rows[i];
    for (int i = 0; i < 128; i++) counts[i]++;
    return mk_ascends(rows, 128);
}

// The first place from `at` on, a multiple of 16, of a row that is not below `row`. Sixteen rows are compared at once.
static inline __attribute__((always_inline)) int64_t place(const uint32_t *rows, int64_t at, uint32_t row) {
    while (at < 112 && rows[at + 15] < row) at += 16;
    uint32_t below = 0;
    for (int i = 0; i < 16; i++) below += rows[at + i] < row;
    return at + below;
}

MK_CLONES int64_t mk_posting_place(const uint32_t *rows, int64_t from, uint32_t row) { return place(rows, from & ~15, row); }

MK_CLONES int64_t mk_bm25_add_found(
    const mk_bm25 *bm25, const uint32_t *rows, const uint32_t *counts, const uint16_t *lengths, float weight, uint32_t base, uint32_t last,
    const uint32_t *places, int64_t n, float *acc) {
    int64_t at = 0, i = 0;
    for (; i < n && base + places[i] <= last; i++) {
        const uint32_t row = base + places[i];
        at = place(rows, at & ~15, row);
        if (at == 128) at = 127;
        if (rows[at] == row) acc[places[i]] += weight * mk_bm25_part(bm25, counts[at], lengths[row]);
    }
    return i;
}

MK_CLONES int64_t mk_places_above(const float *values, int64_t n, float limit, uint32_t *places) {
    int64_t count = 0;
    for (int64_t start = 0; start < n; start += 32) {
        const int64_t end = start + 32 < n ? start + 32 : n;
        int32_t any = end < start + 32;
        if (!any)
            for (int i = 0; i < 32; i++) any |= values[start + i] > limit;
        if (!any) continue;
        // Without a branch: which of the numbers are above cannot be foreseen.
        for (int64_t i = start; i < end; i++) {
            places[count] = (uint32_t)i;
            count += values[i] > limit;
        }
    }
    return count;
}

int64_t mk_places_kept(const float *values, uint32_t *places, int64_t n, float limit) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t at = places[i];
        places[count] = at;
        count += values[at] > limit;
    }
    return count;
}
