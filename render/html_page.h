#ifndef RENDER_HTML_PAGE_H
#define RENDER_HTML_PAGE_H

/* What stands around a fragment to make it a document of its own: head, style for screen and print, policy. */
#include <stdbool.h>
#include "crdt/base/buf.h"

/* `lang` and `title` are text. `header`: the title is also shown, as the page's one h1. `images`: data: images load. */
void html_page_begin(struct buf *out, struct span lang, struct span title, bool header, bool images);
void html_page_end(struct buf *out);

#endif
