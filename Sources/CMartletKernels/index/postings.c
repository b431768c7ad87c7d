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

MK_CLONES static int32_t any_above(const float *values, float limit) {
    int32_t any = 0;
    for (int i = 0; i < 64; i++) any |= values[i] > limit;
    return any;
}

int64_t mk_places_above(const float *values, int64_t n, float limit, uint32_t *places) {
    int64_t count = 0;
    for (int64_t start = 0; start < n; start += 64) {
        const int64_t end = start + 64 < n ? start + 64 : n;
        if (end == start + 64 && !any_above(values + start, limit)) continue;
        for (int64_t i = start; i < end; i++)
            if (values[i] > limit) places[count++] = (uint32_t)i;
    }
    return count;
}
