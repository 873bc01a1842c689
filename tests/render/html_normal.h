#ifndef TESTS_RENDER_HTML_NORMAL_H
#define TESTS_RENDER_HTML_NORMAL_H

/* HTML without what two writers may do differently and still say the same: order and kind of attributes that are not
 * about content, entities, line feeds beside blocks, spaces at their end, how a check box is written. For HTML written
 * by a program: well formed. */
#include "crdt/base/buf.h"

void html_normal(struct span html, struct buf *out);

#endif
