// The best rows of a scan, which instruction set's kernels run here.
#include "../include/martlet_index.h"
#include <stdlib.h>
#include <string.h>

extern const mk_index_kernels mk_index_kernels_scalar;
#if defined(__x86_64__)
extern const mk_index_kernels mk_index_kernels_avx2, mk_index_kernels_avx512;

static int level(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) return 0;
    if (!__builtin_cpu_supports("f16c")) return 0;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")) return 1;
    return __builtin_cpu_supports("avx512dq") ? 2 : 1;
}
#elif defined(__aarch64__)
extern const mk_index_kernels mk_index_kernels_neon;
#endif

int32_t mk_index_kernels_count(void) {
#if defined(__x86_64__)
    return 1 + level();
#elif defined(__aarch64__)
    return 2;
#else
    return 1;
#endif
}

const mk_index_kernels *mk_index_kernels_at(int32_t index) {
    const int32_t count = mk_index_kernels_count();
    if (index < 0 || index >= count) return NULL;
    const mk_index_kernels *const worst_first[] = {
        &mk_index_kernels_scalar,
#if defined(__x86_64__)
        &mk_index_kernels_avx2,
        &mk_index_kernels_avx512,
#elif defined(__aarch64__)
        &mk_index_kernels_neon,
#endif
    };
    return worst_first[count - 1 - index];
}

// Keys are written over candidates.
typedef uint64_t candidate_key __attribute__((may_alias, aligned(4)));

// A candidate as a number, the better the larger: scores in the order of their bits, then the lower row.
static inline uint64_t key(mk_candidate c) {
    const float score = c.score + 0.0f; // no -0
    uint32_t bits;
    memcpy(&bits, &score, 4);
    bits ^= (uint32_t)((int32_t)bits >> 31) | 0x80000000u;
    return (uint64_t)bits << 32 | (uint32_t)~c.row;
}
static inline mk_candidate candidate(uint64_t key) {
    const uint32_t bits = (uint32_t)(key >> 32), score = bits & 0x80000000u ? bits ^ 0x80000000u : ~bits;
    mk_candidate c = {.row = ~(uint32_t)key};
    memcpy(&c.score, &score, 4);
    return c;
}
static inline void exchange(candidate_key *a, candidate_key *b) {
    const uint64_t x = *a;
    *a = *b;
    *b = x;
}

// Selection by parts without branches on what is compared, which no predictor foresees (Lomuto's partition; Edelkamp, Weiss: BlockQuicksort,
// 2016, on the cost of such branches).
static void select_best(candidate_key *keys, int64_t count, int64_t wanted) {
    int64_t low = 0, high = count - 1;
    while (low < high) {
        candidate_key *a = keys + low, *b = keys + low + (high - low) / 2, *c = keys + high;
        // The median of three becomes the last.
        if (*a < *b) exchange(a, b);
        if (*a < *c) exchange(a, c);
        if (*b > *c) exchange(b, c);
        const uint64_t pivot = *c;
        int64_t next = low;
        for (int64_t i = low; i < high; i++) {
            const uint64_t x = keys[i];
            keys[i] = keys[next];
            keys[next] = x;
            next += x > pivot;
        }
        exchange(keys + next, c);
        if (next == wanted - 1) return;
        if (next < wanted - 1) low = next + 1;
        else high = next - 1;
    }
}

void mk_candidates_cut(mk_candidates *candidates) {
    const int64_t wanted = candidates->wanted, count = candidates->count;
    if (count < wanted) return;
    _Static_assert(sizeof(mk_candidate) == sizeof(candidate_key), "a key takes the place of a candidate");
    mk_candidate *items = candidates->items;
    candidate_key *keys = (candidate_key *)items;
    for (int64_t i = 0; i < count; i++) keys[i] = key(items[i]);
    select_best(keys, count, wanted);
    for (int64_t i = 0; i < wanted; i++) items[i] = candidate(keys[i]);
    candidates->count = wanted;
    // The item at `wanted - 1` is the worst of those before it.
    if (wanted > 0 && items[wanted - 1].score > candidates->threshold) candidates->threshold = items[wanted - 1].score;
}

static int order(const void *a, const void *b) {
    const uint64_t x = key(*(const mk_candidate *)a), y = key(*(const mk_candidate *)b);
    return x > y ? -1 : x < y;
}

void mk_candidates_sort(mk_candidates *candidates) {
    mk_candidates_cut(candidates);
    qsort(candidates->items, (size_t)candidates->count, sizeof(mk_candidate), order);
}

// By digits of 11 bits, the lowest first: as many passes as the highest row needs.
int64_t mk_candidates_rows(mk_candidates *candidates, uint32_t *rows, uint32_t *scratch) {
    enum { BITS = 11, DIGITS = 1 << BITS };
    mk_candidates_cut(candidates);
    const int64_t count = candidates->count;
    uint32_t highest = 0, *from = rows, *to = scratch;
    for (int64_t i = 0; i < count; i++) {
        rows[i] = candidates->items[i].row;
        highest |= rows[i];
    }
    for (int shift = 0; shift < 32 && highest >> shift; shift += BITS) {
        uint32_t starts[DIGITS + 1] = {0};
        for (int64_t i = 0; i < count; i++) starts[(from[i] >> shift & (DIGITS - 1)) + 1]++;
        for (int d = 0; d < DIGITS; d++) starts[d + 1] += starts[d];
        for (int64_t i = 0; i < count; i++) to[starts[from[i] >> shift & (DIGITS - 1)]++] = from[i];
        uint32_t *const other = from;
        from = to;
        to = other;
    }
    if (from != rows) memcpy(rows, from, (size_t)count * sizeof *rows);
    return count;
}
