#include "tests/render/random_tree.h"
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define DEEPEST     4

struct maker {
    struct note_tree *tree;
    struct rng *rng;
    struct random_counts *counts;
    unsigned budget, depth;
    unsigned in_items; /* cmark-gfm 0.29 takes a rule and an empty line in an item for a tight list */
    unsigned no_tasks; /* where cmark-gfm 0.29 overlooks tasks: in quotes, and first in an item */
};

/* Pieces of text: words, and what Markdown, HTML and GFM's extensions look for. No mail addresses: readers link them,
 * however they are escaped. */
static const char *const pieces[] = {
    "a",      "mot", "B",   "é",          "œuvre",   "中",  "🎒",   "1",  "2020", "x_y",  "3.",  "4)", "-",
    "--",     "---", "+",   "*",          "**",      "***", "_",   "__", "~",    "~~",   "`",   "``", "```",
    "=",      "===", "#",   "##",         ">",       "<",   "<b>", "</", "&",    "&lt;", "&#x", "[",  "]",
    "](",     "[x]", "[ ]", "(",          ")",       "!",   "!",   "|",  "||",   "|-|",  ":-:", ":",  "\\",
    "\\\\",   "/",   "$",   "http://a.b", "www.c.d", "\"",  "'",   ".",  ",",    "«",    "»",   "–",  "€",
    "\u00a0", "…",   "@;",  "a@;",        "%",       "^",   ";",   "{",  "}",    "?",
};

static const char *pick(struct maker *m, const char *const *from, size_t count)
{
    return from[rng_below(m->rng, count)];
}

static struct note_node *node(struct maker *m, enum note_kind kind)
{
    m->counts->kinds[kind]++;
    return note_tree_node(m->tree, kind);
}

/* ---- Inlines ---------------------------------------------------------------------------------------------- */

/* cmark-gfm 0.29 takes a task for done when "[x]" stands anywhere on its line, as it would in code. */
static struct span without_box(struct maker *m, struct span words)
{
    struct span copy = note_tree_copy(m->tree, words);

    for (size_t i = 0; i + 2 < copy.len; i++) {
        if (memcmp(copy.data + i, "[x]", 3) == 0) {
            ((uint8_t *)copy.data)[i + 1] = 'y';
        }
    }
    return copy;
}

static struct span random_words(struct maker *m, bool spaces_at_edges)
{
    char text[256] = "";
    size_t count = 1 + rng_below(m->rng, 5);

    if (spaces_at_edges && rng_chance(m->rng, 15)) {
        strcat(text, rng_chance(m->rng, 30) ? "  " : " ");
        m->counts->spaces++;
    }
    for (size_t i = 0; i < count; i++) {
        strcat(text, pick(m, pieces, rng_chance(m->rng, 50) ? 10 : COUNT(pieces)));
        if (i + 1 < count && rng_chance(m->rng, 45)) {
            strcat(text, " ");
        }
    }
    if (spaces_at_edges && rng_chance(m->rng, 30)) {
        strcat(text, " ");
        m->counts->spaces++;
    }
    return note_tree_copy(m->tree, span_str(text));
}

static void add_step(struct maker *m, struct note_marks *marks, enum note_step step, unsigned percent)
{
    if (rng_chance(m->rng, percent)) {
        marks->steps |= 1u << step;
        m->counts->steps[step]++;
    }
}

static const struct note_marks *random_marks(struct maker *m)
{
    static const char *const urls[] = {"/x",      "https://e.org/a?b=c&d=e", "a b", "#t", "mailto:x@y.zz", "/a(b",
                                       "/a_b_*c*"};
    static const char *const titles[] = {"", "t", "a \"b\" &amp; \\"};
    struct note_marks *marks = note_tree_alloc(m->tree, sizeof(*marks));

    *marks = (struct note_marks){0};
    if (rng_chance(m->rng, 50)) {
        return NULL;
    }
    add_step(m, marks, NOTE_BOLD, 40);
    add_step(m, marks, NOTE_ITALIC, 40);
    add_step(m, marks, NOTE_STRIKE, 20);
    add_step(m, marks, NOTE_UNDERLINE, 10);
    add_step(m, marks, NOTE_SUB, 5);
    add_step(m, marks, NOTE_SUP, 5);
    add_step(m, marks, NOTE_INLINE_CODE, 15);
    add_step(m, marks, NOTE_STYLE, 8);
    add_step(m, marks, NOTE_BACKGROUND, 8);
    add_step(m, marks, NOTE_LINK, 12);
    marks->color = span_str("#ff0000");
    marks->background = span_str("#00ff00");
    marks->href = span_str(pick(m, urls, COUNT(urls)));
    marks->title = span_str(pick(m, titles, COUNT(titles)));
    return marks;
}

