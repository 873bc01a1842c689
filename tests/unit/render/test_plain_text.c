/* Text for people and for search; what each node becomes is in tests/render/cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/plain_text.h"
#include "tests/unit/render/render_rig.h"

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
    sheet_expect(&b, "a\nb\nc\td e");
    assert_int_equal(plain_text_write(s.tree.doc, false, &b), RC_OK);
    sheet_expect(&b, "3. a\n  [x] b\n\n---\n\nc\td e\n");
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
        sheet_expect(&b, "");
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
