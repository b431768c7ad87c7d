#include "martlet_build.h"

/* Package.swift defines MARTLET_COMMIT as hexadecimal digits without quotes, or as nothing. */
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *mb_commit(void) { return TEXT(MARTLET_COMMIT); }
