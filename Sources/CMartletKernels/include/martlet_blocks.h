#ifndef MARTLET_BLOCKS_H
#define MARTLET_BLOCKS_H
#include <stdint.h>
#include <stddef.h>
#endif