static void add_image(struct maker *m, const struct note_marks *marks)
{
    struct note_node *image = node(m, NOTE_IMAGE);
    struct note_props *p = note_tree_props(m->tree, image);

    p->url = span_str("/i.png");
    p->alt = random_words(m, false);
    image->marks = marks;
    note_tree_add(m->tree, image);
}

static void add_words(struct maker *m, const struct note_marks *marks)
{
    struct span words = random_words(m, marks == NULL);

    note_tree_text(m->tree, note_marks_has(marks, NOTE_INLINE_CODE) ? without_box(m, words) : words, marks);
}

static void add_inlines(struct maker *m, bool breaks)
{
    size_t count = 1 + rng_below(m->rng, 6);
    bool words = false;

    for (size_t i = 0; i < count; i++) {
        const struct note_marks *marks = random_marks(m);

        if (words && breaks && rng_chance(m->rng, 8)) {
            struct note_node *br = node(m, NOTE_BREAK);

            br->marks = marks;
            note_tree_add(m->tree, br);
            i--;
            words = false;
            continue;
        }
        words = true;
        if (rng_chance(m->rng, 5)) {
            add_image(m, marks);
            continue;
        }
        m->counts->kinds[NOTE_TEXT]++;
        add_words(m, marks);
    }
}

/* ---- Blocks ------------------------------------------------------------------------------------------------- */

static void add_blocks(struct maker *m, size_t count);

static void add_paragraph(struct maker *m)
{
    note_tree_open(m->tree, node(m, NOTE_PARAGRAPH));
    add_inlines(m, true);
    note_tree_close(m->tree);
}

static void add_heading(struct maker *m)
{
    struct note_node *heading = node(m, NOTE_HEADING);

    note_tree_props(m->tree, heading)->level = 1 + (uint32_t)rng_below(m->rng, 6);
    note_tree_open(m->tree, heading);
    if (!rng_chance(m->rng, 5)) {
        add_inlines(m, false);
    }
    note_tree_close(m->tree);
}

static void add_code(struct maker *m)
{
    static const char *const languages[] = {"", "c", "c++", "text"};
    struct note_node *code = node(m, NOTE_CODE);
    size_t lines = rng_below(m->rng, 5);

    note_tree_props(m->tree, code)->language = span_str(pick(m, languages, COUNT(languages)));
    note_tree_open(m->tree, code);
    for (size_t i = 0; i < lines; i++) {
        if (i > 0) {
            note_tree_text(m->tree, span_str("\n"), NULL);
        }
        if (!rng_chance(m->rng, 30)) {
            note_tree_text(m->tree, random_words(m, true), NULL);
        }
    }
    note_tree_close(m->tree);
}

static void add_quote(struct maker *m)
{
    note_tree_open(m->tree, node(m, NOTE_QUOTE));
    m->no_tasks++;
    add_blocks(m, 1 + rng_below(m->rng, 3));
    m->no_tasks--;
    note_tree_close(m->tree);
}

