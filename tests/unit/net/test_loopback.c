#include "server/net/loopback.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/net/net_rig.h"

/* Rooms on a loopback with one connection. */
struct rig {
    struct net_journal journal;
    struct loopback *lb;
};

static struct conn *begin(struct rig *rig)
{
    struct conn *c;

    *rig = (struct rig){.journal.turns = true};
    assert_int_equal(loopback_create(&net_journal_events, &rig->journal, 1000, 3000, &rig->lb), RC_OK);
    assert_int_equal(loopback_connect(rig->lb, CONN_YWEBSOCKET, "n", "t", &c), RC_OK);
    return c;
}

static void events_come_in_order(void **state)
{
    struct rig rig;
    struct conn *c = begin(&rig);
    struct buf got = {0};

    (void)state;
    assert_true(span_equal(c->note, span_str("n")));
    assert_true(span_equal(c->token, span_str("t")));
    assert_int_equal(loopback_deliver(rig.lb, c, span_str("a")), RC_OK);
    assert_int_equal(net_rig_send(c, 3, OUTQ_ONCE), RC_OK);
    assert_int_equal(loopback_inbox(c), 0);
    loopback_turn(rig.lb);
    assert_int_equal(loopback_inbox(c), 1);
    assert_true(loopback_take(c, &got));
    assert_int_equal(got.len, 3);
    assert_false(loopback_take(c, &got));
    loopback_tick(rig.lb);
    assert_int_equal(loopback_deliver(rig.lb, c, span_str("x")), RC_OK);
    assert_int_equal(loopback_deliver(rig.lb, c, span_str("late")), RC_STATE);
    assert_int_equal(net_rig_send(c, 1, OUTQ_ONCE), RC_STATE);
    loopback_turn(rig.lb);
    net_journal_expect(&rig.journal, "opened a turn tick x turn closed ");
    assert_int_equal(loopback_close_code(c), CONN_CLOSE_FORBIDDEN);
    loopback_release(rig.lb, c);
    loopback_destroy(rig.lb);
    buf_finish(&got);
}

static void a_stalled_peer_is_refused_and_drained(void **state)
{
    struct rig rig;
    struct conn *c = begin(&rig);

    (void)state;
    loopback_stall(c, true);
    assert_int_equal(net_rig_send(c, 1200, OUTQ_REPEATABLE), RC_OK);
    assert_int_equal(net_rig_send(c, 10, OUTQ_REPEATABLE), RC_BUSY);
    assert_int_equal(net_rig_send(c, 10, OUTQ_ONCE), RC_OK);
    loopback_turn(rig.lb);
    assert_int_equal(loopback_inbox(c), 0);
    assert_true(conn_queued(c) > 1200);
    assert_true(conn_drop(c) > 1200);
    loopback_turn(rig.lb);
    net_journal_expect(&rig.journal, "opened turn turn drained ");
    loopback_stall(c, false);
    loopback_turn(rig.lb);
    assert_int_equal(loopback_inbox(c), 1);
    loopback_stall(c, true);
    assert_int_equal(net_rig_send(c, 2000, OUTQ_ONCE), RC_OK);
    assert_int_equal(net_rig_send(c, 2000, OUTQ_ONCE), RC_OK);
    assert_int_equal(net_rig_send(c, 2000, OUTQ_ONCE), RC_LIMIT);
    loopback_turn(rig.lb);
    assert_int_equal(loopback_close_code(c), CONN_CLOSE_TRY_LATER);
    loopback_destroy(rig.lb);
}

static void a_paused_connection_gets_its_messages_later(void **state)
{
    struct rig rig;
    struct conn *c = begin(&rig);

    (void)state;
    conn_pause(c);
    assert_true(loopback_is_paused(c));
    assert_int_equal(loopback_deliver(rig.lb, c, span_str("a")), RC_OK);
    loopback_turn(rig.lb);
    conn_resume(c);
    assert_int_equal(loopback_deliver(rig.lb, c, span_str("b")), RC_OK);
    loopback_turn(rig.lb);
    net_journal_expect(&rig.journal, "opened turn a b turn ");
    loopback_disconnect(rig.lb, c);
    loopback_disconnect(rig.lb, c);
    net_journal_expect(&rig.journal, "closed ");
    assert_int_equal(loopback_close_code(c), 1006);
    loopback_destroy(rig.lb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_in_order),
        cmocka_unit_test(a_stalled_peer_is_refused_and_drained),
        cmocka_unit_test(a_paused_connection_gets_its_messages_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
