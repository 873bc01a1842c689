#ifndef RENDER_MD_TABLE_H
#define RENDER_MD_TABLE_H

/* A table as GFM pipes, its columns padded by display width. */
#include <stdbool.h>
#include "crdt/base/buf.h"
#include "render/md_inline.h"
#include "render/note_tree.h"

/* Appends the lines of a table that is simple, each with its line feed: one head row, no spans or colours, one
 * paragraph in each cell, one alignment per column. Cozy's numbers are a column of their own.
 *
 * `flat`: of one that is not simple too; a cell is repeated in all places that it spans, its blocks stand in one line
 * with <br> between, and a table without a head gets an empty one.
 *
 * RC_LIMIT, and nothing appended: it is not simple, has no cells, or spans make much more of it than there is.
 * RC_NOMEM, which shows in `inlines` where their own memory is meant. */
int md_table_write(const struct note_node *table, bool flat, struct md_inline *inlines, struct buf *out) MUST_CHECK;

#endif
