#ifndef RENDER_TABLE_GRID_H
#define RENDER_TABLE_GRID_H

/* Which cell of a table covers which place, once spans are laid out as HTML does ("forming a table"): row by row, each
 * cell at the first free place, as wide and as high as it says, but not beyond the last row. */
#include <stddef.h>
#include "render/note_tree.h"

struct table_grid {
    size_t rows, columns;
    const struct note_node **cells; /* rows * columns; NULL where no cell is */
};

/* RC_LIMIT: spans make many more places than there are cells, or more than TABLE_GRID_COLUMNS columns. RC_NOMEM. */
int table_grid_init(struct table_grid *g, const struct note_node *table) MUST_CHECK;
void table_grid_finish(struct table_grid *g); /* NULL and a zeroed grid are fine */

#define TABLE_GRID_COLUMNS 1000

#endif
