#include "martlet_page.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page[] = {
#embed "page/index.html"
};

const void *martlet_page_bytes(void) { return page; }
size_t martlet_page_size(void) { return sizeof page; }
