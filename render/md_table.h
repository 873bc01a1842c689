#ifndef RENDER_MD_TABLE_H
#define RENDER_MD_TABLE_H

/* A table as GFM pipes, its columns padded by display width. */
#include <stdbool.h>
#include "crdt/base/buf.h"
#include "render/md_inline.h"
#include "render/note_tree.h"

/* Whether pipes can say it: one head row, no spans or colours, one paragraph in each cell, one alignment per column. */
bool md_table_is_simple(const struct note_node *table);
/* Appends the lines of a simple table, each with its line feed. */
int md_table_write(const struct note_node *table, struct md_inline *inlines, struct buf *out) MUST_CHECK;
/* Columns of a terminal that the text takes. */
size_t md_table_width(struct span text);

#endif
