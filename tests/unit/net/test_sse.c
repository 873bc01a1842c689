#include "server/net/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/net/sse_rig.h"

static void messages_go_both_ways(void **state)
{
    struct sse_rig *rig = *state;
    const struct conn *c = rig->journal.conn;

    assert_int_equal(c->protocol, CONN_SSE);
    assert_true(span_equal(c->note, span_str(SSE_RIG_NOTE)) && span_equal(c->token, span_str("secret")));
    assert_non_null(strstr(rig->p->got, "HTTP/1.1 200 OK\r\n"));
    assert_string_equal(rig->session, "0.01010101010101010101010101010101");
    assert_int_equal(net_rig_send(rig->journal.conn, 3, OUTQ_ONCE), RC_OK);
    assert_true(conn_queued(c) > 0);
    sse_rig_expect(rig, rig->p, "\n\nid: 0.01010101010101010101010101010101.1\ndata: AAAA\n\n");
    assert_int_equal(conn_queued(c), 0);
    assert_int_equal(sse_rig_post(rig, rig->session, 1, "abc"), RC_OK);
    net_journal_expect(&rig->journal, "opened a b c ");
    sse_rig_hang_up(rig, rig->p);
    assert_int_equal(sse_hub_channels(rig->hub)->count, 1);
    assert_int_equal(sse_hub_leave(rig->hub, span_str(SSE_RIG_NOTE), span_str(rig->session), 0), RC_OK);
    sse_rig_turn(rig);
    net_journal_expect(&rig->journal, "closed ");
    assert_int_equal(sse_hub_channels(rig->hub)->count, 0);
    assert_int_equal(sse_hub_counts(rig->hub)->channel.messages_in, 3);
}

static void posts_are_applied_once_and_in_order(void **state)
{
    struct sse_rig *rig = *state;
    const char *own = rig->session;
    const struct {
        const char *session;
        uint64_t number;
        const char *letters;
        int rc;
    } cases[] = {
        {own, 2, "z", RC_RANGE},   {own, 1, "a", RC_OK},
        {own, 1, "a", RC_EXISTS},  {own, 0, "a", RC_EXISTS},
        {own, 2, "", RC_OK},       {"0.0", 3, "b", RC_NOTFOUND},
        {"", 3, "b", RC_NOTFOUND}, {"9.01010101010101010101010101010101", 3, "b", RC_NOTFOUND},
        {own, 3, "b", RC_OK},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(sse_rig_post(rig, cases[i].session, cases[i].number, cases[i].letters), cases[i].rc);
    }
    net_journal_expect(&rig->journal, "opened a b ");
}

static void a_broken_body_changes_nothing(void **state)
{
    struct sse_rig *rig = *state;

    rig->post = (struct sse_post){.note = span_str(SSE_RIG_NOTE), .session = span_str(rig->session), .number = 1};
    sse_rig_hang_up(rig, sse_rig_ask(rig, "POST", span_of("\1a\5b", 4)));
    assert_int_equal(rig->rc, RC_FORMAT);
    net_journal_expect(&rig->journal, "opened ");
    assert_int_equal(sse_rig_post(rig, rig->session, 1, "a"), RC_OK);
}

static void a_paused_sender_waits_for_the_answer(void **state)
{
    struct sse_rig *rig = *state;

    assert_int_equal(sse_rig_post(rig, rig->session, 1, "apb"), 1);
    net_journal_expect(&rig->journal, "opened a p ");
    assert_int_equal(sse_rig_post(rig, rig->session, 2, "c"), RC_BUSY);
    conn_resume(rig->journal.conn);
    sse_rig_turn(rig);
    assert_int_equal(rig->done, RC_OK);
    assert_int_equal(sse_rig_post(rig, rig->session, 2, "c"), RC_OK);
    assert_int_equal(sse_rig_post(rig, rig->session, 3, "pd"), 1);
    conn_close(rig->journal.conn, CONN_CLOSE_RESTART, "restart");
    sse_rig_expect(rig, rig->p, "event: close\ndata: {\"code\":1001,\"reason\":\"restart\"}\n\n");
    assert_int_equal(rig->done, RC_NOTFOUND);
    net_journal_expect(&rig->journal, "b c p closed ");
    assert_true(rig->p->closed);
}

static void a_close_is_the_last_event(void **state)
{
    struct sse_rig *rig = *state;

    assert_int_equal(net_rig_send(rig->journal.conn, 1, OUTQ_ONCE), RC_OK);
    assert_int_equal(sse_rig_post(rig, rig->session, 1, "xa"), RC_NOTFOUND);
    assert_int_equal(sse_rig_post(rig, rig->session, 2, "a"), RC_NOTFOUND);
    sse_rig_expect(rig, rig->p, "data: AA==\n\nevent: close\ndata: {\"code\":4403,\"reason\":\"so\"}\n\n");
    assert_true(rig->p->closed);
    net_journal_expect(&rig->journal, "opened x closed ");
}

