#include "server/rooms/quota.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/rooms/rig_fixture.h"

#define SECOND_OF_MESSAGES 500
#define AT_ONCE            50 /* before anybody is paused */
#define HEAP               10
#define HEAP_MS            22 /* and a message */
#define FLOODERS           8
#define MIB                ((size_t)1 << 20)

/* With the limit as it is by default. */
static int quota_setup(void **state)
{
    struct rooms_options options = rooms_options_default();
    int rc = rig_setup(state);

    rig_reopen_with(&options);
    return rc;
}

/* What an application may send on a y-websocket line without meaning anything here. */
static void send_unknown(struct guest *g, size_t len)
{
    struct buf message = {0};

    buf_put_u8(&message, 0x63);
    while (message.len < len) {
        buf_put_u8(&message, 0);
    }
    guest_send(g, &message);
    buf_finish(&message);
}

/* Until it is not read any more, and so many messages beyond. */
static void flood(struct guest *g, unsigned beyond)
{
    for (unsigned i = 0; i < 2 * AT_ONCE && !loopback_is_paused(g->conn); i++) {
        send_unknown(g, 2);
    }
    assert_true(loopback_is_paused(g->conn));
    for (unsigned i = 0; i < beyond; i++) {
        guest_type(g, "x");
    }
}

static uint64_t edits(void)
{
    return rig_stats(&rig).edits;
}

static unsigned turn(void)
{
    loopback_turn(rig.net);
    return rooms_conn_events()->turn(rig.rooms);
}

static void who_sends_too_much_is_not_read_for_a_while(void **state)
{
    struct guest a;
    unsigned sent = 0;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    while (!loopback_is_paused(a.conn) && sent < 2 * AT_ONCE) {
        guest_type(&a, "x");
        sent++;
    }
    assert_in_range(sent, AT_ONCE - 6, AT_ONCE); /* it has said hello */
    for (int i = 0; i < 600; i++) {
        guest_type(&a, "x");
    }
    rig_pass(&rig, 400);
    assert_true(loopback_is_paused(a.conn));
    rig_pass(&rig, 3000);
    assert_false(loopback_is_paused(a.conn));
    assert_int_equal(a.stored, 1 + sent + 600);         /* late, and nothing lost */
    assert_in_range(rig_stats(&rig).throttled, 12, 14); /* read again in each step, fifty at once */
    guest_finish(&a);
}

static void a_flood_is_read_in_heaps_of_ten(void **state)
{
    struct guest g;
    uint64_t before;

    (void)state;
    guest_open(&g, &rig, CONN_YWEBSOCKET, "note", "", 1);
    assert_int_equal(turn(), 0);
    flood(&g, 20 * HEAP);
    for (unsigned heap = 0; heap < 18; heap++) {
        before = edits();
        assert_in_range(turn(), 1, HEAP_MS);
        clock_fake_advance_ms(&rig.clock, HEAP_MS);
        turn(); /* read again */
        turn(); /* what came is with the rooms */
        assert_in_range(edits() - before, HEAP, HEAP + 1);
    }
    rig_pass(&rig, 1000);
    assert_int_equal(turn(), 0);
    assert_int_equal(edits(), 20 * HEAP);
    guest_finish(&g);
}

static void those_who_flood_are_read_one_after_another(void **state)
{
    struct guest g[FLOODERS];
    uint64_t before, most = 0;

    (void)state;
    for (unsigned i = 0; i < FLOODERS; i++) {
        guest_open(&g[i], &rig, CONN_YWEBSOCKET, "note", "", 1 + i);
    }
    for (unsigned i = 0; i < FLOODERS; i++) {
        flood(&g[i], 2 * SECOND_OF_MESSAGES);
    }
    for (unsigned ms = 0; ms < 1000; ms++) {
        before = edits();
        clock_fake_advance_ms(&rig.clock, 1);
        loopback_turn(rig.net);
        most = edits() - before > most ? edits() - before : most;
    }
    assert_in_range(most, 1, 2 * HEAP);
    /* … and yet they have what is their share of a second. */
    assert_in_range(edits(), FLOODERS * SECOND_OF_MESSAGES * 9 / 10, FLOODERS * SECOND_OF_MESSAGES * 11 / 10);
    for (unsigned i = 0; i < FLOODERS; i++) {
        guest_disconnect(&g[i]);
        guest_finish(&g[i]);
    }
}

/* However long one was, its sender is read again within a second. */
static void long_messages_count_for_several(void **state)
{
    struct guest g;

    (void)state;
    guest_open(&g, &rig, CONN_YWEBSOCKET, "note", "", 1);
    send_unknown(&g, MIB / 2);
    assert_false(loopback_is_paused(g.conn));
    rig_pass(&rig, 100);
    for (unsigned i = 0; i < 7; i++) {
        assert_false(loopback_is_paused(g.conn));
        send_unknown(&g, MIB);
        assert_true(loopback_is_paused(g.conn));
        rig_pass(&rig, 200);
    }
    rig_pass(&rig, 1000);
    assert_false(loopback_is_paused(g.conn));
    send_unknown(&g, 16 * MIB);
    rig_pass(&rig, 900);
    assert_true(loopback_is_paused(g.conn));
    rig_pass(&rig, 200);
    assert_false(loopback_is_paused(g.conn));
    guest_finish(&g);
}

/* Somebody who waits for long stands behind those who wait for less. */
static void who_waits_longest_does_not_keep_the_others(void **state)
{
    struct guest long_one, short_one;

    (void)state;
    guest_open(&long_one, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&short_one, &rig, CONN_YWEBSOCKET, "note", "", 2);
    send_unknown(&long_one, 16 * MIB);
    flood(&short_one, 0);
    clock_fake_advance_ms(&rig.clock, 30);
    turn();
    assert_false(loopback_is_paused(short_one.conn));
    assert_true(loopback_is_paused(long_one.conn));
    guest_finish(&long_one);
    guest_finish(&short_one);
}

static void who_goes_while_he_waits_is_forgotten(void **state)
{
    struct guest g[3];
    /* The first, one between two, the last. */
    static const unsigned order[3] = {1, 0, 2};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        guest_open(&g[i], &rig, CONN_YWEBSOCKET, "note", "", 1 + i);
    }
    for (unsigned i = 0; i < 3; i++) {
        flood(&g[i], 1);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_in_range(turn(), 1, HEAP_MS);
        guest_disconnect(&g[order[i]]);
    }
    assert_int_equal(turn(), 0);
    clock_fake_advance_ms(&rig.clock, 1000);
    assert_int_equal(turn(), 0);
    for (unsigned i = 0; i < 3; i++) {
        guest_finish(&g[i]);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, quota_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(who_sends_too_much_is_not_read_for_a_while), T(a_flood_is_read_in_heaps_of_ten),
        T(those_who_flood_are_read_one_after_another), T(long_messages_count_for_several),
        T(who_waits_longest_does_not_keep_the_others), T(who_goes_while_he_waits_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