static void add_item(struct maker *m, enum note_kind kind)
{
    struct note_node *item = node(m, kind);

    if (kind == NOTE_TASK) {
        note_tree_props(m->tree, item)->checked = rng_chance(m->rng, 50);
    }
    note_tree_open(m->tree, item);
    m->in_items++;
    if (kind == NOTE_TASK) {
        add_paragraph(m);
        if (rng_chance(m->rng, 20)) {
            add_blocks(m, 1);
        }
    } else if (!rng_chance(m->rng, 6)) {
        bool first = !rng_chance(m->rng, 75);

        if (!first) {
            add_paragraph(m);
        }
        m->no_tasks += first;
        if (rng_chance(m->rng, 35)) {
            add_blocks(m, 1 + rng_below(m->rng, 2));
        }
        m->no_tasks -= first;
    }
    m->in_items--;
    note_tree_close(m->tree);
}

static void add_list(struct maker *m)
{
    static const enum note_kind kinds[] = {NOTE_BULLETS, NOTE_ORDERED, NOTE_TASKS};
    enum note_kind kind = kinds[rng_below(m->rng, m->no_tasks > 0 ? 2 : 3)];
    struct note_node *list = node(m, kind);
    size_t items = 1 + rng_below(m->rng, 3);
    struct note_props *p = note_tree_props(m->tree, list);

    if (kind == NOTE_ORDERED && rng_chance(m->rng, 40)) {
        p->has_start = true;
        p->start = (int64_t)rng_below(m->rng, 12);
    }
    p->tight = rng_chance(m->rng, 20) ? -1 : 0;
    note_tree_open(m->tree, list);
    for (size_t i = 0; i < items; i++) {
        add_item(m, kind == NOTE_TASKS ? NOTE_TASK : NOTE_ITEM);
    }
    note_tree_close(m->tree);
}

static void add_cell(struct maker *m, enum note_kind kind, enum note_align align)
{
    struct note_node *cell = node(m, kind);

    note_tree_props(m->tree, cell)->align = align;
    note_tree_open(m->tree, cell);
    if (!rng_chance(m->rng, 15)) {
        add_paragraph(m);
    }
    note_tree_close(m->tree);
}

/* A table of a head alone makes cmark-gfm 0.29 take the list around for loose: only outside of lists. */
static void add_table(struct maker *m)
{
    static const enum note_align aligns[] = {NOTE_ALIGN_NONE, NOTE_LEFT, NOTE_CENTER, NOTE_RIGHT};
    size_t rows = (m->depth > 1 ? 2 : 1) + rng_below(m->rng, 3), columns = 1 + rng_below(m->rng, 3);
    enum note_align align[3];

    for (size_t i = 0; i < columns; i++) {
        align[i] = aligns[rng_below(m->rng, COUNT(aligns))];
    }
    note_tree_open(m->tree, node(m, NOTE_TABLE));
    for (size_t row = 0; row < rows; row++) {
        note_tree_open(m->tree, node(m, NOTE_ROW));
        for (size_t column = 0; column < columns; column++) {
            add_cell(m, row == 0 ? NOTE_HEADER : NOTE_CELL, align[column]);
        }
        note_tree_close(m->tree);
    }
    note_tree_close(m->tree);
}

static void add_block(struct maker *m)
{
    uint64_t roll = rng_below(m->rng, 100);

    if (m->depth >= DEEPEST || m->budget == 0) {
        roll = rng_below(m->rng, 45);
    }
    m->budget -= m->budget > 0 ? 1 : 0;
    m->depth++;
    if (roll < 30) {
        add_paragraph(m);
    } else if (roll < 36) {
        add_heading(m);
    } else if (roll < 42) {
        add_code(m);
    } else if (roll < 45 && m->in_items > 0) {
        add_paragraph(m);
    } else if (roll < 45) {
        note_tree_add(m->tree, node(m, NOTE_RULE));
    } else if (roll < 60) {
        add_quote(m);
    } else if (roll < 90) {
        add_list(m);
    } else {
        add_table(m);
    }
    m->depth--;
}

static void add_blocks(struct maker *m, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_block(m);
    }
}

void random_tree_gfm(struct note_tree *t, struct rng *rng, unsigned blocks, struct random_counts *counts)
{
    struct maker m = {.tree = t, .rng = rng, .counts = counts, .budget = blocks};

    counts->trees++;
    add_blocks(&m, 1 + rng_below(rng, blocks));
}
