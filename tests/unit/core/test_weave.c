#include "crdt/core/weave.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/unit/core/core_rig.h"

/* Updates of client 7 that all must wait (nobody has its clock 0), and what waits after them: yjs's choice. */
static const struct {
    const char *what;
    const char *updates[4];
    const char *waiting;
} cases[] = {
    {"in any order",
     {"7:5 text a after 7:4", "7:1 text b after 7:0", "7:3 text c after 7:2"},
     "7:1+1text 7:3+1text 7:5+1text"},
    {"twice", {"7:5 text ab after 7:4", "7:5 text ab after 7:4"}, "7:5+2text"},
    {"a part of what waits", {"7:5 text abc after 7:4", "7:6 text b after 7:5"}, "7:5+3text"},
    {"the same, longer", {"7:5 text abc after 7:4", "7:5 text abcd after 7:4"}, "7:5+3text 7:8+1text"},
    {"an overlap behind", {"7:5 text abc after 7:4", "7:6 text bcde after 7:5"}, "7:5+3text 7:8+2text"},
    {"an overlap before", {"7:5 text abc after 7:4", "7:3 text xya after 7:2"}, "7:3+3text 7:6+2text"},
    {"a gap is filled and overlapped",
     {"7:3 text a after 7:2", "7:6 text b after 7:5", "7:2 text zabcbd after 7:1"},
     "7:2+6text"},
    {"who begins first goes on while it follows",
     {"7:4 any 1,2 after 7:3", "7:3 del 1 after 7:2; 7:4 del 1 after 7:3; 7:5 any 2 after 7:4"},
     "7:3+1del 7:4+1del 7:5+1any"},
    {"who waits goes on while it follows",
     {"7:3 del 1 after 7:2; 7:4 del 1 after 7:3; 7:5 any 2 after 7:4", "7:4 any 1,2 after 7:3"},
     "7:3+1del 7:4+1del 7:5+1any"},
    {"of two at one clock the waiting one stays", {"7:3 del 2 after 7:2", "7:3 any 1,2 after 7:2"}, "7:3+2del"},
    {"but garbage gives way to what is new", {"7:3 gc 2", "7:3 any 1,2 after 7:2"}, "7:3+2any"},
    {"and what is no garbage gives way to garbage", {"7:3 any 1,2 after 7:2", "7:3 gc 2"}, "7:3+2gc"},
    {"but what is new goes first where it was stepped over before",
     {"7:3 text a after 7:2; 7:6 del 2 after 7:5", "7:3 text a after 7:2; 7:6 any 1,2 after 7:5"},
     "7:3+1text 7:6+2any"},
    {"a cut in a surrogate pair",
     {"7:3 text ab after 7:2", "7:4 text b\xf0\x9f\x98\x80 after 7:3"},
     "7:3+2text 7:5+2text"},
    {"several at once, some known, some new",
     {"7:2 text a after 7:1; 7:6 text b after 7:5; 7:9 text c after 7:8",
      "7:1 text x after 7:0; 7:2 text a after 7:1; 7:5 text xbx after 7:4; 7:9 gc 3"},
     "7:1+1text 7:2+1text 7:5+3text 7:9+3gc"},
};

static void what_waits_is_what_yjs_would_keep(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);

        print_message("%s\n", cases[i].what);
        for (size_t j = 0; j < 4 && cases[i].updates[j] != NULL; j++) {
            rig_must(doc, cases[i].updates[j]);
        }
        assert_string_equal(rig_waiting(doc), cases[i].waiting);
        rig_must(doc, "7:0 text 0123456789abcdef root t");
        assert_string_equal(rig_waiting(doc), "");
        crdt_doc_destroy(doc);
    }
}

/* The rest of a struct whose first clocks another one tells hangs on the clock before, no longer on its own origin; and
 * it goes in without cutting there. What yjs answers to the same updates. */
static void a_rest_hangs_on_the_clock_before(void **state)
{
    static const struct {
        const char *updates[4], *text;
    } rests[] = {
        {{"7:0 text b root t", "7:3 text y after 7:2", "7:6 text \xef\xbf\xbdwx after 7:5",
          "7:1 text \xf0\x9f\x98\x80 after 7:0; 7:4 text z after 7:3; 7:5 text \xf0\x9f\x98\x80 after 7:4"},
         "b\xf0\x9f\x98\x80yz\xf0\x9f\x98\x80wx"},
        {{"7:0 text s root t", "7:4 text abc after 9:0", "7:2 text y after 7:1",
          "7:1 text x after 7:0; 7:3 text zab after 7:2"},
         "sxyzabc"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);

        for (size_t j = 0; j < 4; j++) {
            rig_must(doc, rests[i].updates[j]);
        }
        assert_string_equal(rig_text(doc, "t"), rests[i].text);
        assert_string_equal(rig_waiting(doc), "");
        crdt_doc_destroy(doc);
    }
}

/* A struct that is known hangs on what is missing: yjs leaves it and all behind it, which then goes before what waits.
 */
static void what_goes_on_behind_something_stuck_goes_first(void **state)
{
    static const struct {
        const char *first, *second, *waiting;
    } stuck[] = {
        {"7:0 gc 1; 7:1 del 1 before 8:1", "7:0 text x after 8:0; 7:1 text a before 8:1", "7:1+1text"},
        {"7:0 gc 1; 7:1 del 1 before 8:1", "7:0 gc 1; 7:1 text a before 8:1", "7:1+1del"},
        {"7:0 gc 2; 7:2 del 1 before 8:1", "7:0 text x after 8:0; 7:1 skip 1; 7:2 text a before 8:1", "7:2+1text"},
        {"7:0 gc 1; 7:1 gc 1; 7:2 del 1 before 8:1", "7:1 gc 1; 7:2 text a before 8:1", "7:2+1del"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(stuck) / sizeof(stuck[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);

        rig_must(doc, stuck[i].first);
        rig_must(doc, stuck[i].second);
        assert_string_equal(rig_waiting(doc), stuck[i].waiting);
        crdt_doc_destroy(doc);
    }
}

/* What is new of a higher client had its turn last, so it also goes first where both begin together. */
static void the_last_turn_decides_between_equals(void **state)
{
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    rig_must(doc, "7:3 del 2 after 7:2");
    rig_must(doc, "9:1 text x after 9:0; 7:3 any 1,2 after 7:2");
    assert_string_equal(rig_waiting(doc), "7:3+2any 9:1+1text");
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_what_yjs_would_keep),
        cmocka_unit_test(a_rest_hangs_on_the_clock_before),
        cmocka_unit_test(what_goes_on_behind_something_stuck_goes_first),
        cmocka_unit_test(the_last_turn_decides_between_equals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
