// The readable reference of an index's kernels.
#include "../half.h"
#include "../include/martlet_index.h"

static float entries_sum(const uint8_t *codes, int64_t groups, const uint8_t *tables, int row) {
    const int at = row < 32 ? 2 * row : 2 * (row - 32) + 1;
    uint32_t sum = 0;
    for (int64_t group = 0; group < groups; group++) {
        const uint8_t code = codes[group * 64 + at];
        sum += tables[group * 32 + (code & 15)] + tables[group * 32 + 16 + (code >> 4)];
    }
    return (float)sum;
}

static void scan_scalar(const mk_scan *scan, const mk_scan_query *queries, int64_t count) {
    for (int64_t block = scan->first; block < scan->end; block++) {
        const uint8_t *codes = scan->blocks + block * (scan->groups * 64 + 256);
        const float *factors = (const float *)(codes + scan->groups * 64);
        const int64_t rest = scan->rows - block * 64;
        for (int64_t query = 0; query < count; query++) {
            mk_candidates *best = queries[query].best;
            for (int row = 0; row < 64 && row < rest; row++) {
                if (scan->mask && !(scan->mask[block] >> row & 1)) continue;
                const float sum = entries_sum(codes, scan->groups, queries[query].tables, row);
                const float score = queries[query].base + factors[row] * (queries[query].step * sum - queries[query].offset);
                if (!(score > best->threshold)) continue;
                best->items[best->count].score = score;
                best->items[best->count++].row = scan->first_row + (uint32_t)(block * 64 + row);
            }
            if (best->count + MK_BLOCK_ROWS > best->capacity) mk_candidates_cut(best);
        }
    }
}

static int64_t chosen(const mk_rescore *rescore, int64_t i) { return rescore->numbers ? rescore->numbers[i] : i; }

static void scores_f32_scalar(const mk_rescore *rescore, const float *query, float *scores) {
    for (int64_t i = 0; i < rescore->count; i++) {
        const float *row = (const float *)rescore->rows + chosen(rescore, i) * rescore->dimensions;
        float sum = 0;
        for (int64_t d = 0; d < rescore->dimensions; d++) sum += query[d] * row[d];
        scores[i] = sum;
    }
}

static void scores_f16_scalar(const mk_rescore *rescore, const float *query, float *scores) {
    for (int64_t i = 0; i < rescore->count; i++) {
        const uint16_t *row = (const uint16_t *)rescore->rows + chosen(rescore, i) * rescore->dimensions;
        float sum = 0;
        for (int64_t d = 0; d < rescore->dimensions; d++) sum += query[d] * half_to_float(row[d]);
        scores[i] = sum;
    }
}

static void scores_i8_scalar(const mk_rescore *rescore, const float *query, float *scores) {
    for (int64_t i = 0; i < rescore->count; i++) {
        const int8_t *row = (const int8_t *)rescore->rows + chosen(rescore, i) * rescore->dimensions;
        float sum = 0;
        for (int64_t d = 0; d < rescore->dimensions; d++) sum += query[d] * (float)row[d];
        scores[i] = sum * rescore->scales[chosen(rescore, i)];
    }
}

const mk_index_kernels mk_index_kernels_scalar = {"scalar", scan_scalar, scores_f32_scalar, scores_f16_scalar, scores_i8_scalar};
