#include "martlet.h"

// Programs that were compiled against ABI 1 rely on these places. A change of one of them is a new MARTLET_ABI_VERSION.
_Static_assert(MARTLET_ABI_VERSION == 1, "the places below are those of ABI 1");
_Static_assert(sizeof(martlet_texts) == 4 * sizeof(void *) && offsetof(martlet_texts, count) == 3 * sizeof(void *), "martlet_texts");
_Static_assert(sizeof(martlet_progress) == 2 * sizeof(void *), "martlet_progress");
_Static_assert(offsetof(martlet_usage, truncated_texts) == 24, "martlet_usage");
_Static_assert(offsetof(martlet_rows, values) == 4 * sizeof(void *), "martlet_rows");
_Static_assert(offsetof(martlet_error, index) == sizeof(int64_t) + 4 * sizeof(void *), "martlet_error");

int32_t martlet_abi_version(void) { return MARTLET_ABI_VERSION; }
