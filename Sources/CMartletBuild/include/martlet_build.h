/* What a build was made from. */
#pragma once

/* The commit that MARTLET_COMMIT named when the package was built, in hexadecimal; empty if it named none. */
const char *mb_commit(void);
