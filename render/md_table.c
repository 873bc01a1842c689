#include "render/md_table.h"
#include <stdint.h>
#include <string.h>
#include "render/md_width.h"
#include "render/table_grid.h"

/* Cells are written once into `text`, then measured and copied out with their padding. Columns are padded up to
 * WIDEST, so that one long cell does not multiply the size of the table. A simple table's cells are taken as they come;
 * those of others are laid out first (table_grid.h).
 *
 * Copying and padding go by STEPs, up to one too many: where they read and write, that much more room is there. */
#define WIDEST     60
#define STEP       16
#define TEXT_FIRST 1024 /* bytes made room for at first */

struct cell {
    size_t at, len, width;
};

struct column {
    size_t width;
    enum note_align align;
    bool decided; /* whether a cell has had its say in the alignment */
};

struct grid {
    size_t rows;
    size_t lead;  /* 1: a column of numbers stands before the others */
    size_t count; /* of columns, the lead included */
    struct column *columns;
    struct cell *cells; /* rows * count, in the same memory as the columns */
    struct buf *text;   /* of the inlines' working memory */
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
    return cell->first == NULL || md_inline_is_blank(cell->first);
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

    if (head == NULL || !head->head) {
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

/* ---- Cells -------------------------------------------------------------------------------------------- */

static void begin_line(struct md_inline *inlines, bool *begun)
{
    if (*begun) {
        md_inline_add_break(inlines);
    }
    *begun = true;
}

/* The words of one block without blocks in it. */
static void add_block(struct md_inline *inlines, const struct note_node *block, bool *begun)
{
    bool text = note_content_of(block) == NOTE_HOLDS_TEXT;

    if (text || !note_is_blank(block)) {
        begin_line(inlines, begun);
    }
    for (const struct note_node *child = block->first; text && child != NULL; child = child->next) {
        md_inline_add_text(inlines, child->text, block->kind == NOTE_CODE ? 1u << NOTE_INLINE_CODE : 0);
    }
    if (!text) {
        md_inline_add(inlines, block, 0);
    }
    if (block->props->caption.len > 0) {
        begin_line(inlines, begun);
        md_inline_add_text(inlines, block->props->caption, 1u << NOTE_ITALIC);
    }
}

/* All that is in a cell, on one line. */
static void add_cell(struct md_inline *inlines, const struct note_node *cell)
{
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false, begun = false;

    note_walk_init(&walk, cell);
    while (note_walk_next(&walk, &node, &entering)) {
        enum note_content content = note_content_of(node);

        if (!entering || node == cell) {
            continue;
        }
        if (content == NOTE_HOLDS_INLINES || content == NOTE_HOLDS_TEXT) {
            add_block(inlines, node, &begun);
            note_walk_skip(&walk, node);
        } else if (note_class_of(node) == NOTE_AS_EITHER && !note_has_exit(node)) {
            add_block(inlines, node, &begun);
        } else if (node->props->title.len > 0) { /* of a panel, of details */
            begin_line(inlines, &begun);
            md_inline_add_text(inlines, node->props->title, 1u << NOTE_BOLD);
        }
    }
}

/* Not inlined: it is rare, and large. */
__attribute__((noinline)) static int write_blocks(struct grid *g, const struct note_node *cell,
                                                  struct md_inline *inlines)
{
    md_inline_begin(inlines, MD_CELL, (struct span){0});
    add_cell(inlines, cell);
    return md_inline_end(inlines, g->text);
}

static inline int write_cell(struct grid *g, const struct note_node *cell, struct md_inline *inlines)
{
    const struct note_node *only = cell->first;

    if (only != NULL && only->next == NULL && only->kind == NOTE_PARAGRAPH) {
        return md_inline_write(inlines, only, 0, MD_CELL, (struct span){0}, g->text);
    }
    return write_blocks(g, cell, inlines);
}

/* What was appended to the text from `at` on. */
static inline struct cell cell_from(const struct grid *g, size_t at)
{
    return (struct cell){at, g->text->len - at, md_width(buf_slice(g->text, at, g->text->len - at))};
}

/* ---- Filling ------------------------------------------------------------------------------------------------- */

static int grid_init(struct grid *g, const struct note_node *table, size_t columns, size_t rows, struct md_inline *m)
{
    int rc = RC_LIMIT;

    g->text = &m->cells;
    g->rows = rows;
    g->lead = table->props->numbered ? 1 : 0;
    g->count = columns + g->lead;
    if (columns == 0 || columns > TABLE_GRID_COLUMNS) {
        return rc;
    }
    buf_clear(g->text);
    buf_clear(&m->grid);
    rc = buf_reserve(&m->grid, g->count * sizeof(*g->columns) + g->count * rows * sizeof(*g->cells));
    if (rc != RC_OK) {
        return rc;
    }
    g->columns = (struct column *)(void *)m->grid.data;
    g->cells = (struct cell *)(void *)(g->columns + g->count);
    memset(g->columns, 0, g->count * sizeof(*g->columns));
    return buf_reserve(g->text, TEXT_FIRST);
}

/* A column is aligned as its cells are; left only when none of them says nothing. */
static inline void join_align(struct column *c, const struct note_node *cell)
{
    if (has_align(cell)) {
        enum note_align align = note_cell_align(cell);

        c->align = !c->decided || c->align == align ? align : NOTE_ALIGN_NONE;
        c->decided = true;
    }
}

static inline void widen(struct column *c, size_t width)
{
    width = width > WIDEST ? WIDEST : width;
    c->width = width > c->width ? width : c->width;
}

static void fill_number(struct grid *g, struct cell *cell, const struct note_node *row)
{
    size_t at = g->text->len;

    if (!row->head) {
        buf_printf(g->text, "%u", (unsigned)row->number);
    }
    *cell = cell_from(g, at);
    widen(&g->columns[0], cell->width);
}

/* Rows with as many cells as there are columns, each in a place of its own. */
static int fill_in_order(struct grid *g, const struct note_node *table, struct md_inline *inlines)
{
    struct cell *place = g->cells;

    for (const struct note_node *row = table->first; row != NULL; row = row->next) {
        struct column *column = g->columns + g->lead;

        if (g->lead > 0) {
            fill_number(g, place++, row);
        }
        for (const struct note_node *cell = row->first; cell != NULL; cell = cell->next, column++, place++) {
            size_t at = g->text->len;
            int rc = write_cell(g, cell, inlines);

            if (rc != RC_OK) {
                return rc;
            }
            *place = cell_from(g, at);
            join_align(column, cell);
            widen(column, place->width);
        }
    }
    return RC_OK;
}

/* One place of a laid out table. A cell that spans several is written in the first of them. */
static int fill_place(struct grid *g, const struct table_grid *places, size_t row, size_t column,
                      struct md_inline *inlines)
{
    const struct note_node *const *from = &places->cells[row * places->columns + column];
    struct cell *cell = &g->cells[row * g->count + g->lead + column];
    size_t at = g->text->len;
    int rc = RC_OK;

    if (from[0] == NULL) {
        *cell = (struct cell){0};
        return RC_OK;
    }
    if (column > 0 && from[0] == from[-1]) {
        *cell = cell[-1];
    } else if (row > 0 && from[0] == from[-(ptrdiff_t)places->columns]) {
        *cell = cell[-(ptrdiff_t)g->count];
    } else {
        rc = write_cell(g, from[0], inlines);
        *cell = cell_from(g, at);
    }
    join_align(&g->columns[g->lead + column], from[0]);
    widen(&g->columns[g->lead + column], cell->width);
    return rc;
}

static int fill_laid_out(struct grid *g, const struct note_node *table, const struct table_grid *places,
                         struct md_inline *inlines)
{
    size_t number = 0;
    int rc = RC_OK;

    for (const struct note_node *row = table->first; row != NULL; row = row->next, number++) {
        if (g->lead > 0) {
            fill_number(g, &g->cells[number * g->count], row);
        }
        for (size_t column = 0; rc == RC_OK && column < places->columns; column++) {
            rc = fill_place(g, places, number, column, inlines);
        }
    }
    return rc;
}

/* ---- Writing --------------------------------------------------------------------------------------------- */

static uint8_t *put_spaces(uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i += STEP) {
        memset(to + i, ' ', STEP);
    }
    return to + count;
}

static uint8_t *put_text(uint8_t *to, const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i += STEP) {
        memcpy(to + i, text + i, STEP);
    }
    return to + len;
}

