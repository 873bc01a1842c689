#include "render/md_table.h"
#include <stdint.h>
#include <string.h>
#include "render/md_escape.h"
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
    enum note_align align, head; /* of all cells so far; of the head's */
    bool decided, bound;         /* whether a cell has had its say in the alignment; the head's cell has */
};

struct grid {
    size_t rows;
    size_t lead;  /* 1: a column of numbers stands before the others */
    size_t count; /* of columns, the lead included */
    size_t bytes; /* of all cells, those that are repeated as often as they are */
    struct column *columns;
    struct cell *cells; /* rows * count, in the same memory as the columns */
    struct buf *text;   /* of the inlines' working memory */
};

/* ---- Simple or not -------------------------------------------------------------------------------- */

static inline bool is_simple_cell(const struct note_node *cell)
{
    const struct note_props *p = cell->props;
    const struct note_node *only = cell->first;

    if ((p->colspan | p->rowspan) > 1 || (p->background.len | p->color.len) != 0) {
        return false;
    }
    return only == NULL || (only->next == NULL && only->kind == NOTE_PARAGRAPH &&
                            (only->props->color.len | only->props->background.len) == 0);
}

/* How the words of a simple cell are aligned: what note_cell_align says. */
static inline enum note_align simple_align(const struct note_node *cell)
{
    return cell->props->align != NOTE_ALIGN_NONE || cell->first == NULL ? cell->props->align
                                                                        : cell->first->props->align;
}

/* Whether two cells cannot stand in one column: left is how cells are aligned that say nothing. */
static inline bool are_apart(enum note_align a, enum note_align b)
{
    return a != b && a + b != NOTE_LEFT + NOTE_ALIGN_NONE;
}

