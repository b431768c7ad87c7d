// Packs weights of 4 bits: see mk_pack_int4. Every instruction set packs the same bits, so no sum here may be fused or reordered.
#pragma clang fp contract(off)
#include "half.h"
#include "include/martlet_kernels.h"
#include <math.h>
#include <string.h>

enum { PART = MK_INT4_PART, PARTS = MK_INT8_GROUP / PART, LANES = 8 };

typedef struct {
    int factor, zero;
    uint8_t q[PART];
} part;

// A part's numbers, in units of the scale, to the nearest factor * q - zero. Eight sums of what is lost, as one would wait for each addition.
static inline __attribute__((always_inline)) float round_part(const float *restrict x, float factor, float zero, float *restrict q) {
    const float inverse = 1 / factor;
    float lost[LANES] = {0};
    for (int i = 0; i < PART; i += LANES)
        for (int l = 0; l < LANES; l++) {
            // Round to nearest even by the addition of 1.5 * 2^23.
            float code = (x[i + l] + zero) * inverse + 12582912.f;
            code -= 12582912.f;
            code = code < 0 ? 0 : code;
            code = code > 15 ? 15 : code;
            const float value = code * factor - zero, off = x[i + l] - value, square = off * off;
            q[i + l] = code;
            lost[l] = lost[l] + square;
        }
    return ((lost[0] + lost[4]) + (lost[1] + lost[5])) + ((lost[2] + lost[6]) + (lost[3] + lost[7]));
}

// Of the factor that spans the part and the next lower one, and of three zeros around the one that centres it, those that lose least. Where
// zeros fill up the part, the zero is one of its steps: a number beyond k is then exactly 0, as kernels that take 128 from inputs expect.
MK_CLONES static void best_part(const float *restrict x, float low, float high, int is_filled, part *restrict best) {
    const int widest = (int)ceilf((high - low) / 15);
    float least = INFINITY, q[PART], kept[PART] = {0};
    for (int factor = widest > 1 ? widest - 1 : 1; factor <= widest && factor <= MK_INT4_FACTORS; factor++)
        for (int shift = -1; shift <= 1; shift++) {
            const float f = (float)factor, centre = 7.5f * f - (low + high) / 2 + 0.25f * f * (float)shift;
            // Every weight is one of int8.
            const int step = is_filled ? factor : 1, from = 15 * factor > 127 ? (15 * factor - 127 + step - 1) / step * step : 0;
            const int last = is_filled && 15 * factor < 128 ? 15 * factor : 128 / step * step;
            const int rounded = (int)floorf(centre / (float)step + 0.5f) * step;
            const int zero = rounded < from ? from : rounded > last ? last : rounded;
            const float lost = round_part(x, f, (float)zero, q);
            if (!(lost < least)) continue;
            least = lost;
            best->factor = factor;
            best->zero = zero;
            memcpy(kept, q, sizeof q);
        }
    for (int i = 0; i < PART; i++) best->q[i] = (uint8_t)kept[i];
}

typedef struct {
    float low[PARTS], high[PARTS], most, widest, wrong;
} group_range;

// What the numbers of each part span, with zero. `wrong` is NaN if one of them is NaN or infinite.
MK_CLONES static void span(const float *restrict x, int64_t parts, group_range *restrict range) {
    float wrong[LANES] = {0};
    range->most = range->widest = 0;
    for (int64_t p = 0; p < parts; p++) {
        float low[LANES] = {0}, high[LANES] = {0};
        for (int i = 0; i < PART; i += LANES)
            for (int l = 0; l < LANES; l++) {
                const float number = x[p * PART + i + l];
                low[l] = number < low[l] ? number : low[l];
                high[l] = number > high[l] ? number : high[l];
                wrong[l] += 0 * number;
            }
        for (int l = 1; l < LANES; l++) {
            low[0] = fminf(low[0], low[l]);
            high[0] = fmaxf(high[0], high[l]);
        }
        range->low[p] = low[0];
        range->high[p] = high[0];
        range->most = fmaxf(range->most, fmaxf(-low[0], high[0]));
        range->widest = fmaxf(range->widest, high[0] - low[0]);
    }
    range->wrong = 0;
    for (int l = 0; l < LANES; l++) range->wrong += wrong[l];
}

// The parts of a group, whose scale is returned: one that the largest number and the widest part need. A NaN is kept by the scale.
static float best_group(float *x, int64_t count, int64_t parts, part *best) {
    group_range range;
    span(x, parts, &range);
    for (int64_t p = 0; p < parts; p++) best[p] = (part){.factor = 1};
    if (range.wrong != 0) return range.wrong;
    if (!(range.most > 1e-30f)) return 0;
    const float scale = fmaxf(range.most / 127, range.widest / (15 * MK_INT4_FACTORS)), inverse = 1 / scale;
    for (int64_t i = 0; i < parts * PART; i++) x[i] *= inverse;
    for (int64_t p = 0; p < parts; p++)
        best_part(x + p * PART, range.low[p] * inverse, range.high[p] * inverse, (p + 1) * PART > count, best + p);
    return scale;
}

// A row's share of a part of a panel: its factor, its zero, and in each byte of its units two codes.
static void write_part(const part *best, uint8_t *to, int64_t width, int64_t row) {
    to[row] = (uint8_t)best->factor;
    to[width + row] = (uint8_t)best->zero;
    for (int pair = 0; pair < PART / 8; pair++) {
        uint8_t bytes[4];
        for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(best->q[8 * pair + i] | best->q[8 * pair + 4 + i] << 4);
        memcpy(to + 2 * width + (pair * width + row) * 4, bytes, 4);
    }
}

void mk_pack_int4(const mk_pack *p, int64_t width) {
    const int64_t parts = (p->k + PART - 1) / PART, panel_bytes = parts * MK_INT4_PART_BYTES(width);
    memset(p->b, 0, (size_t)((p->n + width - 1) / width * panel_bytes));
    float x[MK_INT8_GROUP];
    part best[PARTS];
    for (int64_t n = 0; n < p->n; n++) {
        uint8_t *panel = (uint8_t *)p->b + n / width * panel_bytes;
        float sum = 0;
        for (int64_t first = 0; first < p->k; first += MK_INT8_GROUP) {
            const int64_t count = p->k - first < MK_INT8_GROUP ? p->k - first : MK_INT8_GROUP, own = (count + PART - 1) / PART;
            const float *w = p->w + n * p->ldw + first;
            memcpy(x, w, (size_t)count * sizeof *x);
            memset(x + count, 0, (size_t)(MK_INT8_GROUP - count) * sizeof *x);
            for (int64_t i = 0; p->w_scale && i < count; i++) x[i] *= p->w_scale[first + i];
            const float scale = best_group(x, count, own, best);
            int32_t all = 0;
            for (int64_t i = 0; i < own; i++) {
                write_part(best + i, panel + (first / PART + i) * MK_INT4_PART_BYTES(width), width, n % width);
                // What is beyond k meets inputs of zero.
                const int64_t real = count - i * PART < PART ? count - i * PART : PART;
                int32_t codes = 0;
                for (int64_t k = 0; k < real; k++) codes += best[i].q[k];
                all += codes * best[i].factor - (int32_t)real * best[i].zero;
            }
            p->b_scale[first / MK_INT8_GROUP * p->b_scale_stride + n] = scale;
            sum += scale * (float)all;
        }
        p->b_sum[n] = sum;
    }
}