static inline void put_cell(const struct grid *g, const struct cell *cell, const struct column *column, struct buf *out)
{
    size_t gap = cell->width < column->width ? column->width - cell->width : 0;
    size_t before = column->align == NOTE_RIGHT ? gap : column->align == NOTE_CENTER ? gap / 2 : 0;
    uint8_t *to;

    if (buf_reserve(out, gap + cell->len + 3 + STEP) != RC_OK) {
        return;
    }
    to = out->data + out->len;
    *to++ = ' ';
    to = put_spaces(to, before);
    to = put_text(to, g->text->data + cell->at, cell->len);
    to = put_spaces(to, gap - before + 1);
    *to++ = '|';
    out->len = (size_t)(to - out->data);
}

static void put_delimiter(const struct column *column, struct buf *out)
{
    bool left = column->align == NOTE_LEFT || column->align == NOTE_CENTER;
    bool right = column->align == NOTE_RIGHT || column->align == NOTE_CENTER;

    buf_put_str(out, left ? " :" : " -");
    buf_fill(out, '-', column->width - 2);
    buf_put_str(out, right ? ": |" : "- |");
}

static void put_delimiters(const struct grid *g, struct buf *out)
{
    buf_put_u8(out, '|');
    for (size_t i = 0; i < g->count; i++) {
        put_delimiter(&g->columns[i], out);
    }
    buf_put_u8(out, '\n');
}

