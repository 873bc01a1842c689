#include "render/table_grid.h"
#include <stdlib.h>

/* Where no cell spans anything, places are cells in their order. Else there are two passes over the cells with the same
 * steps: the first finds the number of columns, the second fills the places.
 * `until` says for each column met so far in which row it is free again. A step costs a place of the grid at most, and
 * there are no more than PLACES_A_CELL of them for each cell, so that work is linear in the cells. */
#define PLACES_A_CELL 16
#define PLACES_ANYWAY 4096

struct layout {
    struct table_grid *grid;
    size_t row, most; /* places */
    bool filling;
    size_t met; /* columns */
    size_t until[TABLE_GRID_COLUMNS];
};

static size_t at_least_one(uint32_t span)
{
    return span > 1 ? span : 1;
}

/* Puts a cell at `column`, or the first free one behind; false when there is no room. */
static bool put_cell(struct layout *l, const struct note_node *cell, size_t *column)
{
    size_t width = at_least_one(cell->props->colspan), height = at_least_one(cell->props->rowspan);

    while (*column < l->met && l->until[*column] > l->row) {
        ++*column;
    }
    if (*column + width > TABLE_GRID_COLUMNS) {
        return false;
    }
    for (size_t end = *column + width; *column < end; ++*column) {
        l->until[*column] = l->row + height;
        for (size_t row = l->row; l->filling && row < l->row + height && row < l->grid->rows; row++) {
            l->grid->cells[row * l->grid->columns + *column] = cell;
        }
    }
    l->met = *column > l->met ? *column : l->met;
    l->grid->columns = l->met > l->grid->columns ? l->met : l->grid->columns;
    return l->grid->columns * (l->row + 1) <= l->most;
}

static bool lay_out(struct layout *l, const struct note_node *table)
{
    l->row = 0;
    l->met = 0;
    for (const struct note_node *row = table->first; row != NULL; row = row->next, l->row++) {
        size_t column = 0;

        for (const struct note_node *cell = row->first; cell != NULL; cell = cell->next) {
            if (!put_cell(l, cell, &column)) {
                return false;
            }
        }
    }
    return l->grid->columns * l->row <= l->most;
}

struct count {
    size_t rows, cells, columns; /* columns: cells of the longest row */
    bool spans;
};

static struct count count_cells(const struct note_node *table)
{
    struct count count = {0};

    for (const struct note_node *row = table->first; row != NULL; row = row->next) {
        size_t before = count.cells;

        for (const struct note_node *cell = row->first; cell != NULL; cell = cell->next) {
            count.spans = count.spans || cell->props->colspan > 1 || cell->props->rowspan > 1;
            count.cells++;
        }
        count.rows++;
        count.columns = count.cells - before > count.columns ? count.cells - before : count.columns;
    }
    return count;
}

static void fill_in_order(struct table_grid *g, const struct note_node *table)
{
    const struct note_node **place = g->cells;

    for (const struct note_node *row = table->first; row != NULL; row = row->next, place += g->columns) {
        size_t column = 0;

        for (const struct note_node *cell = row->first; cell != NULL; cell = cell->next) {
            place[column++] = cell;
        }
    }
}

static int allocate(struct table_grid *g)
{
    g->cells = calloc(g->rows * g->columns + 1, sizeof(*g->cells));
    return g->cells != NULL ? RC_OK : RC_NOMEM;
}

static int lay_out_spans(struct table_grid *g, const struct note_node *table, size_t most)
{
    struct layout l;
    int rc = RC_OK;

    l.grid = g;
    l.filling = false;
    l.most = most;
    if (!lay_out(&l, table)) {
        return RC_LIMIT;
    }
    rc = allocate(g);
    if (rc != RC_OK) {
        return rc;
    }
    l.filling = true;
    return lay_out(&l, table) ? RC_OK : RC_LIMIT;
}

int table_grid_init(struct table_grid *g, const struct note_node *table)
{
    struct count count = count_cells(table);
    size_t most = PLACES_A_CELL * count.cells + PLACES_ANYWAY;
    int rc = RC_OK;

    *g = (struct table_grid){.rows = count.rows};
    if (count.spans) {
        return lay_out_spans(g, table, most);
    }
    if (count.columns > TABLE_GRID_COLUMNS || count.columns * count.rows > most) {
        return RC_LIMIT;
    }
    g->columns = count.columns;
    rc = allocate(g);
    if (rc == RC_OK) {
        fill_in_order(g, table);
    }
    return rc;
}

void table_grid_finish(struct table_grid *g)
{
    if (g != NULL) {
        free(g->cells);
        *g = (struct table_grid){0};
    }
}
