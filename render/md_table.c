#include "render/md_table.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "render/table_grid.h"

/* Cells are written once into `text`, then measured and copied out with their padding. Columns are padded up to
 * WIDEST, so that one long cell does not multiply the size of the table. */
#define WIDEST     60
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
    struct table_grid places;
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

/* ---- Measuring --------------------------------------------------------------------------------------- */

#define EACH_BYTE(byte) (0x0101010101010101 * (uint64_t)(byte))

/* How many letters the text has when all of them are of ASCII or À to ÿ, each of them one column wide; else SIZE_MAX.
 * Looks at eight bytes at once: those that go on with a letter count nothing, of those that begin one with more bytes
 * only 0xc3 may be there. */
static size_t count_narrow(struct span text)
{
    size_t width = text.len;

    for (size_t i = 0; i < text.len; i += 8) {
        uint64_t eight = 0, begin, go_on;

        memcpy(&eight, text.data + i, text.len - i < 8 ? text.len - i : 8);
        begin = eight & eight << 1 & EACH_BYTE(0x80);
        go_on = eight & ~(eight << 1) & EACH_BYTE(0x80);
        if ((begin & (((eight ^ EACH_BYTE(0xc3)) & EACH_BYTE(0x3f)) + EACH_BYTE(0x3f)) << 1) != 0) {
            return SIZE_MAX;
        }
        width -= (go_on >> 7) * EACH_BYTE(1) >> 56;
    }
    return width;
}

