// The default model, all-MiniLM-L6-v2 as a GGUF file, in the binary's read-only data: only the pages that are read cost memory.
#ifndef MARTLET_MINILM_H
#define MARTLET_MINILM_H
#include <stddef.h>

const void *martlet_minilm_bytes(void);
size_t martlet_minilm_size(void);

#endif
