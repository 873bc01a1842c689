#ifndef RENDER_MD_WIDTH_H
#define RENDER_MD_WIDTH_H

/* How wide text is on a terminal, by which the columns of a table are padded. */
#include "crdt/base/span.h"

/* Columns that the text takes; a byte that is no UTF-8 counts as one. */
size_t md_width(struct span text);

#endif
