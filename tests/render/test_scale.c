/* Work grows with the size of the note and no faster, whatever its shape: deep, long, wide or full of marks. Each shape
 * is made at n, 2n and 4n; the edges that the renderer's control flow passes, counted by the compiler's own
 * instrumentation, the tree's steps and the bytes of each output are compared. No clock is looked at. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/html.h"
#include "render/markdown.h"
#include "render/note_json.h"
#include "render/note_tree.h"
#include "render/plain_text.h"

#define MOST_GROWTH 2.6 /* when the size doubles */
#define FORMS       5

struct measure {
    uint64_t steps, edges;
    size_t bytes[FORMS];
};

static uint64_t edges;

/* Called by the instrumented renderer (-fsanitize-coverage=trace-pc) at each edge. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    edges++;
}

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* ---- Shapes ----------------------------------------------------------------------------------------------- */

static void open_kind(struct note_tree *t, enum note_kind kind)
{
    note_tree_open(t, note_tree_node(t, kind));
}

static void words(struct note_tree *t, const char *text)
{
    note_tree_text(t, span_str(text), NULL);
}

static void nest(struct note_tree *t, size_t n, enum note_kind a, enum note_kind b, bool text)
{
    for (size_t i = 0; i < n; i++) {
        open_kind(t, a);
        if (b != NOTE_NONE) {
            open_kind(t, b);
        }
        if (text) {
            words(t, "a");
        }
    }
    words(t, "b");
    for (size_t i = 0; i < n; i++) {
        if (b != NOTE_NONE) {
            note_tree_close(t);
        }
        note_tree_close(t);
        if (text) {
            words(t, "c");
        }
    }
}

static void deep_quotes(struct note_tree *t, size_t n)
{
    nest(t, n, NOTE_QUOTE, NOTE_NONE, true);
}

static void deep_lists(struct note_tree *t, size_t n)
{
    nest(t, n, NOTE_BULLETS, NOTE_ITEM, true);
}

static void deep_panels(struct note_tree *t, size_t n)
{
    nest(t, n, NOTE_PANEL, NOTE_DETAILS, true);
}

static void deep_paragraphs(struct note_tree *t, size_t n)
{
    nest(t, n, NOTE_PARAGRAPH, NOTE_NONE, true);
}

static void deep_unknown(struct note_tree *t, size_t n)
{
    nest(t, n, NOTE_UNKNOWN, NOTE_NONE, true);
}

static void deep_tables(struct note_tree *t, size_t n)
{
    nest(t, n, NOTE_TABLE, NOTE_CELL, true);
}

static void deep_strays(struct note_tree *t, size_t n)
{
    nest(t, n, NOTE_ITEM, NOTE_CELL, true);
}

/* A paragraph of unknown inlines in each other, with a block at the bottom that must leave them all. */
static void deep_inlines(struct note_tree *t, size_t n)
{
    open_kind(t, NOTE_PARAGRAPH);
    words(t, "a");
    nest(t, n, NOTE_UNKNOWN, NOTE_NONE, true);
    for (size_t i = 0; i < n; i++) {
        open_kind(t, NOTE_UNKNOWN);
    }
    note_tree_add(t, note_tree_node(t, NOTE_TABLE));
    words(t, "d");
    for (size_t i = 0; i < n; i++) {
        note_tree_close(t);
        words(t, "e");
    }
    note_tree_close(t);
}

static void many_marks(struct note_tree *t, size_t n)
{
    static const struct note_marks marks[] = {
        {.steps = 1u << NOTE_BOLD},
        {.steps = 1u << NOTE_ITALIC | 1u << NOTE_BOLD},
        {.steps = 1u << NOTE_STRIKE | 1u << NOTE_ITALIC},
        {.steps = 1u << NOTE_STYLE, .color = {(const uint8_t *)"#ff0000", 7}},
        {.steps = 1u << NOTE_LINK | 1u << NOTE_BOLD, .href = {(const uint8_t *)"/x", 2}},
        {.steps = 1u << NOTE_INLINE_CODE},
    };

    open_kind(t, NOTE_PARAGRAPH);
    for (size_t i = 0; i < n; i++) {
        note_tree_text(t, span_str(i % 7 == 0 ? " a " : "b*"), i % 7 == 6 ? NULL : &marks[i % 7]);
    }
    note_tree_close(t);
}