static void a_session_goes_on_for_who_has_had_all(void **state)
{
    struct sse_rig *rig = *state;
    struct sse_peer *second, *third;
    char last[SSE_RIG_LAST_MAX];

    assert_int_equal(net_rig_send(rig->journal.conn, 1, OUTQ_ONCE), RC_OK);
    sse_rig_hear(rig, rig->p);
    sse_rig_hang_up(rig, rig->p);
    assert_int_equal(net_rig_send(rig->journal.conn, 2, OUTQ_ONCE), RC_OK);
    sse_rig_turn(rig);
    sse_rig_wait(rig, SSE_WAIT_S - 1);
    second = sse_rig_get(rig, sse_rig_last(rig, 1, last));
    assert_int_equal(rig->rc, RC_OK);
    assert_non_null(strstr(second->got, "\"received\":0}"));
    assert_non_null(strstr(second->got, ".2\ndata: AAA=\n\n"));
    net_journal_expect(&rig->journal, "opened ");
    third = sse_rig_get(rig, sse_rig_last(rig, 2, last)); /* takes over from an open answer */
    sse_rig_hear(rig, second);
    assert_true(second->closed);
    assert_false(third->closed);
    assert_int_equal(sse_hub_counts(rig->hub)->resumed, 2);
    sse_rig_hang_up(rig, second);
    sse_rig_hang_up(rig, third);
}

static void it_ends_for_who_has_missed_something(void **state)
{
    struct sse_rig *rig = *state;
    char last[SSE_RIG_LAST_MAX];
    const char *const ids[] = {sse_rig_last(rig, 0, last), last, "nonsense"};

    assert_int_equal(net_rig_send(rig->journal.conn, 1, OUTQ_ONCE), RC_OK);
    sse_rig_hear(rig, rig->p);
    for (size_t i = 0; i < 3; i++) {
        sse_rig_hang_up(rig, sse_rig_get(rig, ids[i]));
        assert_int_equal(rig->rc, RC_NOTFOUND);
    }
    net_journal_expect(&rig->journal, "opened closed ");
}

static void nobody_is_waited_for_for_ever(void **state)
{
    struct sse_rig *rig = *state;

    sse_rig_hang_up(rig, rig->p);
    sse_rig_wait(rig, SSE_WAIT_S - 1);
    net_journal_expect(&rig->journal, "opened ");
    sse_rig_wait(rig, 1);
    net_journal_expect(&rig->journal, "closed ");
    assert_int_equal(sse_hub_counts(rig->hub)->expired, 1);
}

static void who_says_nothing_is_dropped(void **state)
{
    struct sse_rig *rig = *state;

    for (uint64_t n = 1; n < 4; n++) {
        sse_rig_wait(rig, SSE_SILENCE_S - 1);
        assert_int_equal(sse_rig_post(rig, rig->session, n, ""), RC_OK);
    }
    sse_rig_wait(rig, SSE_SILENCE_S);
    sse_rig_expect(rig, rig->p, "event: close\ndata: {\"code\":1013");
    assert_int_equal(sse_hub_counts(rig->hub)->channel.closed_silent, 1);
    assert_int_equal(sse_hub_channels(rig->hub)->count, 0);
}

static void a_quiet_stream_says_that_it_lives(void **state)
{
    static const struct {
        uint64_t seconds;
        size_t comments;
    } cases[] = {{SSE_COMMENT_S - 1, 0}, {1, 1}, {1, 1}, {SSE_COMMENT_S, 2}};
    struct sse_rig *rig = *state;
    size_t before = rig->p->len;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sse_rig_wait(rig, cases[i].seconds);
        sse_rig_hear(rig, rig->p);
        assert_int_equal(rig->p->len, before + 3 * cases[i].comments);
    }
    assert_string_equal(rig->p->got + before, ":\n\n:\n\n");
    assert_false(rig->p->closed);
}

static void a_poll_ends_behind_its_first_messages(void **state)
{
    struct sse_rig *rig = *state;
    struct sse_peer *p;
    char last[SSE_RIG_LAST_MAX];

    rig->poll = true;
    p = sse_rig_get(rig, sse_rig_last(rig, 0, last));
    assert_false(p->closed);
    sse_rig_wait(rig, SSE_COMMENT_S); /* nothing has come: ends all the same, so that something passes */
    sse_rig_hear(rig, p);
    assert_true(p->closed);
    sse_rig_hang_up(rig, p);
    p = sse_rig_get(rig, last);
    assert_false(p->closed);
    assert_int_equal(net_rig_send(rig->journal.conn, 1, OUTQ_ONCE), RC_OK);
    assert_int_equal(net_rig_send(rig->journal.conn, 1, OUTQ_ONCE), RC_OK);
    sse_rig_hear(rig, p);
    sse_rig_expect(rig, p, ".2\ndata: AA==\n\n");
    assert_true(p->closed);
    sse_rig_hang_up(rig, p);
    net_journal_expect(&rig->journal, "opened ");
}

