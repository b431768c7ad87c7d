// The best rows of a scan, which instruction set's kernels run here.
#include "../include/martlet_index.h"
#include <stdlib.h>

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

static inline int better(mk_candidate a, mk_candidate b) { return a.score > b.score || (a.score == b.score && a.row < b.row); }

// Hoare's selection with the median of three as pivot.
void mk_candidates_cut(mk_candidates *candidates) {
    mk_candidate *items = candidates->items;
    const int64_t wanted = candidates->wanted;
    if (candidates->count < wanted) return;
    int64_t low = 0, high = candidates->count - 1;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        mk_candidate a = items[low], b = items[middle], c = items[high];
        const mk_candidate pivot = better(a, b) ? (better(b, c) ? b : better(a, c) ? c : a) : (better(a, c) ? a : better(b, c) ? c : b);
        int64_t i = low, j = high;
        while (i <= j) {
            while (better(items[i], pivot)) i++;
            while (better(pivot, items[j])) j--;
            if (i <= j) {
                const mk_candidate swapped = items[i];
                items[i++] = items[j];
                items[j--] = swapped;
            }
        }
        if (wanted - 1 <= j) high = j;
        else if (wanted - 1 >= i) low = i;
        else break;
    }
    candidates->count = wanted;
    // The item at `wanted - 1` is the worst of those before it.
    if (wanted > 0 && items[wanted - 1].score > candidates->threshold) candidates->threshold = items[wanted - 1].score;
}

static int order(const void *a, const void *b) {
    const mk_candidate x = *(const mk_candidate *)a, y = *(const mk_candidate *)b;
    return better(x, y) ? -1 : better(y, x) ? 1 : 0;
}

void mk_candidates_sort(mk_candidates *candidates) {
    mk_candidates_cut(candidates);
    qsort(candidates->items, (size_t)candidates->count, sizeof(mk_candidate), order);
}
