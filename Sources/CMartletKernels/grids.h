// The points of GGML's IQ formats. A point is 16 bits: two bits for each of 8 coordinates, or four bits for each of 4, from the first
// coordinate up. They say which level the coordinate has.
#ifndef MARTLET_GRIDS_H
#define MARTLET_GRIDS_H
#include <stddef.h>
#include <stdint.h>

extern const uint16_t mk_grid_iq2_xxs[256];
extern const uint16_t mk_grid_iq2_xs[512];
extern const uint16_t mk_grid_iq2_s[1024];
extern const uint16_t mk_grid_iq3_xxs[256];
extern const uint16_t mk_grid_iq3_s[512];
extern const uint16_t mk_grid_iq1[2048];

// Decodes the formats of 256 elements that hold points; -1 for another type.
int mk_decode_points(int type, const uint8_t *src, size_t n, float *dst);

#endif
