// The page that the server shows at `/`, in the binary's read-only data.
#ifndef MARTLET_PAGE_H
#define MARTLET_PAGE_H
#include <stddef.h>

const void *martlet_page_bytes(void);
size_t martlet_page_size(void);

#endif
