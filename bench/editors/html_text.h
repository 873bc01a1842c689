#ifndef BENCH_EDITORS_HTML_TEXT_H
#define BENCH_EDITORS_HTML_TEXT_H

/* Text into HTML and SVG. */
#include "crdt/base/buf.h"

/* With the characters that mean something there as references. */
void html_put(struct buf *out, const char *text);

#endif
