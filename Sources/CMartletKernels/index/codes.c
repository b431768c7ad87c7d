// One-bit codes by RaBitQ: Gao, Long: RaBitQ, quantizing high-dimensional vectors with a theoretical error bound (SIGMOD 2024).
//
// The rotation is random signs and Walsh-Hadamard transforms by turns (Ailon, Chazelle: The fast Johnson-Lindenstrauss transform, 2009).
// A transform takes a power of two of the numbers: the first ones, then the last ones. Where that leaves some out, each round ends with
// rotations by 45 degrees between the two halves.
#include "../half.h"
#include "../include/martlet_index.h"
#include <math.h>

MK_CLONES static void transform(float *x, int64_t n, int64_t lanes) {
    for (int64_t step = lanes; step < n * lanes; step *= 2)
        for (int64_t start = 0; start < n * lanes; start += 2 * step)
            for (int64_t i = start; i < start + step; i++) {
                const float a = x[i], b = x[i + step];
                x[i] = a + b;
                x[i + step] = a - b;
            }
}

MK_CLONES static void turn_halves(float *x, int64_t half) {
    for (int64_t i = 0; i < half; i++) {
        const float a = x[i], b = x[i + half];
        x[i] = a + b;
        x[i + half] = a - b;
    }
}

MK_CLONES static void scale(float *x, int64_t n, float by) {
    for (int64_t i = 0; i < n; i++) x[i] *= by;
}

MK_CLONES static void flip(float *x, int64_t n, int64_t lanes, const uint8_t *signs) {
    for (int64_t i = 0; i < n; i++) {
        const float sign = signs[i / 8] >> (i % 8) & 1 ? -1.0f : 1.0f;
        for (int64_t l = 0; l < lanes; l++) x[i * lanes + l] *= sign;
    }
}

void mk_rotate(float *x, int64_t n, int64_t lanes, const uint8_t *signs) {
    int64_t power = 64;
    while (2 * power <= n) power *= 2;
    for (int64_t round = 0; round < MK_ROTATION_ROUNDS; round++) {
        flip(x, n, lanes, signs + round * n / 8);
        const int64_t start = round % 2 == 0 ? 0 : n - power;
        transform(x + start * lanes, power, lanes);
        scale(x + start * lanes, power * lanes, 1.0f / sqrtf((float)power));
        if (power == n) continue;
        turn_halves(x, n / 2 * lanes);
        scale(x, n * lanes, 0.70710678f);
    }
}

int64_t mk_block_bytes(int64_t padded) { return padded / 8 * 64 + 64 * 4; }

MK_CLONES static void residuals(
    const float *rows, int64_t count, int64_t dimensions, int64_t padded, const float *mean, float *x) {
    memset(x, 0, (size_t)(padded * 64) * sizeof(float));
    for (int64_t row = 0; row < count; row++)
        for (int64_t d = 0; d < dimensions; d++) x[d * 64 + row] = rows[row * dimensions + d] - mean[d];
}

MK_CLONES static void norms(const float *x, int64_t padded, float *squares, float *sums) {
    memset(squares, 0, 64 * sizeof(float));
    memset(sums, 0, 64 * sizeof(float));
    for (int64_t d = 0; d < padded; d++)
        for (int64_t row = 0; row < 64; row++) {
            const float value = x[d * 64 + row];
            squares[row] += value * value;
            sums[row] += fabsf(value);
        }
}

void mk_code_block(
    const float *rows, int64_t count, int64_t dimensions, int64_t padded, const float *mean, const uint8_t *signs, uint8_t *block,
    float *scratch) {
    float squares[64], sums[64];
    residuals(rows, count, dimensions, padded, mean, scratch);
    mk_rotate(scratch, padded, 64, signs);
    norms(scratch, padded, squares, sums);
    memset(block, 0, (size_t)padded * 8);
    for (int64_t d = 0; d < padded; d++) {
        uint8_t *column = block + d / 8 * 64;
        const float *values = scratch + d * 64;
        for (int64_t row = 0; row < 32; row++) column[2 * row] |= (uint8_t)((values[row] > 0) << (d % 8));
        for (int64_t row = 0; row < 32; row++) column[2 * row + 1] |= (uint8_t)((values[row + 32] > 0) << (d % 8));
    }
    float *factors = (float *)(block + padded * 8);
    for (int64_t row = 0; row < 64; row++) factors[row] = row < count && sums[row] > 0 ? squares[row] / sums[row] : 0;
}

// The code gives each number of the residual its sign, so the estimate is a sum of +q and -q. An entry is that sum over four dimensions,
// plus the sum of magnitudes, which keeps it from 0 to twice that; the largest entry of all becomes 63.
void mk_query_tables(const float *rotated, int64_t padded, uint8_t *tables, float *step, float *offset) {
    float largest = 0, all = 0;
    for (int64_t d = 0; d < padded; d += 4) {
        const float sum = fabsf(rotated[d]) + fabsf(rotated[d + 1]) + fabsf(rotated[d + 2]) + fabsf(rotated[d + 3]);
        largest = sum > largest ? sum : largest;
        all += sum;
    }
    *step = largest > 0 ? 2 * largest / 63 : 1;
    *offset = all;
    const float inverse = 1 / *step;
    for (int64_t d = 0; d < padded; d += 4)
        for (int code = 0; code < 16; code++) {
            float entry = 0;
            for (int i = 0; i < 4; i++)
                if ((code >> i & 1) == (rotated[d + i] > 0)) entry += 2 * fabsf(rotated[d + i]);
            const float rounded = entry * inverse + 0.5f;
            tables[d * 4 + code] = rounded < 63 ? (uint8_t)rounded : 63;
        }
}

MK_CLONES void mk_add_to_mean(const float *x, double *sums, int64_t count) {
    for (int64_t i = 0; i < count; i++) sums[i] += (double)x[i];
}

// Rounding to nearest even by one addition for halves that are not normal, and by carrying into the bits above for the others.
MK_CLONES void mk_half_from_float(const float *x, uint16_t *out, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const uint32_t bits = bits_of(x[i]), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
        const uint32_t tiny = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
        const uint32_t normal = (magnitude + 0xfff + (magnitude >> 13 & 1) - (112u << 23)) >> 13;
        const uint32_t large = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
        const uint32_t half = magnitude >= 0x477ff000 ? large : magnitude < (113u << 23) ? tiny : normal;
        out[i] = (uint16_t)(sign | half);
    }
}

MK_CLONES void mk_float_from_half(const uint16_t *x, float *out, int64_t count) {
    for (int64_t i = 0; i < count; i++) out[i] = half_to_float(x[i]);
}
