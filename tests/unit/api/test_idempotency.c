#include "server/api/idempotency.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

struct rig {
    struct clock_fake clock;
    struct idempotency *table;
    struct idempotency_slot *slot;
};

static void rig_init(struct rig *r)
{
    clock_fake_init(&r->clock, 1, 1);
    assert_int_equal(idempotency_create(&r->clock.clock, &r->table), RC_OK);
    r->slot = NULL;
}

static int begin(struct rig *r, const char *sender, const char *key, const char *body)
{
    return idempotency_begin(r->table, span_str(sender), span_str(key), span_str(body), &r->slot);
}

static void a_key_is_done_once(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_int_equal(begin(&r, "ana", "k", "body"), RC_OK);
    assert_int_equal(begin(&r, "ana", "k", "body"), RC_BUSY);
    idempotency_done(r.slot, "note1");
    assert_int_equal(begin(&r, "ana", "k", "body"), RC_EXISTS);
    assert_string_equal(idempotency_id(r.slot), "note1");
    assert_int_equal(begin(&r, "ana", "k", "other"), RC_STATE);
    /* Another sender's key, and names that end elsewhere, are others. */
    assert_int_equal(begin(&r, "bob", "k", "body"), RC_OK);
    assert_int_equal(begin(&r, "an", "ak", "body"), RC_OK);
    assert_int_equal(begin(&r, "", "anak", "body"), RC_OK);
    idempotency_destroy(r.table);
}

static void a_failure_and_a_day_free_the_key(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_int_equal(begin(&r, "", "k", "1"), RC_OK);
    idempotency_forget(r.slot);
    assert_int_equal(begin(&r, "", "k", "2"), RC_OK);
    idempotency_done(r.slot, "a");
    clock_fake_advance_ms(&r.clock, UINT64_C(24) * 3600 * 1000);
    assert_int_equal(begin(&r, "", "k", "2"), RC_EXISTS);
    clock_fake_advance_ms(&r.clock, 1);
    assert_int_equal(begin(&r, "", "k", "3"), RC_OK);
    idempotency_destroy(r.table);
}

static void the_oldest_that_is_made_goes_first(void **state)
{
    struct rig r;
    char key[32];

    (void)state;
    rig_init(&r);
    for (int i = 0; i < IDEMPOTENCY_SLOTS; i++) {
        snprintf(key, sizeof key, "%d", i);
        assert_int_equal(begin(&r, "", key, ""), RC_OK);
        clock_fake_advance_ms(&r.clock, 1);
        if (i == 5 || i == 7) {
            idempotency_done(r.slot, "x");
        }
    }
    assert_int_equal(begin(&r, "", "new", ""), RC_OK); /* in the place of 5 */
    assert_int_equal(begin(&r, "", "7", ""), RC_EXISTS);
    assert_int_equal(begin(&r, "", "5", ""), RC_OK); /* in the place of 7 */
    assert_int_equal(begin(&r, "", "7", ""), RC_BUSY);
    assert_int_equal(begin(&r, "", "0", ""), RC_BUSY);
    idempotency_destroy(r.table);
}

static void keys_have_1_to_200_bytes(void **state)
{
    char key[IDEMPOTENCY_KEY_MAX + 2] = "";
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_int_equal(begin(&r, "", "", ""), RC_RANGE);
    memset(key, 'k', IDEMPOTENCY_KEY_MAX + 1);
    assert_int_equal(begin(&r, "", key, ""), RC_RANGE);
    key[IDEMPOTENCY_KEY_MAX] = '\0';
    assert_int_equal(begin(&r, "", key, ""), RC_OK);
    idempotency_destroy(r.table);
    idempotency_destroy(NULL);
    idempotency_forget(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_done_once),
        cmocka_unit_test(a_failure_and_a_day_free_the_key),
        cmocka_unit_test(the_oldest_that_is_made_goes_first),
        cmocka_unit_test(keys_have_1_to_200_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
