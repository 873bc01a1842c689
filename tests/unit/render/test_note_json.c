/* ProseMirror's JSON from canonical trees; that of editors is in tests/render/editors.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "crdt/crdt.h"
#include "render/note_json.h"
#include "tests/unit/render/render_rig.h"

static void canonical_nodes_have_tiptaps_names(void **state)
{
    static const char *const cases[][2] = {
        {"", "{\"type\":\"doc\"}"},
        {"ordered_list order=3\n  list_item\n    paragraph\n      \"a\"\n",
         "{\"type\":\"doc\",\"content\":[{\"type\":\"orderedList\",\"attrs\":{\"start\":3},\"content\":[{\"type\":"
         "\"listItem\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}]}]}"},
        {"paragraph\n  \"a\\\"\"\n  \"b\" strong\n  \"c\" strong\n  br\n  \"d\" link=/x em\n",
         "{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"a\\\"\"},{"
         "\"type\":\"text\",\"text\":\"bc\",\"marks\":[{\"type\":\"bold\"}]},{\"type\":\"hardBreak\"},{\"type\":"
         "\"text\","
         "\"text\":\"d\",\"marks\":[{\"type\":\"link\",\"attrs\":{\"href\":\"/x\"}},{\"type\":\"italic\"}]}]}]}"},
        {"hr\n", "{\"type\":\"doc\",\"content\":[{\"type\":\"horizontalRule\"}]}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sheet s;
        struct buf b = {0};

        sheet_init(&s, cases[i][0]);
        assert_int_equal(note_json_write(s.tree.doc, false, &b), RC_OK);
        sheet_expect(&b, cases[i][1]);
        sheet_finish(&s);
    }
}

static void a_plain_tree_keeps_names_and_values(void **state)
{
    static const char *const values[][2] = {
        {"null", "null"},
        {"[1,{\"a\":[]},\"x\"]", "[1,{\"a\":[]},\"x\"]"},
        {"1e21", "1e+21"},
        {"{}", "{}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct arena arena;
        struct note_tree t;
        struct note_node *node;
        struct note_attr attr = {span_str("k"), {0}};
        struct buf value = {0}, b = {0};
        char expected[256] = "{\"type\":\"doc\",\"content\":[{\"type\":\"zork\",\"attrs\":{\"k\":";

        assert_int_equal(crdt_value_from_json(span_str(values[i][0]), &value), RC_OK);
        attr.value = buf_span(&value);
        arena_init(&arena, 0);
        assert_int_equal(note_tree_init(&t, &arena, true), RC_OK);
        node = note_tree_node(&t, NOTE_UNKNOWN);
        node->name = span_str("zork");
        node->attrs = &attr;
        node->attr_count = 1;
        note_tree_add(&t, node);
        assert_int_equal(note_tree_finish(&t), RC_OK);
        assert_int_equal(note_json_write(t.doc, true, &b), RC_OK);
        strcat(strcat(expected, values[i][1]), "}}]}");
        sheet_expect(&b, expected);
        buf_finish(&value);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_nodes_have_tiptaps_names),
        cmocka_unit_test(a_plain_tree_keeps_names_and_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
