#ifndef MARTLET_KERNELS_H
#define MARTLET_KERNELS_H
#include <stdint.h>
#include <stddef.h>
#include "martlet_blocks.h"
#endif
