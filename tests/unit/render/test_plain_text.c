/* Text for people and for search; what each node becomes is in tests/render/cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/plain_text.h"
#include "tests/render/tree_text.h"

struct sheet {
    struct arena arena;
    struct note_tree tree;
};

static void sheet_init(struct sheet *s, const char *text)
{
    arena_init(&s->arena, 0);
    assert_int_equal(note_tree_init(&s->tree, &s->arena, false), RC_OK);
    tree_text_read(&s->tree, span_str(text));
    assert_int_equal(note_tree_finish(&s->tree), RC_OK);
}

static void sheet_finish(struct sheet *s)
{
    arena_finish(&s->arena);
}

static void expect(struct buf *b, const char *expected)
{
    if (b->len != strlen(expected) || (b->len > 0 && memcmp(b->data, expected, b->len) != 0)) {
        fail_msg("got\n%.*s\nexpected\n%s", (int)b->len, (const char *)b->data, expected);
    }
    buf_finish(b);
}

static void search_has_the_words_alone(void **state)
{
    struct sheet s;
    struct buf b = {0};

    (void)state;
    sheet_init(
        &s, "orderedList start=3\n  listItem\n    paragraph\n      \"a\"\n    taskList\n      taskItem checked=true\n"
            "        paragraph\n          \"b\"\nhorizontalRule\ntable\n  tr\n    td\n      \"c\"\n    td\n"
            "      paragraph\n        \"d\"\n      paragraph\n        \"e\"\n");
    assert_int_equal(plain_text_write(s.tree.doc, true, &b), RC_OK);
    expect(&b, "a\nb\nc\td e");
    assert_int_equal(plain_text_write(s.tree.doc, false, &b), RC_OK);
    expect(&b, "3. a\n  [x] b\n\n---\n\nc\td e\n");
    sheet_finish(&s);
}

static void nothing_gives_nothing(void **state)
{
    static const char *const trees[] = {"", "paragraph\n", "bulletList\n", "paragraph\n  \"  \"\n", "details\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
        struct sheet s;
        struct buf b = {0};

        sheet_init(&s, trees[i]);
        assert_int_equal(plain_text_write(s.tree.doc, false, &b), RC_OK);
        expect(&b, "");
        sheet_finish(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_has_the_words_alone),
        cmocka_unit_test(nothing_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