static void long_line(struct note_tree *t, size_t n, const char *piece, const struct note_marks *marks)
{
    size_t len = strlen(piece);
    uint8_t *text = note_tree_alloc(t, n * len);

    for (size_t i = 0; text != NULL && i < n; i++) {
        memcpy(text + i * len, piece, len);
    }
    open_kind(t, NOTE_PARAGRAPH);
    note_tree_text(t, span_of(text, n * len), marks);
    note_tree_close(t);
}

static void one_long_line(struct note_tree *t, size_t n)
{
    long_line(t, n, "[a](*_`<&~!\\", NULL);
}

static void long_code(struct note_tree *t, size_t n)
{
    static const struct note_marks code = {.steps = 1u << NOTE_INLINE_CODE};

    long_line(t, n, "`` ` ``` a", &code);
}

static void long_spaces(struct note_tree *t, size_t n)
{
    static const struct note_marks bold = {.steps = 1u << NOTE_BOLD};

    long_line(t, n, "        ", &bold);
}

static void many_lines(struct note_tree *t, size_t n)
{
    long_line(t, n, "a\n", NULL);
}

static void wide_table(struct note_tree *t, size_t n)
{
    open_kind(t, NOTE_TABLE);
    for (size_t row = 0; row < n; row++) {
        open_kind(t, NOTE_ROW);
        for (size_t column = 0; column < 100; column++) {
            open_kind(t, row == 0 ? NOTE_HEADER : NOTE_CELL);
            words(t, "cell");
            note_tree_close(t);
        }
        note_tree_close(t);
    }
    note_tree_close(t);
}

/* One cell as long as the table has rows: padding must not multiply them. */
static void long_cell_table(struct note_tree *t, size_t n)
{
    uint8_t *text = note_tree_alloc(t, n * 10);

    if (text != NULL) {
        memset(text, 'x', n * 10);
    }
    open_kind(t, NOTE_TABLE);
    for (size_t row = 0; row < n; row++) {
        open_kind(t, NOTE_ROW);
        open_kind(t, row == 0 ? NOTE_HEADER : NOTE_CELL);
        note_tree_text(t, row == 0 ? span_of(text, n * 10) : span_str("a"), NULL);
        note_tree_close(t);
        note_tree_close(t);
    }
    note_tree_close(t);
}

/* Spans that lie over one another as far as they can. */
static void spans_table(struct note_tree *t, size_t n)
{
    open_kind(t, NOTE_TABLE);
    for (size_t row = 0; row < n; row++) {
        open_kind(t, NOTE_ROW);
        for (size_t column = 0; column < 3; column++) {
            struct note_node *cell = note_tree_node(t, NOTE_CELL);
            struct note_props *p = note_tree_props(t, cell);

            if (p != NULL) {
                p->colspan = (uint32_t)(1 + (row + column) % 5);
                p->rowspan = (uint32_t)(1 + (row * 7 + column) % 4);
            }
            note_tree_open(t, cell);
            words(t, "cell");
            note_tree_close(t);
        }
        note_tree_close(t);
    }
    note_tree_close(t);
}

static void same_headings(struct note_tree *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        open_kind(t, NOTE_HEADING);
        words(t, "titre");
        note_tree_close(t);
    }
}

static void many_lists(struct note_tree *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        open_kind(t, i % 2 == 0 ? NOTE_BULLETS : NOTE_ORDERED);
        open_kind(t, NOTE_ITEM);
        words(t, "a");
        note_tree_close(t);
        note_tree_close(t);
    }
}

static void long_list(struct note_tree *t, size_t n)
{
    open_kind(t, NOTE_TASKS);
    for (size_t i = 0; i < n; i++) {
        open_kind(t, NOTE_TASK);
        words(t, "a");
        open_kind(t, NOTE_PARAGRAPH);
        note_tree_close(t);
        note_tree_close(t);
    }
    note_tree_close(t);
}

