#ifndef TESTS_RENDER_HTML_SAFE_H
#define TESTS_RENDER_HTML_SAFE_H

/* Whether HTML holds nothing but the tags, attributes, URLs and styles that the renderer may write. Strict on purpose:
 * any other `<`, an attribute without double quotes, a name not in the lists is a fault. */
#include "crdt/base/span.h"

/* NULL when all is well, else what is wrong; *at is where. */
const char *html_safe(struct span html, size_t *at);

#endif
