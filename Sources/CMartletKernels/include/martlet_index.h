// What a search over an index computes: scans of one-bit codes, rescoring of rows, postings, filters and checksums.
//
// Codes are blocks of 64 rows. A block holds, for each group of 8 dimensions, one byte of every row: bit i is 1 where the rotated
// residual is positive at dimension 8 * group + i. Row r of a block has byte 2 * r for r < 32, and byte 2 * (r - 32) + 1 for the others:
// the sums of even bytes, and those of odd bytes, then are rows in a run. After the codes a block holds the 64 factors of its rows as f32.
#ifndef MARTLET_INDEX_H
#define MARTLET_INDEX_H
#include <stdbool.h>
#include <stdint.h>

enum { MK_BLOCK_ROWS = 64, MK_POSTINGS = 128 };

typedef struct {
    float score;
    uint32_t row;
} mk_candidate;

// The best `wanted` rows of a scan. `items` has room for `capacity` >= 2 * wanted + MK_BLOCK_ROWS.
// Of equal scores the lower row is better.
typedef struct {
    mk_candidate *items;
    int64_t count, capacity, wanted;
    float threshold; // a row below it, or with it, is not among the best; -INFINITY at first
} mk_candidates;

// Keeps the best `wanted` candidates, in no order, and raises the threshold to the worst of them.
void mk_candidates_cut(mk_candidates *candidates);
// The best candidates first.
void mk_candidates_sort(mk_candidates *candidates);
// The rows of the best candidates in ascending order, and how many there are; both arrays have room for `wanted`.
int64_t mk_candidates_rows(mk_candidates *candidates, uint32_t *rows, uint32_t *scratch);

// A query against one segment: score(row) = base + factor(row) * (step * sum of looked-up entries - offset).
typedef struct {
    const uint8_t *tables; // [dimensions / 4][16], from mk_query_tables
    float step, offset, base;
    mk_candidates *best;
} mk_scan_query;

typedef struct {
    const uint8_t *blocks;
    int64_t first, end;   // blocks
    int64_t groups;       // dimensions / 8
    int64_t rows;         // of the segment: the last block may be partly empty
    const uint64_t *mask; // a word a block, or NULL: rows that may be found
    uint32_t first_row;   // is added to the numbers of rows
    int32_t is_far; // whether all blocks together are more than a cache holds: each is then asked for ahead
} mk_scan;

// Rows of any store, chosen by number.
typedef struct {
    const void *rows;
    int64_t dimensions;
    const float *scales;     // int8 only: one a row
    const uint32_t *numbers; // NULL: 0, 1, 2 …
    int64_t count;
} mk_rescore;

// One instruction set's functions. All give the same candidates; sums of products may differ in their last bits.
typedef struct {
    const char *name;
    void (*scan)(const mk_scan *scan, const mk_scan_query *queries, int64_t count);
    void (*scores_f32)(const mk_rescore *rescore, const float *query, float *scores);
    void (*scores_f16)(const mk_rescore *rescore, const float *query, float *scores);
    void (*scores_i8)(const mk_rescore *rescore, const float *query, float *scores);
} mk_index_kernels;

// Tables that this CPU can run, the best first.
int32_t mk_index_kernels_count(void);
const mk_index_kernels *mk_index_kernels_at(int32_t index);

// Rotates `lanes` vectors of `n` numbers, element i of vector l at x[i * lanes + l]. `n` is a multiple of 64; `signs` holds
// MK_ROTATION_ROUNDS * n bits. Only additions, subtractions and products by constants: the same bits on every machine.
enum { MK_ROTATION_ROUNDS = 4 };
void mk_rotate(float *x, int64_t n, int64_t lanes, const uint8_t *signs);

// Codes `count` <= 64 rows of `dimensions` floats, less the mean, into one block. `padded` is the codes' number of dimensions.
// `scratch` holds padded * 64 floats.
void mk_code_block(
    const float *rows, int64_t count, int64_t dimensions, int64_t padded, const float *mean, const uint8_t *signs, uint8_t *block,
    float *scratch);
int64_t mk_block_bytes(int64_t padded);
// The tables of a rotated query, and the two numbers that turn their sums into an estimate.
void mk_query_tables(const float *rotated, int64_t padded, uint8_t *tables, float *step, float *offset);

// IEEE half precision, rounded to nearest even. A float beyond 65504 becomes infinite.
void mk_half_from_float(const float *x, uint16_t *out, int64_t count);
void mk_float_from_half(const uint16_t *x, float *out, int64_t count);
void mk_add_to_mean(const float *x, double *sums, int64_t count);

// CRC-32C (Castagnoli), as in RFC 3720; start with 0.
uint32_t mk_crc32c(uint32_t crc, const void *bytes, int64_t count);

// 128 numbers of `bits` bits each in 16 * bits bytes: four interleaved streams of 32-bit words (Lemire and Boytsov, 2015).
void mk_pack128(const uint32_t *values, int32_t bits, uint8_t *out);
void mk_unpack128(const uint8_t *in, int32_t bits, uint32_t *values);

// acc[docs[i] - base] += weight * table[min(counts[i], 7)][min(lengths[docs[i]], 255)], or the formula beyond the table.
typedef struct {
    float k, b, average;
    float unit; // above 0: counts are weights in this unit, whatever the length
    float table[8 * 256]; // [count][length]
} mk_bm25;
void mk_bm25_prepare(mk_bm25 *bm25, float k, float b, float average);
void mk_impacts_prepare(mk_bm25 *bm25, float unit);
float mk_bm25_part(const mk_bm25 *bm25, uint32_t count, uint32_t length);
void mk_bm25_accumulate(
    const mk_bm25 *bm25, const uint32_t *docs, const uint32_t *counts, int64_t n, const uint16_t *lengths, float weight, uint32_t base,
    float *acc);

// Turns the differences of 128 rows, from the row before them, into the rows, and counts less one into counts. 0 where the rows do not ascend.
int32_t mk_posting_rows(uint32_t *rows, uint32_t *counts, uint32_t before);
int32_t mk_ascends(const uint32_t *rows, int64_t n);
// The place of the first of 128 ascending rows that is not below `row`, looked for from `from` on, whose group of 16 has no such row before;
// 128: there is none.
int64_t mk_posting_place(const uint32_t *rows, int64_t from, uint32_t row);
// Does as mk_bm25_accumulate for those of 128 ascending rows that are base + one of `n` ascending places, up to the row `last`. Returns how many
// of the places it dealt with.
int64_t mk_bm25_add_found(
    const mk_bm25 *bm25, const uint32_t *rows, const uint32_t *counts, const uint16_t *lengths, float weight, uint32_t base, uint32_t last,
    const uint32_t *places, int64_t n, float *acc);

// The places of `n` numbers that are above `limit`; returns how many there are. `places` has room for `n`.
int64_t mk_places_above(const float *values, int64_t n, float limit, uint32_t *places);
// Keeps those of `n` places whose numbers are above `limit`; returns how many there are.
int64_t mk_places_kept(const float *values, uint32_t *places, int64_t n, float limit);

// Sets bit i of `out` where low <= codes[i] < high, or where `set` has the bit codes[i], a code above
// `limit` being in no set. `width` is 1, 2 or 4 bytes.
void mk_codes_in_range(const void *codes, int32_t width, int64_t count, uint32_t low, uint32_t high, uint64_t *out);
void mk_codes_in_set(const void *codes, int32_t width, int64_t count, const uint64_t *set, uint32_t limit, uint64_t *out);
#endif
