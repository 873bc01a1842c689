#include "server/rooms/presence.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/unit/rooms/rig_fixture.h"

#define MANY 40

static void send_presence_of(struct guest *g, uint64_t client, uint64_t clock, const char *json)
{
    struct buf update = {0}, body = {0};

    awareness_put_count(&update, 1);
    awareness_put(&update, client, clock, span_str(json));
    proto_put_awareness(&body, buf_span(&update));
    guest_send(g, &body);
    buf_finish(&update);
    buf_finish(&body);
}

static bool sees(const struct guest *g, uint64_t client)
{
    const struct awareness_entry *entry = awareness_find(&g->awareness, client);

    return entry != NULL && entry->json != NULL;
}

static void a_connection_speaks_for_one_client(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    send_presence_of(&b, 77, 1, "{\"ghost\":1}");
    send_presence_of(&b, 1, 1000, "{\"not\":\"me\"}");
    send_presence_of(&b, 1, 1001, "null");
    rig_run(&rig);
    assert_false(sees(&a, 77));
    assert_true(sees(&b, 1));
    assert_string_equal(awareness_find(&b.awareness, 1)->json, "{}");
    send_presence_of(&b, 2, 9, "{\"me\":1}");
    rig_run(&rig);
    assert_string_equal(awareness_find(&a.awareness, 2)->json, "{\"me\":1}");
    guest_finish(&a);
    guest_finish(&b);
}

static void who_returns_before_his_old_connection_ends_stays(void **state)
{
    struct guest watcher, a;
    struct conn *old;

    (void)state;
    guest_open(&watcher, &rig, CONN_YWEBSOCKET, "note", "", 9);
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    assert_true(sees(&watcher, 1));
    old = a.conn;
    a.awareness_clock = 0; /* the same state at the same clock, as a provider sends when it connects again */
    guest_reopen(&a, "note", "");
    loopback_disconnect(rig.net, old);
    rig_run(&rig);
    assert_true(sees(&watcher, 1));
    loopback_release(rig.net, old);
    guest_disconnect(&a);
    rig_run(&rig);
    assert_false(sees(&watcher, 1));
    guest_finish(&watcher);
    guest_finish(&a);
}

static void many_states_leave_as_one_message_and_the_newest_wins(void **state)
{
    static struct guest g[MANY];
    char json[32];

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        guest_open(&g[i], &rig, CONN_YWEBSOCKET, "note", "", 1 + i);
    }
    rig_pass(&rig, 2000);
    for (unsigned i = 0; i < MANY; i++) {
        g[i].presences = 0;
    }
    /* Fifty moves of everybody within 50 ms: the first is told at once, the rest as one. */
    for (unsigned n = 1; n <= 50; n++) {
        for (unsigned i = 0; i < MANY; i++) {
            snprintf(json, sizeof json, "{\"at\":%u}", n);
            guest_send_presence(&g[i], json);
            loopback_turn(rig.net);
        }
        clock_fake_advance_ms(&rig.clock, 1);
    }
    rig_run(&rig);
    assert_int_equal(g[0].presences, 1);
    rig_pass(&rig, 200);
    assert_int_equal(g[0].presences, 2);
    for (unsigned i = 0; i < MANY; i++) {
        for (unsigned j = 0; j < MANY; j++) {
            assert_string_equal(awareness_find(&g[i].awareness, 1 + j)->json, "{\"at\":50}");
        }
    }
    for (unsigned i = 0; i < MANY; i++) {
        guest_finish(&g[i]);
    }
}

static void who_goes_while_presence_waits_is_gone(void **state)
{
    static struct guest g[MANY];

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        guest_open(&g[i], &rig, CONN_YWEBSOCKET, "note", "", 1 + i);
    }
    rig_pass(&rig, 2000);
    guest_send_presence(&g[0], "{\"x\":1}");
    rig_run(&rig);
    guest_send_presence(&g[1], "{\"x\":2}");
    guest_disconnect(&g[1]);
    rig_pass(&rig, 200);
    assert_false(sees(&g[5], 2));
    assert_true(sees(&g[5], 1));
    assert_int_equal(g[5].awareness.live, MANY - 1);
    for (unsigned i = 0; i < MANY; i++) {
        guest_finish(&g[i]);
    }
}

static void nobody_is_kept_who_says_nothing_for_90_seconds(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    for (unsigned s = 0; s < 110; s += 10) {
        guest_send_presence(&a, "{\"still\":1}");
        rig_pass(&rig, 10000);
    }
    assert_true(sees(&a, 1));
    assert_false(sees(&a, 2));
    guest_finish(&a);
    guest_finish(&b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(a_connection_speaks_for_one_client),
        T(who_returns_before_his_old_connection_ends_stays),
        T(many_states_leave_as_one_message_and_the_newest_wins),
        T(who_goes_while_presence_waits_is_gone),
        T(nobody_is_kept_who_says_nothing_for_90_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