/* `cells` NULL: empty ones. */
static void put_row(const struct grid *g, const struct cell *cells, struct buf *out)
{
    static const struct cell empty;

    buf_put_u8(out, '|');
    for (size_t i = 0; i < g->count; i++) {
        put_cell(g, cells == NULL ? &empty : &cells[i], &g->columns[i], out);
    }
    buf_put_u8(out, '\n');
}

static void put_rows(const struct grid *g, bool head, struct buf *out)
{
    if (!head) {
        put_row(g, NULL, out);
        put_delimiters(g, out);
    }
    for (size_t row = 0; row < g->rows; row++) {
        put_row(g, &g->cells[row * g->count], out);
        if (row == 0 && head) {
            put_delimiters(g, out);
        }
    }
}

/* All that is filled. */
static int put_grid(struct grid *g, bool head, struct buf *out)
{
    for (size_t i = 0; i < g->count; i++) {
        g->columns[i].width = g->columns[i].width < 3 ? 3 : g->columns[i].width;
    }
    if (buf_reserve(g->text, STEP) == RC_OK) {
        put_rows(g, head, out);
    }
    return g->text->rc != RC_OK ? g->text->rc : out->rc;
}

static int write_in_order(const struct note_node *table, struct md_inline *inlines, struct buf *out)
{
    size_t rows = 0, columns = 0;
    struct grid g;
    int rc;

    for (const struct note_node *row = table->first; row != NULL; row = row->next) {
        rows++;
    }
    for (const struct note_node *cell = table->first->first; cell != NULL; cell = cell->next) {
        columns++;
    }
    rc = grid_init(&g, table, columns, rows, inlines);
    rc = rc == RC_OK ? fill_in_order(&g, table, inlines) : rc;
    return rc == RC_OK ? put_grid(&g, true, out) : rc;
}

static int write_laid_out(const struct note_node *table, struct md_inline *inlines, struct buf *out)
{
    struct table_grid places;
    struct grid g;
    int rc = table_grid_init(&places, table);

    rc = rc == RC_OK ? grid_init(&g, table, places.columns, places.rows, inlines) : rc;
    rc = rc == RC_OK ? fill_laid_out(&g, table, &places, inlines) : rc;
    rc = rc == RC_OK ? put_grid(&g, table->first->head, out) : rc;
    table_grid_finish(&places);
    return rc;
}

int md_table_write(const struct note_node *table, bool flat, struct md_inline *inlines, struct buf *out)
{
    if (md_table_is_simple(table)) {
        return write_in_order(table, inlines, out);
    }
    return flat ? write_laid_out(table, inlines, out) : RC_LIMIT;
}
