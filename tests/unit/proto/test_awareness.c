/* The rules of y-protocols/awareness.js, and the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <cmocka.h>
#include "crdt/lib0/enc.h"
#include "crdt/proto.h"
#include "tests/support/bytes.h"
#include "tests/support/rng.h"

/* An update of one entry. */
static struct span one(struct buf *b, uint64_t client, uint64_t clock, const char *json)
{
    buf_clear(b);
    buf_put_u8(b, 1);
    awareness_put(b, client, clock, span_str(json));
    return bytes_copy(b->data, b->len);
}

static int apply(struct awareness *a, uint64_t owner, uint64_t client, uint64_t clock, const char *json,
                 struct buf *changes)
{
    struct buf b = {0};
    struct span update = one(&b, client, clock, json);
    int rc;

    buf_clear(changes);
    rc = awareness_apply(a, update, owner, 1000, changes);
    assert_true(awareness_check(a));
    bytes_free(update);
    buf_finish(&b);
    return rc;
}

/* What y-protocols 1.0.7 does with one update after another for one client: whether it passes it on. */
static const struct {
    const char *what;
    uint64_t clock;
    const char *json;
    bool counts;
} rules[] = {
    {"clock 0 of somebody unknown does not count", 0, "{}", false},
    {"null of somebody unknown is not passed on", 1, "null", false},
    {"the clock of that null is remembered", 1, "{\"a\":1}", false},
    {"a higher clock counts", 2, "{\"a\":1}", true},
    {"the same again does not", 2, "{\"a\":1}", false},
    {"the same clock with another state does not", 2, "{\"a\":2}", false},
    {"a lower clock does not", 1, "{\"a\":3}", false},
    {"a higher clock with the same state does (it renews)", 5, "{\"a\":1}", true},
    {"null of a lower clock does not", 4, "null", false},
    {"null of the same clock removes", 5, " null ", true},
    {"null again does not", 5, "null", false},
    {"the state of the removed clock does not return", 5, "{\"a\":1}", false},
    {"a higher null of somebody removed is passed on", 6, "null", true},
    {"a higher clock returns", 7, "{\"b\":1}", true},
};

static void clocks_decide_as_in_y_protocols(void **state)
{
    struct awareness a;
    struct buf changes = {0};

    (void)state;
    awareness_init(&a);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        assert_int_equal(apply(&a, 1, 21, rules[i].clock, rules[i].json, &changes), RC_OK);
        if ((changes.len > 0) != rules[i].counts) {
            fail_msg("%s", rules[i].what);
        }
    }
    buf_finish(&changes);
    awareness_finish(&a);
}

/* Recorded from y-websocket 3.1.0: the state of client 21, and its leaving. */
static void a_recorded_client_comes_and_goes(void **state)
{
    struct span here =
        bytes_from_hex("011501277b2275736572223a7b226e616d65223a225a6fc3a9222c22636f6c6f72223a2223313233227d7d");
    struct span gone = bytes_from_hex("011501046e756c6c");
    struct awareness a;
    struct buf changes = {0}, all = {0};

    (void)state;
    awareness_init(&a);
    assert_int_equal(awareness_apply(&a, here, 7, 5, &changes), RC_OK);
    assert_true(span_equal(buf_span(&changes), here));
    assert_int_equal(awareness_encode(&a, &all), RC_OK);
    assert_true(span_equal(buf_span(&all), here));
    assert_int_equal(awareness_find(&a, 21)->owner, 7);
    buf_clear(&changes);
    assert_int_equal(awareness_apply(&a, gone, 7, 5, &changes), RC_OK);
    assert_true(span_equal(buf_span(&changes), gone));
    assert_int_equal(a.live, 0);
    assert_int_equal(a.bytes, 0);
    buf_clear(&all);
    assert_int_equal(awareness_encode(&a, &all), RC_OK);
    assert_int_equal(all.len, 1);
    buf_finish(&all);
    buf_finish(&changes);
    awareness_finish(&a);
    bytes_free(here);
    bytes_free(gone);
}