size_t md_table_width(struct span text)
{
    size_t width = count_narrow(text), at = 0;

    if (width != SIZE_MAX) {
        return width;
    }
    for (width = 0; at < text.len;) {
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

static int grid_init(struct grid *g, const struct note_node *table)
{
    int rc = table_grid_init(&g->places, table);

    if (rc != RC_OK) {
        return rc;
    }
    g->lead = table->props->numbered ? 1 : 0;
    g->count = g->places.columns + g->lead;
    if (g->places.columns == 0) {
        return RC_LIMIT;
    }
    g->columns = calloc(1, g->count * sizeof(*g->columns) + g->count * g->places.rows * sizeof(*g->cells));
    if (g->columns == NULL) {
        return RC_NOMEM;
    }
    g->cells = (struct cell *)(g->columns + g->count);
    buf_clear(g->text);
    return buf_reserve(g->text, TEXT_FIRST);
}

static void grid_finish(struct grid *g)
{
    table_grid_finish(&g->places);
    free(g->columns);
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

static int write_cell(struct grid *g, const struct note_node *cell, struct md_inline *inlines)
{
    const struct note_node *only = cell->first;

    if (only != NULL && only->next == NULL && only->kind == NOTE_PARAGRAPH) {
        return md_inline_write(inlines, only, 0, MD_CELL, (struct span){0}, g->text);
    }
    md_inline_begin(inlines, MD_CELL, (struct span){0});
    add_cell(inlines, cell);
    return md_inline_end(inlines, g->text);
}

/* What was appended to the text from `at` on. */
static struct cell cell_from(const struct grid *g, size_t at)
{
    return (struct cell){at, g->text->len - at, md_table_width(buf_slice(g->text, at, g->text->len - at))};
}

static void fill_number(struct grid *g, size_t row, const struct note_node *node)
{
    size_t at = g->text->len;

    if (!node->head) {
        buf_printf(g->text, "%u", (unsigned)node->number);
    }
    g->cells[row * g->count] = cell_from(g, at);
}

/* A cell that spans several places is written in the first of them. */
static int fill_cell(struct grid *g, size_t row, size_t column, struct md_inline *inlines)
{
    const struct note_node *const *place = &g->places.cells[row * g->places.columns + column];
    struct cell *cell = &g->cells[row * g->count + column + g->lead];
    size_t at = g->text->len;
    int rc = RC_OK;

    if (place[0] == NULL) {
        return RC_OK;
    }
    if (column > 0 && place[0] == place[-1]) {
        *cell = cell[-1];
    } else if (row > 0 && place[0] == place[-(ptrdiff_t)g->places.columns]) {
        *cell = cell[-(ptrdiff_t)g->count];
    } else {
        rc = write_cell(g, place[0], inlines);
        *cell = cell_from(g, at);
    }
    return rc;
}

/* A column is aligned as its cells are; left only when none of them says nothing. */
static void join_align(struct grid *g, size_t column, const struct note_node *cell)
{
    enum note_align align = note_cell_align(cell);
    struct column *c = &g->columns[column];

    if (!has_align(cell)) {
        return;
    }
    c->align = !c->decided || c->align == align ? align : NOTE_ALIGN_NONE;
    c->decided = true;
}

static void widen(struct grid *g, size_t column, const struct cell *cell)
{
    size_t width = cell->width > WIDEST ? WIDEST : cell->width;

    g->columns[column].width = width > g->columns[column].width ? width : g->columns[column].width;
}

static int fill_row(struct grid *g, size_t row, const struct note_node *node, struct md_inline *inlines)
{
    int rc = RC_OK;

    if (g->lead > 0) {
        fill_number(g, row, node);
    }
    for (size_t column = 0; rc == RC_OK && column < g->places.columns; column++) {
        const struct note_node *cell = g->places.cells[row * g->places.columns + column];

        rc = fill_cell(g, row, column, inlines);
        if (cell != NULL) {
            join_align(g, column + g->lead, cell);
        }
    }
    for (size_t column = 0; rc == RC_OK && column < g->count; column++) {
        widen(g, column, &g->cells[row * g->count + column]);
    }
    return rc;
}

static int fill(struct grid *g, const struct note_node *table, struct md_inline *inlines)
{
    size_t number = 0;

    for (const struct note_node *row = table->first; row != NULL; row = row->next) {
        int rc = fill_row(g, number++, row, inlines);

        if (rc != RC_OK) {
            return rc;
        }
    }
    for (size_t i = 0; i < g->count; i++) {
        g->columns[i].width = g->columns[i].width < 3 ? 3 : g->columns[i].width;
    }
    return RC_OK;
}

/* ---- Writing --------------------------------------------------------------------------------------------- */

static void put_many(struct buf *out, uint8_t byte, size_t count)
{
    if (count > 0 && buf_reserve(out, count) == RC_OK) {
        memset(out->data + out->len, byte, count);
        out->len += count;
    }
}

static void put_cell(const struct grid *g, const struct cell *cell, size_t column, struct buf *out)
{
    size_t gap = cell->width < g->columns[column].width ? g->columns[column].width - cell->width : 0;
    size_t before = g->columns[column].align == NOTE_RIGHT    ? gap
                    : g->columns[column].align == NOTE_CENTER ? gap / 2
                                                              : 0;
    size_t size = 1 + gap + cell->len + 2;
    uint8_t *to;

    if (buf_reserve(out, size) != RC_OK) {
        return;
    }
    to = out->data + out->len;
    memset(to, ' ', size);
    if (cell->len > 0) {
        memcpy(to + 1 + before, g->text->data + cell->at, cell->len);
    }
    to[size - 1] = '|';
    out->len += size;
}

static void put_delimiter(const struct grid *g, size_t column, struct buf *out)
{
    bool left = g->columns[column].align == NOTE_LEFT || g->columns[column].align == NOTE_CENTER;
    bool right = g->columns[column].align == NOTE_RIGHT || g->columns[column].align == NOTE_CENTER;

    buf_put_str(out, left ? " :" : " -");
    put_many(out, '-', g->columns[column].width - 2);
    buf_put_str(out, right ? ": |" : "- |");
}

static void put_delimiters(const struct grid *g, struct buf *out)
{
    buf_put_u8(out, '|');
    for (size_t column = 0; column < g->count; column++) {
        put_delimiter(g, column, out);
    }
    buf_put_u8(out, '\n');
}

static void put_row(const struct grid *g, const struct cell *cells, struct buf *out)
{
    static const struct cell empty;

    buf_put_u8(out, '|');
    for (size_t column = 0; column < g->count; column++) {
        put_cell(g, cells == NULL ? &empty : &cells[column], column, out);
    }
    buf_put_u8(out, '\n');
}

static void put_rows(const struct grid *g, bool head, struct buf *out)
{
    if (!head) {
        put_row(g, NULL, out);
        put_delimiters(g, out);
    }
    for (size_t row = 0; row < g->places.rows; row++) {
        put_row(g, &g->cells[row * g->count], out);
        if (row == 0 && head) {
            put_delimiters(g, out);
        }
    }
}

int md_table_write(const struct note_node *table, struct md_inline *inlines, struct buf *out)
{
    struct grid g = {.text = &inlines->cells};
    int rc = grid_init(&g, table);

    if (rc == RC_OK) {
        rc = fill(&g, table, inlines);
    }
    if (rc == RC_OK) {
        put_rows(&g, table->first != NULL && table->first->head, out);
        rc = g.text->rc != RC_OK ? g.text->rc : out->rc;
    }
    grid_finish(&g);
    return rc;
}