/* Whether the cell has a say in how its column is aligned. */
static bool has_align(const struct note_node *cell)
{
    return cell->props->align != NOTE_ALIGN_NONE || (cell->first != NULL && !md_inline_is_blank(cell->first));
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
__attribute__((noinline)) static void write_blocks(struct grid *g, const struct note_node *cell,
                                                   struct md_inline *inlines)
{
    md_inline_begin(inlines, MD_CELL, (struct span){0});
    add_cell(inlines, cell);
    inlines->rc = md_inline_end(inlines, g->text);
}

/* A cell's only paragraph, when it is nothing but words that stand as they are. Else false, and nothing written. */
static inline bool write_words(struct grid *g, const struct note_node *paragraph)
{
    const struct note_node *only = paragraph->first;

    if (only == NULL || !md_inline_is_words(only) || buf_reserve(g->text, only->text.len) != RC_OK ||
        !md_escape_copied(g->text->data + g->text->len, only->text, MD_IN_CELL | MD_TRIM_START | MD_TRIM_END)) {
        return false;
    }
    g->text->len += only->text.len;
    return true;
}

static inline void write_paragraph(struct grid *g, const struct note_node *paragraph, struct md_inline *inlines)
{
    if (!write_words(g, paragraph)) {
        md_inline_write(inlines, paragraph, MD_CELL, (struct span){0}, g->text);
    }
}

static void write_cell(struct grid *g, const struct note_node *cell, struct md_inline *inlines)
{
    const struct note_node *only = cell->first;

    if (only == NULL || only->next != NULL || only->kind != NOTE_PARAGRAPH) {
        write_blocks(g, cell, inlines);
    } else {
        write_paragraph(g, only, inlines);
    }
}

/* What was appended to the text from `at` on. */
static inline struct cell cell_from(const struct grid *g, size_t at)
{
    size_t len = g->text->len - at;

    return (struct cell){at, len, md_width(span_of(g->text->data + at, len))};
}

/* ---- Filling ------------------------------------------------------------------------------------------------- */

static int grid_init(struct grid *g, const struct note_node *table, size_t columns, size_t rows, struct md_inline *m)
{
    int rc = RC_LIMIT;

    g->text = &m->cells;
    g->bytes = 0;
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
static void join_align(struct column *c, const struct note_node *cell, enum note_align align)
{
    if ((c->align != align || !c->decided) && has_align(cell)) {
        c->align = c->decided ? NOTE_ALIGN_NONE : align;
        c->decided = true;
    }
}

static inline bool is_first(const struct note_node *row)
{
    return row == row->parent->first;
}

/* The same of a simple table; false when the cell cannot stand below the column's head. Not inlined: it is asked where
 * a cell says something else than those above. */
__attribute__((noinline)) static bool join_simple(struct column *c, const struct note_node *cell, enum note_align align)
{
    bool head = is_first(cell->parent);

    if (head ? align == NOTE_JUSTIFY : c->bound && are_apart(align, c->head) && has_align(cell)) {
        return false;
    }
    join_align(c, cell, align);
    if (head) {
        c->head = align;
        c->bound = c->decided;
    }
    return true;
}

/* The cell has its place in the column. */
static inline void place_cell(struct grid *g, struct column *c, const struct cell *cell)
{
    size_t width = cell->width > WIDEST ? WIDEST : cell->width;

    c->width = width > c->width ? width : c->width;
    g->bytes += cell->len;
}

static void fill_number(struct grid *g, struct cell *cell, const struct note_node *row)
{
    size_t at = g->text->len;

    if (!row->head) {
        buf_printf(g->text, "%u", (unsigned)row->number);
    }
    *cell = cell_from(g, at);
    place_cell(g, &g->columns[0], cell);
}

/* One cell of a simple table; false: it is none. */
static inline bool fill_cell(struct grid *g, const struct note_node *node, struct column *column, struct cell *cell,
                             struct md_inline *inlines)
{
    enum note_align align;
    size_t at = g->text->len;

    if (!is_simple_cell(node)) {
        return false;
    }
    align = simple_align(node);
    if ((align != column->align || !column->decided) && !join_simple(column, node, align)) {
        return false;
    }
    if (node->first != NULL) {
        write_paragraph(g, node->first, inlines);
    }
    *cell = cell_from(g, at);
    place_cell(g, column, cell);
    return true;
}

/* One row of a simple table, each cell in a place of its own; false: it is none. */
static inline bool fill_row(struct grid *g, const struct note_node *row, struct cell *cell, struct md_inline *inlines)
{
    struct column *column = g->columns, *end = g->columns + g->count;

    if (g->lead > 0) {
        fill_number(g, cell++, row);
        column++;
    }
    for (const struct note_node *node = row->first; node != NULL; node = node->next, column++, cell++) {
        if (column == end || (node->kind != NOTE_CELL && !is_first(row)) ||
            !fill_cell(g, node, column, cell, inlines)) {
            return false;
        }
    }
    return column == end;
}

/* False: the table is not simple. */
static bool fill_in_order(struct grid *g, const struct note_node *table, struct md_inline *inlines)
{
    struct cell *cells = g->cells;

    for (const struct note_node *row = table->first; row != NULL; row = row->next, cells += g->count) {
        if (!fill_row(g, row, cells, inlines)) {
            return false;
        }
    }
    return true;
}

/* One place of a laid out table. A cell that spans several is written in the first of them. */
static void fill_place(struct grid *g, const struct table_grid *places, size_t row, size_t column,
                       struct md_inline *inlines)
{
    const struct note_node *const *from = &places->cells[row * places->columns + column];
    struct cell *cell = &g->cells[row * g->count + g->lead + column];
    size_t at = g->text->len;

    if (from[0] == NULL) {
        *cell = (struct cell){0};
        return;
    }
    if (column > 0 && from[0] == from[-1]) {
        *cell = cell[-1];
    } else if (row > 0 && from[0] == from[-(ptrdiff_t)places->columns]) {
        *cell = cell[-(ptrdiff_t)g->count];
    } else {
        write_cell(g, from[0], inlines);
        *cell = cell_from(g, at);
    }
    join_align(&g->columns[g->lead + column], from[0], note_cell_align(from[0]));
    place_cell(g, &g->columns[g->lead + column], cell);
}

static void fill_laid_out(struct grid *g, const struct note_node *table, const struct table_grid *places,
                          struct md_inline *inlines)
{
    size_t number = 0;

    for (const struct note_node *row = table->first; row != NULL; row = row->next, number++) {
        if (g->lead > 0) {
            fill_number(g, &g->cells[number * g->count], row);
        }
        for (size_t column = 0; column < places->columns; column++) {
            fill_place(g, places, number, column, inlines);
        }
    }
}

/* ---- Writing --------------------------------------------------------------------------------------------- */

/* All of these write where there is room, and return where the next byte goes. */

static inline uint8_t *put_many(uint8_t *to, uint8_t byte, size_t count)
{
    size_t i = 0;

    do {
        memset(to + i, byte, STEP);
        i += STEP;
    } while (i < count);
    return to + count;
}

static inline uint8_t *put_text(uint8_t *to, const uint8_t *text, size_t len)
{
    size_t i = 0;

    do {
        memcpy(to + i, text + i, STEP);
        i += STEP;
    } while (i < len);
    return to + len;
}

static inline uint8_t *put_cell(const struct grid *g, const struct cell *cell, const struct column *column, uint8_t *to)
{
    size_t gap = cell->width < column->width ? column->width - cell->width : 0;

    *to++ = ' ';
    if (column->align >= NOTE_CENTER) {
        size_t before = column->align == NOTE_CENTER ? gap / 2 : column->align == NOTE_RIGHT ? gap : 0;

        to = put_many(to, ' ', before);
        gap -= before;
    }
    to = put_text(to, g->text->data + cell->at, cell->len);
    to = put_many(to, ' ', gap + 1);
    *to++ = '|';
    return to;
}

/* `cells` NULL: empty ones. */
static uint8_t *put_row(const struct grid *g, const struct cell *cells, uint8_t *to)
{
    static const struct cell empty;

    *to++ = '|';
    for (size_t i = 0; i < g->count; i++) {
        to = put_cell(g, cells == NULL ? &empty : &cells[i], &g->columns[i], to);
    }
    *to++ = '\n';
    return to;
}

static uint8_t *put_delimiters(const struct grid *g, uint8_t *to)
{
    *to++ = '|';
    for (size_t i = 0; i < g->count; i++) {
        const struct column *c = &g->columns[i];

        *to++ = ' ';
        *to++ = c->align == NOTE_LEFT || c->align == NOTE_CENTER ? ':' : '-';
        to = put_many(to, '-', c->width - 2);
        *to++ = c->align == NOTE_RIGHT || c->align == NOTE_CENTER ? ':' : '-';
        *to++ = ' ';
        *to++ = '|';
    }
    *to++ = '\n';
    return to;
}

static uint8_t *put_rows(const struct grid *g, bool head, uint8_t *to)
{
    if (!head) {
        to = put_row(g, NULL, to);
        to = put_delimiters(g, to);
    }
    for (size_t row = 0; row < g->rows; row++) {
        to = put_row(g, &g->cells[row * g->count], to);
        if (row == 0 && head) {
            to = put_delimiters(g, to);
        }
    }
    return to;
}

/* All that is filled. */
static int put_grid(struct grid *g, bool head, struct buf *out)
{
    size_t line = 2; /* bytes of a line without words: bars, line feed, padding */
    int rc;

    for (size_t i = 0; i < g->count; i++) {
        g->columns[i].width = g->columns[i].width < 3 ? 3 : g->columns[i].width;
        line += g->columns[i].width + 3;
    }
    rc = buf_reserve(g->text, STEP);
    rc = rc == RC_OK ? buf_reserve(out, g->bytes + (g->rows + 2) * line + STEP) : rc;
    if (rc == RC_OK) {
        out->len = (size_t)(put_rows(g, head, out->data + out->len) - out->data);
    }
    return rc;
}

/* The first row is the head's: its cells say how many columns there are. */
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
    if (rc == RC_OK) {
        rc = fill_in_order(&g, table, inlines) ? put_grid(&g, true, out) : RC_LIMIT;
    }
    return rc;
}

static int write_laid_out(const struct note_node *table, struct md_inline *inlines, struct buf *out)
{
    struct table_grid places;
    struct grid g;
    int rc = table_grid_init(&places, table);

    rc = rc == RC_OK ? grid_init(&g, table, places.columns, places.rows, inlines) : rc;
    if (rc == RC_OK) {
        fill_laid_out(&g, table, &places, inlines);
        rc = put_grid(&g, table->first->head, out);
    }
    table_grid_finish(&places);
    return rc;
}

int md_table_write(const struct note_node *table, bool flat, struct md_inline *inlines, struct buf *out)
{
    int rc = table->first != NULL && table->first->head ? write_in_order(table, inlines, out) : RC_LIMIT;

    return rc == RC_LIMIT && flat ? write_laid_out(table, inlines, out) : rc;
}
