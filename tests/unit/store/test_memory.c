/* What tests may ask of the memory back end, beyond store.h. */
#include "server/store/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/unit/store/store_rig.h"

static struct rig *rig_create_manual(void)
{
    struct rig *r = malloc(sizeof(*r));

    assert_non_null(r);
    rig_open_memory(r);
    store_memory_auto(r->s, false);
    return r;
}

static void rig_destroy(struct rig *r)
{
    store_memory_auto(r->s, true);
    rig_finish(r);
    free(r);
}

static void nothing_is_durable_before_the_step(void **state)
{
    struct rig *r = rig_create_manual();

    (void)state;
    assert_int_equal(rig_queue_append(r, "n", "a", 1), RC_OK);
    assert_int_equal(rig_queue_append(r, "n", "b", 2), RC_OK);
    assert_int_equal(atomic_load(&r->wakes), 2);
    assert_int_equal(store_drain(r->s), 0);
    assert_int_equal(rig_stats(r).queued, 2);
    assert_int_equal(store_memory_step(r->s), 2);
    assert_int_equal(r->answers, 0); /* delivered by the drain only */
    assert_int_equal(store_drain(r->s), 2);
    assert_int_equal(r->answer[1].ticket, 2);
    assert_int_equal(rig_stats(r).commits, 1);
    rig_destroy(r);
}

static void failures_come_as_often_as_asked(void **state)
{
    struct rig *r = rig_create_manual();

    (void)state;
    store_memory_fail(r->s, RC_FULL, 2);
    assert_int_equal(rig_queue_append(r, "n", "a", 1), RC_OK);
    assert_int_equal(store_memory_step(r->s), 0);
    assert_int_equal(store_state(r->s), STORE_OK); /* told in the drain */
    assert_int_equal(store_drain(r->s), 0);
    assert_int_equal(store_state(r->s), STORE_FULL);
    assert_int_equal(store_memory_step(r->s), 0);
    assert_int_equal(store_memory_step(r->s), 1);
    assert_int_equal(store_drain(r->s), 1);
    assert_int_equal(r->answer[0].rc, RC_OK);
    assert_int_equal(store_state(r->s), STORE_OK);
    rig_destroy(r);
}

static void a_load_can_be_made_to_fail_once(void **state)
{
    struct rig *r = malloc(sizeof(*r));

    (void)state;
    assert_non_null(r);
    rig_open_memory(r);
    assert_int_equal(rig_append(r, "n", "a"), RC_OK);
    store_memory_fail_load(r->s, RC_IO);
    assert_int_equal(rig_load(r, "n"), RC_IO);
    rig_expect(r, "n", "<>|a");
    rig_destroy(r);
}

static void damage_behaves_as_on_a_disk(void **state)
{
    struct rig *r = malloc(sizeof(*r));

    (void)state;
    assert_non_null(r);
    rig_open_memory(r);
    assert_int_equal(store_memory_damage(r->s, span_str("n"), true), RC_NOTFOUND);
    assert_int_equal(rig_append(r, "n", "a"), RC_OK);
    assert_int_equal(rig_compact(r, "n", "A", STORE_UPTO_ALL), RC_OK);
    assert_int_equal(rig_append(r, "n", "b"), RC_OK);
    assert_int_equal(store_memory_damage(r->s, span_str("n"), false), RC_OK);
    rig_expect(r, "n", "<>|a|b");
    assert_true(r->content->fallback);
    assert_int_equal(rig_compact(r, "n", "AB", STORE_UPTO_ALL), RC_OK);
    assert_int_equal(store_memory_damage(r->s, span_str("n"), true), RC_OK);
    rig_expect(r, "n", "<AB>"); /* which holds what they held */
    assert_int_equal(rig_append(r, "n", "c"), RC_OK);
    assert_int_equal(store_memory_damage(r->s, span_str("n"), true), RC_OK);
    assert_int_equal(rig_load(r, "n"), RC_CORRUPT);
    assert_int_equal(rig_stats(r).damaged, 1);
    rig_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_durable_before_the_step),
        cmocka_unit_test(failures_come_as_often_as_asked),
        cmocka_unit_test(a_load_can_be_made_to_fail_once),
        cmocka_unit_test(damage_behaves_as_on_a_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