static void an_owner_that_goes_takes_its_states_along(void **state)
{
    struct awareness a;
    struct buf changes = {0};

    (void)state;
    awareness_init(&a);
    assert_int_equal(apply(&a, 1, 10, 3, "{}", &changes), RC_OK);
    assert_int_equal(apply(&a, 2, 20, 300, "{}", &changes), RC_OK);
    assert_int_equal(apply(&a, 1, 30, 1, "{}", &changes), RC_OK);
    buf_clear(&changes);
    assert_int_equal(awareness_remove_owner(&a, 1, &changes), RC_OK);
    assert_memory_equal(changes.data, "\2\x0a\3\4null\x1e\1\4null", 15);
    assert_int_equal(changes.len, 15);
    assert_true(awareness_check(&a));
    assert_int_equal(a.live, 1);
    buf_clear(&changes);
    assert_int_equal(awareness_remove_owner(&a, 1, &changes), RC_OK);
    assert_int_equal(changes.len, 0);
    assert_int_equal(awareness_remove_older(&a, 1000, &changes), RC_OK);
    assert_int_equal(changes.len, 0);
    assert_int_equal(awareness_remove_older(&a, 1001, &changes), RC_OK);
    assert_int_equal(changes.len, 9);
    assert_int_equal(a.live, 0);
    buf_finish(&changes);
    awareness_finish(&a);
}

static void a_known_state_is_its_last_claimers(void **state)
{
    struct awareness a;
    struct buf changes = {0};

    (void)state;
    awareness_init(&a);
    assert_int_equal(apply(&a, 1, 10, 3, "{}", &changes), RC_OK);
    buf_clear(&changes);
    awareness_claim(&a, 10, 2, 7, 2000); /* an older state */
    awareness_claim(&a, 11, 1, 7, 2000); /* unknown */
    assert_int_equal(awareness_find(&a, 10)->owner, 1);
    awareness_claim(&a, 10, 3, 7, 2000);
    assert_int_equal(awareness_remove_owner(&a, 1, &changes), RC_OK);
    assert_int_equal(awareness_remove_older(&a, 2000, &changes), RC_OK);
    assert_int_equal(changes.len, 0);
    assert_int_equal(awareness_remove_owner(&a, 7, &changes), RC_OK);
    assert_int_equal(a.live, 0);
    awareness_claim(&a, 10, 3, 8, 3000); /* gone is gone */
    assert_int_equal(awareness_find(&a, 10)->owner, 7);
    assert_int_equal(a.count, 1);
    assert_true(awareness_check(&a));
    buf_finish(&changes);
    awareness_finish(&a);
}

static const struct {
    const char *what, *hex;
    int rc;
} refused[] = {
    {"nothing", "", RC_FORMAT},
    {"count without entries", "01", RC_FORMAT},
    {"count of 2^32", "8080808010", RC_FORMAT},
    {"cut state", "011501047b7d", RC_FORMAT},
    {"not JSON", "011501037b7d7d", RC_FORMAT},
    {"empty text", "01150100", RC_FORMAT},
    {"not UTF-8", "01150103 22ff22", RC_FORMAT},
    {"client beyond 2^53", "01 ffffffffffffffffff01 01 02 7b7d", RC_RANGE},
    {"good, then bad", "02 1501027b7d 16 01 01 7b", RC_FORMAT},
};

static void what_is_refused_changes_nothing(void **state)
{
    struct awareness a;
    struct buf changes = {0};

    (void)state;
    awareness_init(&a);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct span update = bytes_from_hex(refused[i].hex);
        int rc = awareness_apply(&a, update, 1, 1, &changes);

        if (rc != refused[i].rc || a.count != 0 || changes.len != 0) {
            fail_msg("%s: %d", refused[i].what, rc);
        }
        bytes_free(update);
    }
    buf_finish(&changes);
    awareness_finish(&a);
}

static void a_state_has_4096_bytes_at_most_or_what_is_set(void **state)
{
    char *text = malloc(AWARENESS_STATE_MAX + 2);
    struct awareness a;
    struct buf changes = {0};

    (void)state;
    awareness_init(&a);
    memset(text, 'x', AWARENESS_STATE_MAX + 1);
    text[0] = text[AWARENESS_STATE_MAX] = '"';
    text[AWARENESS_STATE_MAX + 1] = 0;
    assert_int_equal(apply(&a, 1, 5, 1, text, &changes), RC_LIMIT);
    text[AWARENESS_STATE_MAX - 1] = '"';
    text[AWARENESS_STATE_MAX] = 0;
    assert_int_equal(apply(&a, 1, 5, 1, text, &changes), RC_OK);
    assert_int_equal(a.bytes, AWARENESS_STATE_MAX);
    a.state_max = AWARENESS_STATE_MAX - 1;
    assert_int_equal(apply(&a, 1, 5, 2, text, &changes), RC_LIMIT);
    assert_int_equal(a.bytes, AWARENESS_STATE_MAX);
    free(text);
    buf_finish(&changes);
    awareness_finish(&a);
}

