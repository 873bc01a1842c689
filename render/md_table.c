#include "render/md_table.h"
#include <stdlib.h>
#include <utf8proc.h>

/* Cells are written once into `text`, then measured and copied out with their padding. Columns are padded up to
 * WIDEST, so that one long cell does not multiply the size of the table. */
#define WIDEST 60

struct cell {
    size_t at, len, width;
};

struct grid {
    size_t columns, rows;
    struct cell *cells;
    size_t *widths;          /* of columns */
    enum note_align *aligns; /* of columns */
    bool *decided;           /* whether a cell has had its say in the alignment */
    struct buf text;
};

/* ---- Simple or not -------------------------------------------------------------------------------- */

static bool is_simple_cell(const struct note_node *cell)
{
    const struct note_props *p = cell->props;
    const struct note_node *only = cell->first;

    if (p->colspan > 1 || p->rowspan > 1 || p->background.len > 0 || p->color.len > 0) {
        return false;
    }
    return only == NULL || (only->next == NULL && only->kind == NOTE_PARAGRAPH && only->props->color.len == 0 &&
                            only->props->background.len == 0);
}

static enum note_align column_align(const struct note_node *cell)
{
    enum note_align align = note_cell_align(cell);

    return align == NOTE_LEFT ? NOTE_ALIGN_NONE : align;
}

static bool is_blank_cell(const struct note_node *cell)
{
    return cell->first == NULL || note_is_blank(cell->first);
}

/* Whether the cell has a say in how its column is aligned. */
static bool has_align(const struct note_node *cell)
{
    return cell->props->align != NOTE_ALIGN_NONE || !is_blank_cell(cell);
}

/* The row against the head: as many cells, aligned alike. */
static bool matches_head(const struct note_node *row, const struct note_node *head)
{
    const struct note_node *a = row->first, *b = head->first;

    for (; a != NULL && b != NULL; a = a->next, b = b->next) {
        if (a->kind != NOTE_CELL || !is_simple_cell(a)) {
            return false;
        }
        if (column_align(a) != column_align(b) && has_align(a) && has_align(b)) {
            return false;
        }
    }
    return a == NULL && b == NULL;
}

bool md_table_is_simple(const struct note_node *table)
{
    const struct note_node *head = table->first;

    if (head == NULL || !head->head || table->props->numbered) {
        return false;
    }
    for (const struct note_node *cell = head->first; cell != NULL; cell = cell->next) {
        if (!is_simple_cell(cell) || note_cell_align(cell) == NOTE_JUSTIFY) {
            return false;
        }
    }
    for (const struct note_node *row = head->next; row != NULL; row = row->next) {
        if (!matches_head(row, head)) {
            return false;
        }
    }
    return true;
}

/* ---- Measuring --------------------------------------------------------------------------------------- */

size_t md_table_width(struct span text)
{
    size_t width = 0, at = 0;

    while (at < text.len) {
        utf8proc_int32_t point = 0;
        utf8proc_ssize_t len = 1;

        if (text.data[at] < 128) {
            width++;
        } else {
            len = utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.len - at), &point);
            width += len > 0 ? (size_t)utf8proc_charwidth(point) : 1;
        }
        at += len > 0 ? (size_t)len : 1;
    }
    return width;
}

static size_t count_children(const struct note_node *node)
{
    size_t count = 0;

    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        count++;
    }
    return count;
}

static bool grid_init(struct grid *g, const struct note_node *table)
{
    *g = (struct grid){.columns = count_children(table->first), .rows = count_children(table)};
    g->cells = calloc(g->columns * g->rows, sizeof(*g->cells));
    g->widths = calloc(g->columns, sizeof(*g->widths));
    g->aligns = calloc(g->columns, sizeof(*g->aligns));
    g->decided = calloc(g->columns, sizeof(*g->decided));
    return g->decided != NULL && g->cells != NULL && g->widths != NULL && g->aligns != NULL;
}

static void grid_finish(struct grid *g)
{
    free(g->cells);
    free(g->widths);
    free(g->aligns);
    free(g->decided);
    buf_finish(&g->text);
}

