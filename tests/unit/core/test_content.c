#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/content.h"
#include "tests/unit/core/core_rig.h"

#define PAIR "\xf0\x9f\x98\x80"
#define LOST "\xef\xbf\xbd"

/* Text of one struct, cut by an insert of "|" at a UTF-16 offset. */
static const struct {
    const char *text;
    unsigned at;
    const char *expected;
} cuts[] = {
    {"abcdef", 3, "abc|def"},
    {"\xc3\xa9t\xc3\xa9", 1, "\xc3\xa9|t\xc3\xa9"},
    {"\xc3\xa9t\xc3\xa9", 2, "\xc3\xa9t|\xc3\xa9"},
    {"a" PAIR "b", 1, "a|" PAIR "b"},
    {"a" PAIR "b", 2, "a" LOST "|" LOST "b"},
    {"a" PAIR "b", 3, "a" PAIR "|b"},
    {PAIR PAIR, 1, LOST "|" LOST PAIR},
    {PAIR PAIR, 2, PAIR "|" PAIR},
    {PAIR PAIR, 3, PAIR LOST "|" LOST},
    {PAIR, 1, LOST "|" LOST},
    {"0123456789" PAIR "0123456789012345678901234567890123456789", 11,
     "0123456789" LOST "|" LOST "0123456789012345678901234567890123456789"},
    {"0123456789012345678901234567890123456789" PAIR "x", 41,
     "0123456789012345678901234567890123456789" LOST "|" LOST "x"},
};

static void text_is_cut_at_utf16_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);
        char update[160];

        (void)snprintf(update, sizeof(update), "7:0 text %s root t", cuts[i].text);
        rig_must(doc, update);
        (void)snprintf(update, sizeof(update), "8:0 text | after 7:%u before 7:%u", cuts[i].at - 1, cuts[i].at);
        rig_must(doc, update);
        assert_string_equal(rig_text(doc, "t"), cuts[i].expected);
        crdt_doc_destroy(doc);
    }
}

static void values_are_cut_and_joined(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct buf before, after;

    (void)state;
    rig_must(doc, "7:0 any 1,\"two\",3,\"four\" root t");
    before = rig_state(doc);
    rig_must(doc, "8:0 any 9 after 7:1 before 7:2");
    assert_string_equal(rig_list(doc, "t", NULL), "7:0+2 8:0+1 7:2+2");
    crdt_doc_destroy(doc);

    doc = rig_doc(false); /* the same values, two by two */
    rig_must(doc, "7:0 any 1,\"two\" root t");
    rig_must(doc, "7:2 any 3,\"four\" after 7:1");
    assert_string_equal(rig_list(doc, "t", NULL), "7:0+4");
    after = rig_state(doc);
    assert_true(span_equal(buf_span(&before), buf_span(&after)));
    buf_finish(&before);
    buf_finish(&after);
    crdt_doc_destroy(doc);
}

static void single_things_are_not_joined(void **state)
{
    (void)state;
    for (uint32_t kind = BLOCK_DELETED; kind <= BLOCK_DOC; kind++) {
        bool joins = kind == BLOCK_DELETED || kind == BLOCK_STRING || kind == BLOCK_ANY || kind == BLOCK_JSON;

        assert_int_equal(content_joins(kind), joins);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_at_utf16_offsets),
        cmocka_unit_test(values_are_cut_and_joined),
        cmocka_unit_test(single_things_are_not_joined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
