// A template of one instruction set's kernels of an index. The file that includes it defines
//   MK_SET              the name of the set
//   MK_WIDTH            bytes of a vector: 16, 32 or 64
//   MK_LOOKUP(t, i)     table t of 16 bytes looked up at the low 4 bits of every byte of i
//   MK_HALVES(p)        MK_WIDTH / 4 floats from halves at p
//   MK_ABOVE(s, x)      a bit for each of 64 floats at s that is above x
// The look-ups of 4 bits by shuffles are those of André, Kermarrec, Le Scouarnec: Cache locality is not enough (VLDB 2015).
#include "../include/martlet_index.h"
#include <string.h>

#define MK_JOIN2(a, b) a##_##b
#define MK_JOIN(a, b) MK_JOIN2(a, b)
#define MK_NAME(x) MK_JOIN(x, MK_SET)

typedef uint8_t MK_NAME(bytes) __attribute__((vector_size(MK_WIDTH)));
typedef uint16_t MK_NAME(words) __attribute__((vector_size(MK_WIDTH)));
typedef float MK_NAME(floats) __attribute__((vector_size(MK_WIDTH)));
typedef float MK_NAME(floats_unaligned) __attribute__((vector_size(MK_WIDTH), aligned(4)));
typedef uint8_t MK_NAME(bytes_unaligned) __attribute__((vector_size(MK_WIDTH), aligned(1)));
typedef int8_t MK_NAME(quarter) __attribute__((vector_size(MK_WIDTH / 4), aligned(1)));

enum { MK_NAME(LANES) = MK_WIDTH / 4 };

// Queries whose sums stay in registers together.
#define MK_QUERIES (MK_WIDTH == 64 ? 4 : 2)
#define MK_UNROLL_QUERIES _Pragma("clang loop unroll(full)")

// For each of some queries the 64 sums of a block's looked-up entries, in the order of rows. An entry is at most 63, so that four fit in a byte.
static inline __attribute__((always_inline)) void MK_NAME(sums)(
    const uint8_t *codes, int64_t groups, const mk_scan_query *queries, const int count, uint16_t (*sums)[64]) {
    for (int part = 0; part < 64; part += MK_WIDTH) {
        MK_NAME(words) even[MK_QUERIES] = {0}, odd[MK_QUERIES] = {0};
        for (int64_t group = 0; group < groups; group += 2) {
            const MK_NAME(bytes) a = *(const MK_NAME(bytes_unaligned) *)(codes + group * 64 + part);
            const MK_NAME(bytes) b = *(const MK_NAME(bytes_unaligned) *)(codes + group * 64 + 64 + part);
            const MK_NAME(bytes) a1 = a & 15, a2 = (MK_NAME(bytes))((MK_NAME(words))a >> 4) & 15;
            const MK_NAME(bytes) b1 = b & 15, b2 = (MK_NAME(bytes))((MK_NAME(words))b >> 4) & 15;
            MK_UNROLL_QUERIES for (int q = 0; q < count; q++) {
                const uint8_t *table = queries[q].tables + group * 32;
                const MK_NAME(bytes) four = (MK_LOOKUP(table, a1) + MK_LOOKUP(table + 16, a2)) +
                                            (MK_LOOKUP(table + 32, b1) + MK_LOOKUP(table + 48, b2));
                even[q] += (MK_NAME(words))four; // with the odd rows' sums above bit 8, taken off below
                odd[q] += (MK_NAME(words))four >> 8;
            }
        }
        MK_UNROLL_QUERIES for (int q = 0; q < count; q++) {
            even[q] -= odd[q] << 8;
            memcpy(sums[q] + part / 2, &even[q], MK_WIDTH);
            memcpy(sums[q] + 32 + part / 2, &odd[q], MK_WIDTH);
        }
    }
}

// Adds the rows of a block that are above a query's threshold to its best.
static inline __attribute__((always_inline)) void MK_NAME(keep)(
    const mk_scan *scan, int64_t block, uint64_t allowed, const mk_scan_query *query, const uint16_t *sums) {
    const float *factors = (const float *)(scan->blocks + block * (scan->groups * 64 + 256) + scan->groups * 64);
    float scores[64] __attribute__((aligned(64)));
    for (int i = 0; i < 64; i++) scores[i] = query->base + factors[i] * (query->step * (float)sums[i] - query->offset);
    mk_candidates *best = query->best;
    uint64_t found = MK_ABOVE(scores, best->threshold) & allowed;
    if (__builtin_expect(found == 0, 1)) return;
    const uint32_t first = scan->first_row + (uint32_t)(block * 64);
    int64_t count = best->count;
    while (found) {
        const int i = __builtin_ctzll(found);
        found &= found - 1;
        best->items[count].score = scores[i];
        best->items[count++].row = first + (uint32_t)i;
    }
    best->count = count;
    if (count + MK_BLOCK_ROWS > best->capacity) mk_candidates_cut(best);
}

