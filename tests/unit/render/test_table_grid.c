/* Cells with spans, in their places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "render/table_grid.h"
#include "tests/render/tree_text.h"

struct sheet {
    struct arena arena;
    struct note_tree tree;
};

static const struct note_node *sheet_init(struct sheet *s, const char *text)
{
    arena_init(&s->arena, 0);
    assert_int_equal(note_tree_init(&s->tree, &s->arena, false), RC_OK);
    tree_text_read(&s->tree, span_str(text));
    assert_int_equal(note_tree_finish(&s->tree), RC_OK);
    return s->tree.doc->first;
}

/* The grid as lines of letters: each cell is the first letter of its words, a place without a cell a dot. */
static void draw(const struct table_grid *g, char *out)
{
    for (size_t row = 0; row < g->rows; row++) {
        for (size_t column = 0; column < g->columns; column++) {
            const struct note_node *cell = g->cells[row * g->columns + column];

            *out++ = (char)(cell == NULL ? '.' : cell->first->first->text.data[0]);
        }
        *out++ = '/';
    }
    *out = 0;
}

static void cells_cover_the_places_that_html_gives_them(void **state)
{
    static const struct {
        const char *tree, *drawn;
    } cases[] = {
        {"table\n  tr\n    td\n      \"a\"\n    td\n      \"b\"\n  tr\n    td\n      \"c\"\n", "ab/c./"},
        {"table\n  tr\n    td colspan=2\n      \"a\"\n    td\n      \"b\"\n  tr\n    td\n      \"c\"\n", "aab/c../"},
        {"table\n  tr\n    td rowspan=2\n      \"a\"\n    td\n      \"b\"\n  tr\n    td\n      \"c\"\n", "ab/ac/"},
        {"table\n  tr\n    td rowspan=9\n      \"a\"\n", "a/"},
        {"table\n  tr\n    td\n      \"a\"\n    td rowspan=2\n      \"b\"\n  tr\n    td colspan=2\n      \"c\"\n",
         "ab/cc/"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sheet s;
        struct table_grid g;
        char drawn[64];

        assert_int_equal(table_grid_init(&g, sheet_init(&s, cases[i].tree)), RC_OK);
        draw(&g, drawn);
        assert_string_equal(drawn, cases[i].drawn);
        table_grid_finish(&g);
        arena_finish(&s.arena);
    }
    table_grid_finish(NULL);
}

/* `rows` rows of a cell that is `colspan` wide and `rowspan` high. */
static int grid_of(size_t rows, uint32_t colspan, uint32_t rowspan)
{
    struct sheet s;
    struct table_grid g;
    int rc;

    arena_init(&s.arena, 0);
    assert_int_equal(note_tree_init(&s.tree, &s.arena, false), RC_OK);
    note_tree_open(&s.tree, note_tree_node(&s.tree, NOTE_TABLE));
    for (size_t i = 0; i < rows; i++) {
        struct note_node *cell = note_tree_node(&s.tree, NOTE_CELL);

        note_tree_props(&s.tree, cell)->colspan = colspan;
        note_tree_props(&s.tree, cell)->rowspan = rowspan;
        note_tree_open(&s.tree, note_tree_node(&s.tree, NOTE_ROW));
        note_tree_add(&s.tree, cell);
        note_tree_close(&s.tree);
    }
    note_tree_close(&s.tree);
    assert_int_equal(note_tree_finish(&s.tree), RC_OK);
    rc = table_grid_init(&g, s.tree.doc->first);
    table_grid_finish(&g);
    arena_finish(&s.arena);
    return rc;
}

static void spans_that_make_much_of_little_are_refused(void **state)
{
    (void)state;
    assert_int_equal(grid_of(3, 1000, 1), RC_OK);
    assert_int_equal(grid_of(3, 1001, 1), RC_LIMIT);
    assert_int_equal(grid_of(1000, 1000, 1), RC_LIMIT);
    assert_int_equal(grid_of(900, 1, 60000), RC_LIMIT);
    assert_int_equal(grid_of(1000, 16, 1), RC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_cover_the_places_that_html_gives_them),
        cmocka_unit_test(spans_that_make_much_of_little_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
