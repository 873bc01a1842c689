#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crdt/core/client.h"
#include "crdt/core/direct_wait.h"
#include "tests/unit/core/core_rig.h"

static void it_is_known_from_where_on_somebody_wakes(void **state)
{
    static const struct {
        const char *update;
        uint64_t from; /* of client 7 */
    } steps[] = {
        {"7:0 text abc root t", UINT64_MAX},
        {"9:5 text z after 9:4", UINT64_MAX},
        {"delete 7:8+2", 8},
        {"8:0 text y after 7:6", 6},
        {"delete 7:4+1", 4},
        {"7:3 text d after 7:2", 4},
        {"7:7 text h after 7:6", 0},
    };
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rig_must(doc, steps[i].update);
        assert_true(direct_wakes_from(doc, client_find(doc, 7)) == steps[i].from);
    }
    crdt_doc_destroy(doc);
}

static struct block letter(uint64_t clock)
{
    return (struct block){.id = {7, clock},
                          .len = 1,
                          .ref = BLOCK_STRING,
                          .flags = BLOCK_HAS_ORIGIN,
                          .origin = {7, clock - 1},
                          .content = span_str("x")};
}

static void letters_wait_where_they_are_foreseen(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct block last = letter(6), early = letter(4);

    (void)state;
    rig_must(doc, "7:0 text abc root t");
    rig_must(doc, "7:5 text f after 7:4");
    assert_false(direct_waits_behind(doc, &early));
    assert_true(direct_waits_behind(doc, &last));
    assert_int_equal(direct_wait(doc, &last), RC_OK);
    assert_true(direct_foresee(doc, &last, &doc->ditto));
    assert_int_equal(doc->ditto.item, 0);
    doc->ditto.clock = 7;
    assert_true(direct_wait_letter(doc, 'y'));
    assert_false(direct_wait_letter(doc, 'y')); /* the clock has passed */
    assert_false(direct_foresee(doc, &last, &doc->ditto));
    assert_string_equal(rig_waiting(doc), "7:5+1text 7:6+1text 7:7+1text");
    assert_null(crdt_check(doc));
    rig_must(doc, "7:3 text de after 7:2");
    assert_string_equal(rig_text(doc, "t"), "abcdefxy");
    assert_false(direct_wait_letter(doc, 'y'));
    crdt_doc_destroy(doc);
}

static void what_may_not_wait_is_refused(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct block b = letter(6);

    (void)state;
    rig_must(doc, "7:5 text f after 7:4");
    b.origin.clock = 6;
    assert_int_equal(direct_wait(doc, &b), RC_FORMAT);
    assert_string_equal(rig_waiting(doc), "7:5+1text");
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_known_from_where_on_somebody_wakes),
        cmocka_unit_test(letters_wait_where_they_are_foreseen),
        cmocka_unit_test(what_may_not_wait_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