static inline __attribute__((always_inline)) void MK_NAME(scan_block)(
    const mk_scan *scan, int64_t block, uint64_t allowed, const mk_scan_query *queries, const int count) {
    uint16_t sums[MK_QUERIES][64] __attribute__((aligned(64)));
    MK_NAME(sums)(scan->blocks + block * (scan->groups * 64 + 256), scan->groups, queries, count, sums);
    for (int q = 0; q < count; q++) MK_NAME(keep)(scan, block, allowed, queries + q, sums[q]);
}

// The next block that has a row to look at.
static inline __attribute__((always_inline)) int64_t MK_NAME(next)(const mk_scan *scan, int64_t block) {
    block++;
    if (scan->mask)
        while (block < scan->end && scan->mask[block] == 0) block++;
    return block;
}

static void MK_NAME(scan)(const mk_scan *scan, const mk_scan_query *queries, int64_t count) {
    const int64_t bytes = scan->groups * 64 + 256;
    int64_t block = MK_NAME(next)(scan, scan->first - 1), second = MK_NAME(next)(scan, block);
    while (block < scan->end) {
        const int64_t third = MK_NAME(next)(scan, second);
        // The hardware fetches too little ahead: from memory this halves the time, from a cache it costs a quarter.
        const int64_t ahead = scan->is_far ? bytes : 256;
        for (int64_t at = 0; at < ahead; at += 64) __builtin_prefetch(scan->blocks + third * bytes + at);
        uint64_t allowed = scan->mask ? scan->mask[block] : ~(uint64_t)0;
        const int64_t rest = scan->rows - block * 64;
        if (rest < 64) allowed &= ((uint64_t)1 << rest) - 1;
        // A block stays in the L1 cache for all queries: they share one pass over memory. Some share also what is read from its codes.
        int64_t query = 0;
        for (; query + MK_QUERIES <= count; query += MK_QUERIES) MK_NAME(scan_block)(scan, block, allowed, queries + query, MK_QUERIES);
        for (; query < count; query++) MK_NAME(scan_block)(scan, block, allowed, queries + query, 1);
        block = second;
        second = third;
    }
}

static inline __attribute__((always_inline)) float MK_NAME(total)(MK_NAME(floats) a, MK_NAME(floats) b) {
    float lanes[MK_WIDTH / 4], sum = 0;
    a += b;
    memcpy(lanes, &a, MK_WIDTH);
    for (int i = 0; i < MK_NAME(LANES); i++) sum += lanes[i];
    return sum;
}

static inline __attribute__((always_inline)) void MK_NAME(ahead)(const mk_rescore *rescore, int64_t i, int64_t bytes) {
    if (rescore->numbers == NULL || i + 6 >= rescore->count) return;
    const char *row = (const char *)rescore->rows + (int64_t)rescore->numbers[i + 6] * bytes;
    for (int64_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at);
}

#define MK_SCORES(NAME, ELEMENT, LOAD, TAIL, SCALE)                                                              \
    static void MK_NAME(NAME)(const mk_rescore *rescore, const float *query, float *scores) {                    \
        const int64_t n = rescore->dimensions, lanes = MK_NAME(LANES);                                           \
        for (int64_t i = 0; i < rescore->count; i++) {                                                           \
            MK_NAME(ahead)(rescore, i, n * (int64_t)sizeof(ELEMENT));                                            \
            const int64_t number = rescore->numbers ? rescore->numbers[i] : i;                                   \
            const ELEMENT *row = (const ELEMENT *)rescore->rows + number * n;                                    \
            MK_NAME(floats) a = {0}, b = {0};                                                                    \
            int64_t d = 0;                                                                                       \
            for (; d + 2 * lanes <= n; d += 2 * lanes) {                                                         \
                a += *(const MK_NAME(floats_unaligned) *)(query + d) * LOAD(row + d);                            \
                b += *(const MK_NAME(floats_unaligned) *)(query + d + lanes) * LOAD(row + d + lanes);            \
            }                                                                                                    \
            float sum = MK_NAME(total)(a, b);                                                                    \
            for (; d < n; d++) sum += query[d] * TAIL(row[d]);                                                   \
            scores[i] = sum * SCALE;                                                                             \
        }                                                                                                        \
    }

#define MK_LOAD_F32(p) (*(const MK_NAME(floats_unaligned) *)(p))
#define MK_LOAD_I8(p) __builtin_convertvector(*(const MK_NAME(quarter) *)(p), MK_NAME(floats))
#define MK_SAME(x) (x)
MK_SCORES(scores_f32, float, MK_LOAD_F32, MK_SAME, 1)
MK_SCORES(scores_f16, uint16_t, MK_HALVES, half_to_float, 1)
MK_SCORES(scores_i8, int8_t, MK_LOAD_I8, MK_SAME, rescore->scales[number])

#define MK_STRING2(x) #x
#define MK_STRING(x) MK_STRING2(x)
const mk_index_kernels MK_NAME(mk_index_kernels) = {
    MK_STRING(MK_SET), MK_NAME(scan), MK_NAME(scores_f32), MK_NAME(scores_f16), MK_NAME(scores_i8),
};
