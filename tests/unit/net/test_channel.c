#include "server/net/channel.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/net/net_rig.h"

#define SOFT   1000
#define HARD   4000
#define SECOND UINT64_C(1000000)

/* A transport with two connections, which writes down what it is to settle among what the rooms hear. */
struct rig {
    struct net_loop *loop;
    struct clock_fake clock;
    uint64_t serial;
    struct channel_counts counts;
    struct channel_hub hub;
    struct channel a, b;
    struct net_journal journal;
    bool again;  /* the next settling queues more */
    bool finish; /* and finishes the other channel */
};

static struct rig *the_rig; /* `settle` is given nothing but the channel */

static void settle(struct channel *c)
{
    struct rig *rig = the_rig;

    net_journal_note(&rig->journal, c == &rig->a ? "a" : "b");
    outq_advance(&c->out, outq_bytes(&c->out));
    if (rig->again) {
        rig->again = false;
        assert_int_equal(net_rig_send(&c->conn, 1, OUTQ_ONCE), RC_OK);
    }
    if (rig->finish) {
        rig->finish = false;
        channel_finish(c == &rig->a ? &rig->b : &rig->a);
    }
    channel_tell_drained(c, outq_bytes(&c->out));
}

static void begin(struct rig *rig, struct channel *c)
{
    static const struct conn_ops ops = {
        .send = channel_send, .drop = channel_drop, .close = channel_close, .queued = channel_queued};
    struct channel_opening o = {CONN_YWEBSOCKET, span_str("note"), span_str("token"), span_str("192.0.2.1")};

    assert_int_equal(channel_init(c, &rig->hub, &ops, &o), RC_OK);
    assert_true(span_equal(c->conn.note, o.note) && c->conn.note.data != o.note.data);
    assert_true(span_equal(c->conn.token, o.token) && span_equal(c->conn.peer, o.peer));
}

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    struct channel_host host = {.events = &net_journal_events, .limits = {SOFT, HARD}, .per_address = 1};

    if (!rig || net_loop_create(&net_rig_quiet, rig, &rig->loop) != RC_OK) {
        return -1;
    }
    clock_fake_init(&rig->clock, SECOND, 0);
    host.loop = rig->loop;
    host.rooms = &rig->journal;
    host.clock = &rig->clock.clock;
    host.serial = &rig->serial;
    channel_hub_init(&rig->hub, &host, &rig->counts);
    begin(rig, &rig->a);
    begin(rig, &rig->b);
    the_rig = rig;
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    net_loop_destroy(rig->loop);
    free(rig);
    return 0;
}

static void finish_both(struct rig *rig)
{
    channel_finish(&rig->b);
    channel_finish(&rig->a);
    assert_null(rig->hub.first);
    assert_null(rig->hub.dirty);
    assert_int_equal(rig->hub.count, 0);
}

static void rooms_hear_only_of_what_was_announced(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(rig->hub.count, 2);
    assert_false(channel_hub_is_crowded(&rig->hub, span_str("192.0.2.1")));
    channel_announce(&rig->a);
    assert_true(channel_hub_is_crowded(&rig->hub, span_str("192.0.2.1")));
    channel_give(&rig->a, span_str("word"));
    channel_give(&rig->a, span_of(NULL, 0));
    finish_both(rig);
    net_journal_expect(&rig->journal, "opened word closed ");
    assert_false(channel_hub_is_crowded(&rig->hub, span_str("192.0.2.1")));
    assert_int_equal(rig->counts.opened, 1);
    assert_int_equal(rig->counts.messages_in, 2);
    assert_int_equal(rig->counts.bytes_in, 4);
    channel_hub_release_rooms(&rig->hub);
    assert_true(rig->hub.released);
}

