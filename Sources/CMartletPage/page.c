#include "martlet_page.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

// One page: its parts in the order in which the browser reads them.
static const unsigned char page[] = {
#embed "page/head.html"
    ,
#embed "page/style.css"
    ,
#embed "page/body.html"
    ,
#embed "page/state.js"
    ,
#embed "page/server.js"
    ,
#embed "page/files.js"
    ,
#embed "page/numbers.js"
    ,
#embed "page/heat.js"
    ,
#embed "page/map.js"
    ,
#embed "page/search.js"
    ,
#embed "page/models.js"
    ,
#embed "page/collections.js"
    ,
#embed "page/records.js"
    ,
#embed "page/request.js"
    ,
#embed "page/events.js"
    ,
#embed "page/end.html"
};

const void *martlet_page_bytes(void) { return page; }
size_t martlet_page_size(void) { return sizeof page; }
