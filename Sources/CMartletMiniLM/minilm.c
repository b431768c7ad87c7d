#include "martlet_minilm.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char minilm[] __attribute__((aligned(64))) = {
#embed "data/all-MiniLM-L6-v2.gguf"
};

const void *martlet_minilm_bytes(void) { return minilm; }
size_t martlet_minilm_size(void) { return sizeof minilm; }
