#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/pending.h"
#include "tests/unit/core/core_rig.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/alloc_fault.h"

static void what_waits_is_counted_until_it_is_known(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    uint64_t structs, deletes;

    (void)state;
    pending_count(doc, &structs, &deletes);
    assert_int_equal(structs + deletes, 0);
    rig_must(doc, "7:1 text b after 7:0; 7:2 text c after 8:0; delete 7:1+1; delete 9:4+2");
    pending_count(doc, &structs, &deletes);
    assert_int_equal(structs, 2);
    assert_int_equal(deletes, 2);
    rig_must(doc, "7:0 text a root t");
    pending_count(doc, &structs, &deletes);
    assert_int_equal(structs, 1);
    assert_int_equal(deletes, 1);
    rig_must(doc, "8:0 text x after 7:0; 9:0 gc 6");
    assert_false(crdt_has_pending(doc));
    crdt_doc_destroy(doc);
}

/* Whoever is waited for by many wakes those that can go on, and only those. */
static void many_wait_for_one(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    char update[64];
    uint64_t structs, deletes;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(update, sizeof(update), "%u:0 text x after 7:%u", 100 + i, i);
        rig_must(doc, update);
    }
    for (unsigned i = 0; i < 100; i++) {
        pending_count(doc, &structs, &deletes);
        assert_int_equal(structs, 100 - i);
        (void)snprintf(update, sizeof(update), i == 0 ? "7:0 text a root t" : "7:%u text a after 7:%u", i, i - 1);
        rig_must(doc, update);
    }
    assert_false(crdt_has_pending(doc));
    crdt_doc_destroy(doc);
}

#define LETTERS 30

/* Letters 7:3 to 7:32 wait: each came in an update of its own, or (apart) all in one. */
static struct crdt_doc *letters_wait(bool apart)
{
    struct crdt_doc *doc = rig_doc(false);
    char update[LETTERS * 40] = "7:3 text x after 8:1 before 8:2";

    for (unsigned i = 1; i < LETTERS; i++) {
        char *end = apart ? update + strlen(update) : update;
        if (!apart) {
            rig_must(doc, update);
        }
        (void)snprintf(end, 60, "%s7:%u text %c after 7:%u before 8:2", apart ? "; " : "", 3 + i, 'a' + i % 26, 2 + i);
    }
    rig_must(doc, update);
    return doc;
}

static void letters_are_parted_where_others_come(void **state)
{
    struct crdt_doc *doc = letters_wait(false);
    const uint32_t queue = 1;
    const struct pending_queue *q = &doc->pending->queues[queue];

    (void)state;
    assert_int_equal(q->count, 1);
    assert_int_equal(pending_part(doc, queue, 0, 3), RC_OK);
    assert_int_equal(pending_part(doc, queue, 33, 40), RC_OK);
    assert_int_equal(q->count, 1);
    alloc_fault_at(9);
    assert_int_equal(pending_part(doc, queue, 32, 33), RC_NOMEM);
    alloc_fault_at(0);
    assert_int_equal(q->count, 1);
    assert_null(crdt_check(doc));
    assert_int_equal(pending_part(doc, queue, 32, 33), RC_OK);
    assert_int_equal(q->count, LETTERS);
    assert_null(crdt_check(doc));
    assert_int_equal(pending_behind(q, 0), 0);
    assert_int_equal(pending_behind(q, 10), 7);
    assert_int_equal(pending_behind(q, 33), LETTERS);
    crdt_doc_destroy(doc);
}

/* What another one may send of the same clocks: cut otherwise, deleted, garbage, and from where something is missing.
 */
static void random_overlap(struct rng *rng, char *update, size_t size)
{
    static const char *const kinds[] = {"text", "text", "del", "gc"};
    unsigned kind = (unsigned)rng_below(rng, 4), at = 1 + (unsigned)rng_below(rng, LETTERS + 4);
    unsigned len = 1 + (unsigned)rng_below(rng, rng_below(rng, 3) == 0 ? LETTERS : 3);
    char what[LETTERS + 1];

    if (kind < 2) {
        memset(what, 'o', len);
        what[len] = 0;
    } else {
        (void)snprintf(what, sizeof(what), "%u", len);
    }
    int used = snprintf(update, size, "7:%u %s %s", at, kinds[kind], what);
    if (kind < 3) {
        (void)snprintf(update + used, size - (size_t)used, " after 7:%u", at - 1);
    }
}

static void same_state(const struct crdt_doc *a, const struct crdt_doc *b)
{
    struct buf x = rig_state(a), y = rig_state(b);
    uint64_t structs[2], deletes[2];

    assert_true(span_equal(buf_span(&x), buf_span(&y)));
    pending_count(a, &structs[0], &deletes[0]);
    pending_count(b, &structs[1], &deletes[1]);
    assert_int_equal(structs[0], structs[1]);
    assert_int_equal(crdt_has_pending(a), crdt_has_pending(b));
    buf_finish(&x);
    buf_finish(&y);
}

static void letters_that_wait_together_are_as_if_apart(void **state)
{
    static const char *const last[] = {"7:0 text - root t", "7:0 text --- root t", "7:0 text --------- root t",
                                       "8:0 text ABCD root t"};
    unsigned woven = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 3);
    for (unsigned run = 0; run < 300; run++) {
        struct crdt_doc *together = letters_wait(false), *apart = letters_wait(true);
        char update[100];

        for (unsigned i = 0; i < run % 5; i++) {
            random_overlap(&rng, update, sizeof(update));
            rig_must(together, update);
            rig_must(apart, update);
            same_state(together, apart);
            woven += together->pending->queues[1].count > 1;
        }
        for (unsigned i = 0; i < 4; i++) {
            rig_must(together, last[(i + run) % 4]);
            rig_must(apart, last[(i + run) % 4]);
            same_state(together, apart);
        }
        crdt_doc_destroy(together);
        crdt_doc_destroy(apart);
    }
    assert_true(woven > 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_counted_until_it_is_known),
        cmocka_unit_test(many_wait_for_one),
        cmocka_unit_test(letters_are_parted_where_others_come),
        cmocka_unit_test(letters_that_wait_together_are_as_if_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
