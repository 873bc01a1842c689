/* Limits and failures of Markdown; what each node becomes is in tests/render/cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/markdown.h"
#include "tests/unit/render/render_rig.h"

static int html_of(void *context, const struct note_node *block, struct buf *out)
{
    (void)block;
    if (context != NULL) {
        return RC_LIMIT;
    }
    buf_put_str(out, "<p>html\nof two lines</p>\n");
    return RC_OK;
}

static void html_blocks_take_the_prefix_of_their_place(void **state)
{
    struct markdown_options o = {.html = html_of};
    struct sheet s;
    struct buf b = {0};

    (void)state;
    sheet_init(&s, "blockquote\n  paragraph textAlign=center\n    \"a\"\n  paragraph\n    \"b\"\n");
    assert_int_equal(markdown_write(s.tree.doc, &o, &b), RC_OK);
    sheet_expect(&b, "> <p>html\n> of two lines</p>\n>\n> b\n");
    sheet_finish(&s);
}

static void a_failure_of_the_html_is_passed_on_and_nothing_written(void **state)
{
    int context = 1;
    struct markdown_options o = {.html = html_of, .context = &context};
    struct sheet s;
    struct buf b = {0};

    (void)state;
    buf_put_str(&b, "before");
    sheet_init(&s, "paragraph\n  \"a\"\nparagraph textAlign=center\n  \"b\"\n");
    assert_int_equal(markdown_write(s.tree.doc, &o, &b), RC_LIMIT);
    sheet_expect(&b, "before");
    sheet_finish(&s);
}

/* Items of words alone go out at once, the others with all that is in them. */
static void items_stand_alike_whatever_is_in_them(void **state)
{
    struct markdown_options o = {.html = html_of};
    struct sheet s;
    struct buf b = {0};

    (void)state;
    sheet_init(&s, "orderedList start=9\n  listItem\n    \"a\"\n  listItem\n    \"*\"\n  listItem\n    \" b \"\n"
                   "  listItem\n    \" \"\n  listItem\n    \"c.\"\n    bulletList\n      listItem\n        \"d\"\n"
                   "  listItem\n    paragraph textAlign=center\n      \"e\"\n  listItem\n    \"1. f\"\n");
    assert_int_equal(markdown_write(s.tree.doc, &o, &b), RC_OK);
    sheet_expect(&b,
                 "9. a\n10. \\*\n11. &#32;b\n12.\n13. c.\n    - d\n14. <p>html\n    of two lines</p>\n15. 1\\. f\n");
    sheet_finish(&s);
}

static void deep_containers_are_written_flat(void **state)
{
    struct markdown_options o = {.html = html_of};
    struct arena arena;
    struct note_tree t;
    struct buf b = {0};
    size_t quotes = 0;

    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(note_tree_init(&t, &arena, false), RC_OK);
    for (int i = 0; i < 300; i++) {
        note_tree_open(&t, note_tree_node(&t, NOTE_QUOTE));
        note_tree_open(&t, note_tree_node(&t, NOTE_BULLETS));
        note_tree_open(&t, note_tree_node(&t, NOTE_ITEM));
    }
    note_tree_text(&t, span_str("fond"), NULL);
    for (int i = 0; i < 900; i++) {
        note_tree_close(&t);
    }
    assert_int_equal(note_tree_finish(&t), RC_OK);
    assert_int_equal(markdown_write(t.doc, &o, &b), RC_OK);
    for (size_t i = 0; i < b.len; i++) {
        quotes += b.data[i] == '>' ? 1 : 0;
    }
    assert_int_equal(quotes, MARKDOWN_DEPTH / 2);
    assert_memory_equal(b.data + b.len - 5, "fond\n", 5);
    buf_finish(&b);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_blocks_take_the_prefix_of_their_place),
        cmocka_unit_test(a_failure_of_the_html_is_passed_on_and_nothing_written),
        cmocka_unit_test(items_stand_alike_whatever_is_in_them),
        cmocka_unit_test(deep_containers_are_written_flat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
