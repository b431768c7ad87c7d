// Rows of floats of other widths than 32 and 16 bits; see smallfloats.c for their layouts.
#ifndef MARTLET_SMALLFLOATS_H
#define MARTLET_SMALLFLOATS_H
#include <stddef.h>
#include <stdint.h>

void mk_decode_f64(const uint8_t *src, size_t n, float *dst);
void mk_decode_e4m3(const uint8_t *src, size_t n, float *dst);
void mk_decode_e5m2(const uint8_t *src, size_t n, float *dst);
void mk_decode_e8m0(const uint8_t *src, size_t n, float *dst);
void mk_decode_i8(const uint8_t *src, size_t n, float *dst);
// Two elements a byte, the low half first, without a scale. `n` is even.
void mk_decode_e2m1(const uint8_t *src, size_t n, float *dst);
// Blocks of 32 and of 64 elements.
void mk_decode_mxfp4(const uint8_t *src, size_t blocks, float *dst);
void mk_decode_nvfp4(const uint8_t *src, size_t blocks, float *dst);

#endif
