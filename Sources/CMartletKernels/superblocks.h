#ifndef MARTLET_SUPERBLOCKS_H
#define MARTLET_SUPERBLOCKS_H
#include <stddef.h>
#include <stdint.h>

// The sixteen levels of IQ4_NL and IQ4_XS, close together around 0.
extern const float mk_uneven_levels[16];

// Decodes `n` elements of a format of 256 elements a block. Returns 0, or -1 if the type is none or `n` is no whole number of blocks.
int mk_decode_superblocks(int type, const uint8_t *src, size_t n, float *dst);

#endif
