// SHA-256 (FIPS 180-4), for the digests that name model files.
#ifndef MARTLET_SHA256_H
#define MARTLET_SHA256_H

#include <stddef.h>
#include <stdint.h>

// The state before the first block.
void mk_sha256_begin(uint32_t state[8]);

// Adds `blocks` blocks of 64 bytes to the state, with the CPU's SHA instructions where it has them.
void mk_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks);

// The same in plain C, which the other is tested against.
void mk_sha256_blocks_scalar(uint32_t state[8], const uint8_t *bytes, size_t blocks);

#endif
