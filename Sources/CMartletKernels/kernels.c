#include "martlet_kernels.h"