static void a_long_message_has_lines_and_comes_whole(void **state)
{
    struct sse_rig *rig = *state;
    size_t lines = 0;

    assert_int_equal(net_rig_send(rig->journal.conn, 200000, OUTQ_ONCE), RC_OK);
    sse_rig_hear(rig, rig->p);
    sse_rig_hear(rig, rig->p);
    for (const char *at = rig->p->got; (at = strstr(at, "data: AAAA")); at++) {
        lines++;
    }
    assert_int_equal(lines, 200000 / SSE_LINE_MAX + 1);
    assert_string_equal(rig->p->got + rig->p->len - 2, "\n\n");
}

static void a_slow_reader_has_limits(void **state)
{
    struct sse_rig *rig = *state;
    struct conn *c = rig->journal.conn;

    sse_rig_hang_up(rig, rig->p); /* reads nothing at all */
    while (net_rig_send(c, 5000, OUTQ_REPEATABLE) == RC_OK) {
    }
    assert_int_equal(net_rig_send(c, 5000, OUTQ_REPEATABLE), RC_BUSY);
    assert_true(conn_queued(c) <= SSE_RIG_SOFT + 6000);
    net_journal_expect(&rig->journal, "opened ");
    assert_true(conn_drop(c) > SSE_RIG_SOFT - 5000);
    sse_rig_turn(rig);
    net_journal_expect(&rig->journal, "drained ");
    while (net_rig_send(c, 5000, OUTQ_ONCE) == RC_OK) {
    }
    assert_int_equal(net_rig_send(c, 1, OUTQ_ONCE), RC_STATE);
    sse_rig_turn(rig);
    net_journal_expect(&rig->journal, "closed ");
    assert_int_equal(sse_hub_counts(rig->hub)->channel.closed_slow, 1);
}

static void who_leaves_is_awaited_until_his_last_post(void **state)
{
    struct sse_rig *rig = *state;
    struct span session = span_str(rig->session);

    assert_int_equal(sse_hub_leave(rig->hub, span_str("other"), session, 1), RC_NOTFOUND);
    assert_int_equal(sse_hub_leave(rig->hub, span_str(SSE_RIG_NOTE), session, 1), RC_OK);
    sse_rig_turn(rig);
    net_journal_expect(&rig->journal, "opened ");
    assert_int_equal(sse_rig_post(rig, rig->session, 1, "a"), RC_OK);
    net_journal_expect(&rig->journal, "a closed ");
    sse_rig_expect(rig, rig->p, "{\"code\":1000,");
}

static void there_are_so_many_sessions_and_no_more(void **state)
{
    struct sse_rig *rig = *state;
    struct channel_hub *channels = sse_hub_channels(rig->hub);

    for (size_t i = 1; i <= SSE_RIG_SESSIONS; i++) {
        sse_rig_hang_up(rig, sse_rig_get(rig, NULL));
        assert_int_equal(rig->rc, i < SSE_RIG_SESSIONS ? RC_OK : RC_LIMIT);
    }
    assert_int_equal(channels->count, SSE_RIG_SESSIONS);
    channel_hub_close_all(channels, CONN_CLOSE_RESTART, "end");
    sse_rig_turn(rig);
    assert_int_equal(channels->count, 0);
    channel_hub_release_rooms(channels);
    sse_rig_hang_up(rig, sse_rig_get(rig, NULL));
    assert_int_equal(rig->rc, RC_STATE);
}

static void one_address_may_have_so_many_of_them(void **state)
{
    struct sse_rig *rig = *state;

    sse_rig_wait(rig, SSE_SILENCE_S); /* the first goes */
    rig->address = "192.0.2.1";
    for (size_t i = 0; i <= SSE_RIG_PER_ADDRESS; i++) {
        sse_rig_hang_up(rig, sse_rig_get(rig, NULL));
        assert_int_equal(rig->rc, i < SSE_RIG_PER_ADDRESS ? RC_OK : RC_LIMIT);
    }
    rig->address = "192.0.2.2";
    sse_rig_hang_up(rig, sse_rig_get(rig, NULL));
    assert_int_equal(rig->rc, RC_OK);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, sse_rig_set_up, sse_rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(messages_go_both_ways),
        CASE(posts_are_applied_once_and_in_order),
        CASE(a_broken_body_changes_nothing),
        CASE(a_paused_sender_waits_for_the_answer),
        CASE(a_close_is_the_last_event),
        CASE(a_session_goes_on_for_who_has_had_all),
        CASE(it_ends_for_who_has_missed_something),
        CASE(nobody_is_waited_for_for_ever),
        CASE(who_says_nothing_is_dropped),
        CASE(a_quiet_stream_says_that_it_lives),
        CASE(a_poll_ends_behind_its_first_messages),
        CASE(a_long_message_has_lines_and_comes_whole),
        CASE(a_slow_reader_has_limits),
        CASE(who_leaves_is_awaited_until_his_last_post),
        CASE(there_are_so_many_sessions_and_no_more),
        CASE(one_address_may_have_so_many_of_them),
    };
#undef CASE

    return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
