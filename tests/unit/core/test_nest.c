#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/base/span.h"
#include "crdt/core/branch.h"
#include "crdt/core/nest.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"
#include "tests/unit/lib0/alloc_fault.h"

#define WRITERS 7
#define LETTERS 250

static uint32_t list_of(const struct crdt_doc *doc)
{
    return doc->branches[branch_root_find(doc, span_str("t"))].list;
}

static struct nest_tree *tree_of(const struct crdt_doc *doc)
{
    return &doc->nests[doc->seqs[list_of(doc)].nest].tree;
}

static void assert_whole(const struct crdt_doc *doc)
{
    const char *broken = nest_check(doc, list_of(doc));

    if (broken != NULL) {
        fail_msg("%s", broken);
    }
}

static struct crdt_doc *nesting_doc(const char *update)
{
    struct crdt_doc *doc = rig_doc(false);

    rig_must(doc, update);
    assert_int_equal(nest_build(doc, list_of(doc)), RC_OK);
    assert_true(nest_is_built(doc, list_of(doc)));
    assert_whole(doc);
    return doc;
}

struct letter_id {
    unsigned client, clock;
};

static struct letter_id random_id(struct rng *rng, const unsigned clock[WRITERS])
{
    unsigned writer = (unsigned)rng_below(rng, WRITERS);

    writer = clock[writer] == 0 ? 0 : writer;
    return (struct letter_id){10 + writer, (unsigned)rng_below(rng, clock[writer])};
}

/* Somebody puts a letter between any two others, whatever stands there by now; or, one time in five, deletes one. */
static void random_update(struct rng *rng, unsigned clock[WRITERS], char *out, size_t room)
{
    struct letter_id left = random_id(rng, clock), right = random_id(rng, clock);
    unsigned writer = (unsigned)rng_below(rng, WRITERS);

    if (rng_chance(rng, 20)) {
        snprintf(out, room, "delete %u:%u+1", left.client, left.clock);
    } else {
        snprintf(out, room, "%u:%u text z after %u:%u before %u:%u", 10 + writer, clock[writer]++, left.client,
                 left.clock, right.client, right.clock);
    }
}

static void places_are_those_of_a_scan(void **state)
{
    struct crdt_doc *scanning = rig_doc(false), *nesting = nesting_doc("10:0 text abc root t");
    unsigned clock[WRITERS] = {3}, strays = 0;
    struct rng rng;

    (void)state;
    rig_must(scanning, "10:0 text abc root t");
    rng_init(&rng, rng_test_seed(38));
    for (int i = 0; i < LETTERS; i++) {
        char update[80], *expected;

        random_update(&rng, clock, update, sizeof(update));
        rig_must(scanning, update);
        rig_must(nesting, update);
        expected = strdup(rig_list(scanning, "t", NULL));
        assert_string_equal(rig_list(nesting, "t", NULL), expected);
        free(expected);
        assert_true(nest_is_built(nesting, list_of(nesting)));
        assert_whole(nesting);
    }
    for (uint32_t node = nest_tree_next(tree_of(nesting), 0); node; node = nest_tree_next(tree_of(nesting), node)) {
        strays += tree_of(nesting)->node[node].cover == NEST_STRAY;
    }
    print_message("%d updates, %u strays in the end\n", LETTERS, strays);
    assert_true(strays > 5);
    crdt_doc_destroy(scanning);
    crdt_doc_destroy(nesting);
}

/* Runs are cut, joined and shortened at both ends. */
static void runs_may_change(void **state)
{
    static const char *const updates[] = {
        "11:0 text xy after 10:1 before 10:2",
        "delete 10:0+1",
        "12:0 text q after 10:3",
        "delete 11:0+2",
        "10:6 text gh after 10:5",
        "delete 10:2+2",
        "13:0 text r after 10:7",
        "delete 10:5+2",
        "14:0 text s after 11:1 before 10:2",
        "15:0 text t root t",
        "delete 15:0+1",
    };
    struct crdt_doc *doc = nesting_doc("10:0 text abcdef root t");

    (void)state;
    for (size_t i = 0; i < sizeof(updates) / sizeof(*updates); i++) {
        rig_must(doc, updates[i]);
        assert_whole(doc);
    }
    crdt_doc_destroy(doc);
}

static void what_is_broken_is_told(void **state)
{
    struct crdt_doc *doc = nesting_doc("10:0 text a root t; 11:0 text b after 10:0; 12:0 text c after 10:0");
    struct nest_tree *t = tree_of(doc);
    uint32_t first = nest_tree_next(t, 0), second = nest_tree_next(t, first);
    struct nest_node was = t->node[second];

    (void)state;
    nest_tree_shift(t, second, 0, 1);
    assert_string_equal(nest_check(doc, list_of(doc)), "an item of a nest has the wrong depth or client");
    nest_tree_shift(t, second, 0, -1);
    t->node[second].client = 99;
    assert_string_equal(nest_check(doc, list_of(doc)), "an item of a nest has the wrong depth or client");
    t->node[second] = was;
    t->node[second].cover = first;
    assert_string_equal(nest_check(doc, list_of(doc)), "an item of a nest has the wrong cover");
    t->node[second] = was;
    t->node[second].item = t->node[first].item;
    assert_string_equal(nest_check(doc, list_of(doc)), "a nest and its list disagree");
    t->node[second] = was;
    assert_whole(doc);
    crdt_doc_destroy(doc);
}

/* Without memory there is no tree, and scans find the places. */
static void a_nest_may_be_refused_or_dropped(void **state)
{
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    rig_must(doc, "10:0 text ad root t");
    for (unsigned n = 1; n <= 2; n++) {
        alloc_fault_at(n);
        assert_int_equal(nest_build(doc, list_of(doc)), RC_NOMEM);
        alloc_fault_at(0);
        assert_false(nest_is_built(doc, list_of(doc)));
        assert_null(nest_check(doc, list_of(doc)));
    }
    assert_int_equal(nest_build(doc, list_of(doc)), RC_OK);
    nest_drop(doc, list_of(doc));
    assert_false(nest_is_built(doc, list_of(doc)));
    rig_must(doc, "11:0 text b after 10:0 before 10:1; 12:0 text c after 10:0 before 10:1");
    assert_string_equal(rig_text(doc, "t"), "abcd");
    assert_int_equal(nest_build(doc, list_of(doc)), RC_OK);
    nest_drop_all(doc);
    assert_int_equal(doc->nest_count, 0);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_those_of_a_scan),
        cmocka_unit_test(runs_may_change),
        cmocka_unit_test(what_is_broken_is_told),
        cmocka_unit_test(a_nest_may_be_refused_or_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