static const struct {
    const char *name;
    void (*make)(struct note_tree *t, size_t n);
    size_t n;
} shapes[] = {
    {"quotes in quotes", deep_quotes, 2500},
    {"lists in lists", deep_lists, 2500},
    {"details in panels", deep_panels, 2500},
    {"paragraphs in paragraphs", deep_paragraphs, 2500},
    {"unknown in unknown", deep_unknown, 2500},
    {"tables in tables", deep_tables, 2500},
    {"stray cells in stray items", deep_strays, 2500},
    {"inlines in inlines", deep_inlines, 2500},
    {"marks", many_marks, 25000},
    {"one long line", one_long_line, 25000},
    {"one long code span", long_code, 25000},
    {"spaces", long_spaces, 25000},
    {"lines", many_lines, 25000},
    {"a table of 100 columns", wide_table, 250},
    {"a table with a long cell", long_cell_table, 2500},
    {"a table of spans", spans_table, 2500},
    {"headings with one text", same_headings, 10000},
    {"lists that touch", many_lists, 10000},
    {"a long list", long_list, 10000},
};

/* ---- Measuring ----------------------------------------------------------------------------------------------- */

static int as_html(void *context, const struct note_node *block, struct buf *out)
{
    struct html_options options = {.compact = true};

    (void)context;
    return html_write(block, &options, out);
}

static void write_all(const struct note_node *doc, struct measure *m)
{
    struct markdown_options md = {.html = as_html}, flat = {.html = as_html, .flat_tables = true, .cozy = true};
    struct html_options html = {0};

    for (int form = 0; form < FORMS; form++) {
        struct buf out = {0};
        int rc = form == 0   ? markdown_write(doc, &md, &out)
                 : form == 1 ? html_write(doc, &html, &out)
                 : form == 2 ? plain_text_write(doc, false, &out)
                 : form == 3 ? note_json_write(doc, false, &out)
                             : markdown_write(doc, &flat, &out);

        if (rc != RC_OK) {
            die("not written");
        }
        m->bytes[form] = out.len;
        buf_finish(&out);
    }
}

static struct measure measure(void (*make)(struct note_tree *, size_t), size_t n)
{
    struct measure m = {0};
    struct arena arena;
    struct note_tree t;

    edges = 0;
    arena_init(&arena, 0);
    if (note_tree_init(&t, &arena, false) != RC_OK) {
        die("out of memory");
    }
    make(&t, n);
    if (note_tree_finish(&t) != RC_OK) {
        die("no tree");
    }
    write_all(t.doc, &m);
    m.steps = t.steps;
    m.edges = edges;
    arena_finish(&arena);
    return m;
}

static bool grows(const char *what, double small, double large)
{
    bool good = large <= small * MOST_GROWTH + 2000;

    if (!good) {
        printf("    %s: %.0f, then %.0f\n", what, small, large);
    }
    return good;
}

static bool check_growth(const struct measure *a, const struct measure *b)
{
    static const char *const forms[] = {"bytes of Markdown", "bytes of HTML", "bytes of text", "bytes of JSON",
                                        "bytes of flat Markdown"};
    bool good = grows("steps", (double)a->steps, (double)b->steps);

    good = grows("edges", (double)a->edges, (double)b->edges) && good;
    for (int form = 0; form < FORMS; form++) {
        good = grows(forms[form], (double)a->bytes[form], (double)b->bytes[form]) && good;
    }
    return good;
}

static bool check_shape(const char *name, void (*make)(struct note_tree *, size_t), size_t n)
{
    struct measure m[3];
    bool good = true;

    for (int i = 0; i < 3; i++) {
        m[i] = measure(make, n << i);
    }
    printf("%-28s %8zu: %9llu steps, %11llu edges, Markdown %9zu, HTML %9zu, text %9zu, JSON %9zu bytes\n", name,
           n << 2, (unsigned long long)m[2].steps, (unsigned long long)m[2].edges, m[2].bytes[0], m[2].bytes[1],
           m[2].bytes[2], m[2].bytes[3]);
    good = check_growth(&m[0], &m[1]) && good;
    return check_growth(&m[1], &m[2]) && good;
}

int main(void)
{
    unsigned failures = 0;

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        failures += check_shape(shapes[i].name, shapes[i].make, shapes[i].n) ? 0 : 1;
    }
#ifdef COUNTED
    failures += edges == 0 ? 1 : 0; /* a counter that counts nothing proves nothing */
#endif
    return failures > 0 ? 1 : 0;
}
