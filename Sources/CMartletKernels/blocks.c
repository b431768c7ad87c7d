#include "martlet_blocks.h"