static int fill_cell(struct grid *g, struct cell *cell, const struct note_node *node, struct md_inline *inlines)
{
    cell->at = g->text.len;
    md_inline_begin(inlines, MD_CELL);
    if (!is_blank_cell(node)) {
        md_inline_add(inlines, node->first, 0);
    }
    if (md_inline_end(inlines, &g->text) != RC_OK) {
        return inlines->rc;
    }
    cell->len = g->text.len - cell->at;
    cell->width = md_table_width(buf_slice(&g->text, cell->at, cell->len));
    return RC_OK;
}

/* A column is aligned as its cells are; left only when none of them says nothing. */
static void join_align(struct grid *g, size_t column, const struct note_node *cell)
{
    enum note_align align = note_cell_align(cell);

    if (has_align(cell) && !g->decided[column]) {
        g->aligns[column] = align;
        g->decided[column] = true;
    } else if (has_align(cell) && align != g->aligns[column]) {
        g->aligns[column] = NOTE_ALIGN_NONE;
    }
}

static int fill(struct grid *g, const struct note_node *table, struct md_inline *inlines)
{
    struct cell *cell = g->cells;

    for (const struct note_node *row = table->first; row != NULL; row = row->next) {
        size_t column = 0;

        for (const struct note_node *node = row->first; node != NULL; node = node->next, column++, cell++) {
            int rc = fill_cell(g, cell, node, inlines);
            size_t width = cell->width > WIDEST ? WIDEST : cell->width;

            if (rc != RC_OK) {
                return rc;
            }
            g->widths[column] = width > g->widths[column] ? width : g->widths[column];
            join_align(g, column, node);
        }
    }
    for (size_t i = 0; i < g->columns; i++) {
        g->widths[i] = g->widths[i] < 3 ? 3 : g->widths[i];
    }
    return RC_OK;
}

/* ---- Writing --------------------------------------------------------------------------------------------- */

static void put_many(struct buf *out, uint8_t byte, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_put_u8(out, byte);
    }
}

static void put_cell(const struct grid *g, const struct cell *cell, size_t column, struct buf *out)
{
    size_t gap = cell->width < g->widths[column] ? g->widths[column] - cell->width : 0;
    size_t before = g->aligns[column] == NOTE_RIGHT ? gap : g->aligns[column] == NOTE_CENTER ? gap / 2 : 0;

    buf_put_u8(out, ' ');
    put_many(out, ' ', before);
    buf_put(out, cell->len > 0 ? (const void *)(g->text.data + cell->at) : "", cell->len);
    put_many(out, ' ', gap - before);
    buf_put_str(out, " |");
}

static void put_delimiter(const struct grid *g, size_t column, struct buf *out)
{
    bool left = g->aligns[column] == NOTE_LEFT || g->aligns[column] == NOTE_CENTER;
    bool right = g->aligns[column] == NOTE_RIGHT || g->aligns[column] == NOTE_CENTER;

    buf_put_str(out, left ? " :" : " -");
    put_many(out, '-', g->widths[column] - 2);
    buf_put_str(out, right ? ": |" : "- |");
}

static void put_rows(const struct grid *g, struct buf *out)
{
    for (size_t row = 0; row < g->rows; row++) {
        buf_put_u8(out, '|');
        for (size_t column = 0; column < g->columns; column++) {
            put_cell(g, &g->cells[row * g->columns + column], column, out);
        }
        buf_put_u8(out, '\n');
        if (row == 0) {
            buf_put_u8(out, '|');
            for (size_t column = 0; column < g->columns; column++) {
                put_delimiter(g, column, out);
            }
            buf_put_u8(out, '\n');
        }
    }
}

int md_table_write(const struct note_node *table, struct md_inline *inlines, struct buf *out)
{
    struct grid g;
    int rc = RC_NOMEM;

    if (grid_init(&g, table)) {
        rc = fill(&g, table, inlines);
    }
    if (rc == RC_OK) {
        put_rows(&g, out);
        rc = g.text.rc != RC_OK ? g.text.rc : out->rc;
    }
    grid_finish(&g);
    return rc;
}
