#include "server/rooms/lag.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/rooms/rig_fixture.h"

/* With short queues. */
static int open_rig(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.soft = 1000;
    rig.hard = 65536;
    rig_open(&rig, NULL);
    return 0;
}

/* The rig's guests read between turns; here a turn moves what fits, and nothing is read. */
static void type_many(struct guest *g, unsigned times, const char *text)
{
    for (unsigned i = 0; i < times; i++) {
        guest_type(g, text);
        clock_fake_advance_ms(&rig.clock, 10);
        rig_run(&rig);
    }
}

static void what_is_missed_in_a_jam_comes_as_one_message(void **state)
{
    struct guest slow, fast, late;

    (void)state;
    guest_open(&fast, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&slow, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_open(&late, &rig, CONN_HOCUSPOCUS, "note", "", 3);
    loopback_stall(slow.conn, true);
    type_many(&fast, 100, "x");
    loopback_stall(late.conn, true); /* lags from another update on */
    type_many(&fast, 900, "x");
    assert_in_range(conn_queued(slow.conn), 1001, 1100);
    loopback_stall(slow.conn, false);
    loopback_stall(late.conn, false);
    slow.updates = late.updates = 0;
    rig_run(&rig);
    rig_run(&rig);
    assert_int_equal(crdt_state(slow.doc, 1), 1000);
    assert_in_range(slow.updates, 10, 100); /* those queued before the jam, and one more */
    assert_int_equal(rig_stats(&rig).merges, 2);
    assert_int_equal(rig_stats(&rig).resyncs, 0);
    assert_true(guest_agrees(&slow, &fast) && guest_agrees(&late, &fast));
    /* And then all is as before. */
    type_many(&fast, 3, "y");
    assert_true(guest_agrees(&slow, &fast) && guest_agrees(&late, &fast));
    guest_finish(&fast);
    guest_finish(&slow);
    guest_finish(&late);
}

static void presence_missed_in_a_jam_comes_too(void **state)
{
    struct guest slow, fast, gone;

    (void)state;
    guest_open(&fast, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&slow, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_open(&gone, &rig, CONN_YWEBSOCKET, "note", "", 3);
    loopback_stall(slow.conn, true);
    type_many(&fast, 100, "x");
    guest_send_presence(&fast, "{\"newest\":1}");
    guest_disconnect(&gone);
    rig_run(&rig);
    loopback_stall(slow.conn, false);
    rig_run(&rig);
    rig_run(&rig);
    assert_string_equal(awareness_find(&slow.awareness, 1)->json, "{\"newest\":1}");
    assert_null(awareness_find(&slow.awareness, 3)->json);
    assert_int_equal(rig_stats(&rig).merges, 1);
    guest_finish(&fast);
    guest_finish(&slow);
    guest_finish(&gone);
}

static void a_jam_that_lasts_ends_with_a_resynchronisation(void **state)
{
    struct guest slow, fast;
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    guest_open(&fast, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&slow, &rig, CONN_YWEBSOCKET, "note", "", 2);
    loopback_stall(slow.conn, true);
    type_many(&fast, 200, text); /* 200 KB: three times what is kept */
    loopback_stall(slow.conn, false);
    rig_run(&rig);
    rig_run(&rig);
    assert_true(rig_stats(&rig).resyncs >= 1);
    assert_int_equal(guest_close_code(&slow), 0);
    assert_true(guest_agrees(&slow, &fast));
    guest_finish(&fast);
    guest_finish(&slow);
}

static void who_leaves_in_a_jam_takes_what_is_kept_with_him(void **state)
{
    struct guest slow, fast, again;

    (void)state;
    guest_open(&fast, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&slow, &rig, CONN_YWEBSOCKET, "note", "", 2);
    loopback_stall(slow.conn, true);
    type_many(&fast, 200, "x");
    guest_disconnect(&slow);
    rig_run(&rig);
    type_many(&fast, 10, "x");
    guest_open(&again, &rig, CONN_YWEBSOCKET, "note", "", 3);
    loopback_stall(again.conn, true);
    type_many(&fast, 200, "x");
    loopback_stall(again.conn, false);
    rig_run(&rig);
    rig_run(&rig);
    assert_true(guest_agrees(&again, &fast));
    assert_int_equal(rig_stats(&rig).merges, 1);
    guest_finish(&fast);
    guest_finish(&slow);
    guest_finish(&again);
}

static void who_asks_for_all_in_a_jam_is_answered_after_it(void **state)
{
    struct guest slow, fast;

    (void)state;
    guest_open(&fast, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&slow, &rig, CONN_YWEBSOCKET, "note", "", 2);
    loopback_stall(slow.conn, true);
    type_many(&fast, 200, "x");
    slow.step2 = 0;
    guest_send_hex(&slow, "000001 00");
    rig_run(&rig);
    loopback_stall(slow.conn, false);
    rig_run(&rig);
    rig_run(&rig);
    assert_int_equal(slow.step2, 1);
    assert_true(guest_agrees(&slow, &fast));
    guest_finish(&fast);
    guest_finish(&slow);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_rig, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(what_is_missed_in_a_jam_comes_as_one_message),   T(presence_missed_in_a_jam_comes_too),
        T(a_jam_that_lasts_ends_with_a_resynchronisation), T(who_leaves_in_a_jam_takes_what_is_kept_with_him),
        T(who_asks_for_all_in_a_jam_is_answered_after_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