static void who_has_work_is_settled_once(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(net_rig_send(&rig->a.conn, 10, OUTQ_ONCE), RC_OK);
    assert_int_equal(net_rig_send(&rig->a.conn, 10, OUTQ_ONCE), RC_OK);
    assert_int_equal(channel_queued(&rig->a.conn), 24);
    channel_hub_flush(&rig->hub, settle);
    net_journal_expect(&rig->journal, "a ");
    channel_hub_flush(&rig->hub, settle);
    net_journal_expect(&rig->journal, "");
    rig->again = true;
    channel_mark(&rig->b);
    channel_hub_flush(&rig->hub, settle);
    net_journal_expect(&rig->journal, "b b ");
    assert_int_equal(rig->counts.frames_out, 3);
    finish_both(rig);
}

static void one_that_ends_while_another_is_settled_is_not(void **state)
{
    struct rig *rig = *state;

    channel_mark(&rig->a);
    channel_mark(&rig->b); /* the first to be settled */
    rig->finish = true;
    channel_hub_flush(&rig->hub, settle);
    net_journal_expect(&rig->journal, "b ");
    assert_int_equal(rig->hub.count, 1);
    channel_finish(&rig->b);
    assert_null(rig->hub.first);
}

static void a_slow_reader_is_told_when_it_has_drained(void **state)
{
    struct rig *rig = *state;

    channel_announce(&rig->a);
    assert_int_equal(net_rig_send(&rig->a.conn, SOFT * 2, OUTQ_REPEATABLE), RC_OK);
    assert_int_equal(net_rig_send(&rig->a.conn, 1, OUTQ_REPEATABLE), RC_BUSY);
    channel_tell_drained(&rig->a, SOFT / 2 + 1);
    net_journal_expect(&rig->journal, "opened ");
    assert_int_equal(channel_drop(&rig->a.conn), SOFT * 2 + 4);
    channel_hub_flush(&rig->hub, settle);
    net_journal_expect(&rig->journal, "a drained ");
    channel_mark(&rig->a);
    channel_hub_flush(&rig->hub, settle);
    net_journal_expect(&rig->journal, "a "); /* once */
    finish_both(rig);
}

static void above_the_hard_limit_it_is_closed(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(net_rig_send(&rig->a.conn, SOFT * 2, OUTQ_ONCE), RC_OK);
    assert_int_equal(net_rig_send(&rig->a.conn, HARD * 2, OUTQ_ONCE), RC_LIMIT);
    assert_true(rig->a.closing);
    assert_int_equal(rig->a.close_code, CONN_CLOSE_TRY_LATER);
    assert_int_equal(channel_queued(&rig->a.conn), 0);
    assert_int_equal(rig->counts.closed_slow, 1);
    assert_int_equal(net_rig_send(&rig->a.conn, 1, OUTQ_ONCE), RC_STATE);
    finish_both(rig);
}

static void a_close_is_said_once_and_does_not_last(void **state)
{
    struct rig *rig = *state;
    char longest[CHANNEL_REASON_MAX * 2];

    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    channel_close(&rig->a.conn, CONN_CLOSE_FORBIDDEN, longest);
    channel_hub_close_all(&rig->hub, CONN_CLOSE_RESTART, NULL);
    assert_int_equal(rig->a.close_code, CONN_CLOSE_FORBIDDEN);
    assert_int_equal(strlen(rig->a.reason), CHANNEL_REASON_MAX);
    assert_int_equal(rig->b.close_code, CONN_CLOSE_RESTART);
    assert_string_equal(rig->b.reason, "");
    channel_hub_flush(&rig->hub, settle);
    net_journal_expect(&rig->journal, "b a ");
    assert_false(channel_is_overdue(&rig->a, SECOND));
    assert_false(channel_is_overdue(&rig->a, SECOND * CHANNEL_CLOSE_TIME_S));
    assert_true(channel_is_overdue(&rig->a, SECOND * (CHANNEL_CLOSE_TIME_S + 1)));
    finish_both(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rooms_hear_only_of_what_was_announced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_has_work_is_settled_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_ends_while_another_is_settled_is_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slow_reader_is_told_when_it_has_drained, set_up, tear_down),
        cmocka_unit_test_setup_teardown(above_the_hard_limit_it_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_close_is_said_once_and_does_not_last, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