static void an_owner_brings_64_states_at_most(void **state)
{
    struct awareness a;
    struct buf changes = {0};

    (void)state;
    awareness_init(&a);
    for (uint64_t i = 0; i < AWARENESS_OWNED_MAX; i++) {
        assert_int_equal(apply(&a, 1, 100 + i, 1, "{}", &changes), RC_OK);
    }
    assert_int_equal(apply(&a, 1, 1, 1, "{}", &changes), RC_LIMIT);
    assert_int_equal(apply(&a, 1, 100, 2, "{}", &changes), RC_OK);
    assert_int_equal(apply(&a, 2, 1, 1, "{}", &changes), RC_OK);
    buf_finish(&changes);
    awareness_finish(&a);
}

static void a_full_table_forgets_the_removed_first(void **state)
{
    struct awareness a;
    struct buf changes = {0};
    uint64_t client = 0;

    (void)state;
    awareness_init(&a);
    /* 4,096 clients come; half of them go. */
    for (uint64_t owner = 0; owner < AWARENESS_CLIENTS_MAX / AWARENESS_OWNED_MAX; owner++) {
        for (int i = 0; i < AWARENESS_OWNED_MAX; i++) {
            assert_int_equal(apply(&a, owner, ++client, 1, "{}", &changes), RC_OK);
        }
    }
    assert_int_equal(apply(&a, 1000, ++client, 1, "{}", &changes), RC_LIMIT);
    assert_int_equal(awareness_remove_owner(&a, 0, &changes), RC_OK);
    assert_int_equal(apply(&a, 1000, client, 1, "{}", &changes), RC_OK);
    assert_int_equal(a.count, AWARENESS_CLIENTS_MAX - AWARENESS_OWNED_MAX + 1);
    assert_int_equal(a.live, a.count);
    buf_finish(&changes);
    awareness_finish(&a);
}

/* Two tables that exchange what counted, in any order with repeats, end equal. */
static void tables_that_exchange_changes_agree(void **state)
{
    struct rng rng;
    unsigned passed = 0, removed = 0;

    (void)state;
    rng_init(&rng, rng_test_seed(2026));
    for (int run = 0; run < 50; run++) {
        struct awareness a, b;
        struct buf changes = {0}, all_a = {0}, all_b = {0}, update = {0};

        awareness_init(&a);
        awareness_init(&b);
        for (int step = 0; step < 200; step++) {
            uint64_t client = 1 + rng_below(&rng, 10), clock = rng_below(&rng, 40);
            char json[40];

            snprintf(json, sizeof json, "{\"s\":%u}", (unsigned)(client * 1000 + clock));
            buf_clear(&update);
            buf_put_u8(&update, 1);
            awareness_put(&update, client, clock, span_str(rng_chance(&rng, 20) ? "null" : json));
            buf_clear(&changes);
            assert_int_equal(awareness_apply(&a, buf_span(&update), client, step, &changes), RC_OK);
            passed += changes.len > 0;
            for (uint64_t twice = changes.len > 0 ? 1 + rng_below(&rng, 2) : 0; twice > 0; twice--) {
                buf_clear(&update);
                assert_int_equal(awareness_apply(&b, buf_span(&changes), 0, step, &update), RC_OK);
            }
            if (rng_chance(&rng, 5)) {
                buf_clear(&changes);
                assert_int_equal(awareness_remove_owner(&a, client, &changes), RC_OK);
                removed += changes.len > 0;
                if (changes.len > 0) {
                    assert_int_equal(awareness_apply(&b, buf_span(&changes), 0, step, &update), RC_OK);
                }
            }
            assert_true(awareness_check(&a) && awareness_check(&b));
        }
        assert_int_equal(awareness_encode(&a, &all_a), RC_OK);
        assert_int_equal(awareness_encode(&b, &all_b), RC_OK);
        assert_true(span_equal(buf_span(&all_a), buf_span(&all_b)));
        buf_finish(&changes);
        buf_finish(&all_a);
        buf_finish(&all_b);
        buf_finish(&update);
        awareness_finish(&a);
        awareness_finish(&b);
    }
    assert_true(passed > 500 && removed > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_decide_as_in_y_protocols),
        cmocka_unit_test(a_recorded_client_comes_and_goes),
        cmocka_unit_test(an_owner_that_goes_takes_its_states_along),
        cmocka_unit_test(a_known_state_is_its_last_claimers),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(a_state_has_4096_bytes_at_most_or_what_is_set),
        cmocka_unit_test(an_owner_brings_64_states_at_most),
        cmocka_unit_test(a_full_table_forgets_the_removed_first),
        cmocka_unit_test(tables_that_exchange_changes_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
