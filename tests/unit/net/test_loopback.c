#include "server/net/loopback.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

/* Rooms that write down what they are told. */
struct journal {
    char text[256];
    struct loopback *lb;
};

static void note(void *rooms, const char *word)
{
    struct journal *j = rooms;

    assert_true(strlen(j->text) + strlen(word) + 2 < sizeof j->text);
    strcat(strcat(j->text, word), " ");
}

static void on_opened(void *rooms, struct conn *c)
{
    c->user = rooms;
    note(rooms, "opened");
}

static void on_message(void *rooms, struct conn *c, struct span bytes)
{
    char word[32];

    assert_ptr_equal(c->user, rooms);
    snprintf(word, sizeof word, "%.*s", (int)bytes.len, (const char *)bytes.data);
    note(rooms, word);
    if (strcmp(word, "bye") == 0) {
        conn_close(c, CONN_CLOSE_FORBIDDEN, "so");
    }
}

static void on_drained(void *rooms, struct conn *c)
{
    (void)c;
    note(rooms, "drained");
}

static void on_closed(void *rooms, struct conn *c)
{
    (void)c;
    note(rooms, "closed");
}

static void on_turn(void *rooms)
{
    note(rooms, "turn");
}

static void on_tick(void *rooms)
{
    note(rooms, "tick");
}

static const struct conn_events events = {on_opened, on_message, on_drained, on_closed, on_turn, on_tick};

static struct conn *begin(struct journal *j)
{
    struct conn *c;

    memset(j, 0, sizeof *j);
    assert_int_equal(loopback_create(&events, j, 1000, 3000, &j->lb), RC_OK);
    assert_int_equal(loopback_connect(j->lb, CONN_YWEBSOCKET, "n", "t", &c), RC_OK);
    return c;
}

static int send_len(struct conn *c, size_t len, enum outq_kind kind)
{
    uint8_t bytes[4096] = {1};
    struct span part = span_of(bytes, len);
    struct frame *f;
    int rc;

    assert_int_equal(frame_create(&part, 1, &f), RC_OK);
    rc = conn_send(c, f, kind);
    frame_unref(f);
    return rc;
}

static void events_come_in_order(void **state)
{
    struct journal j;
    struct conn *c = begin(&j);
    struct buf got = {0};

    (void)state;
    assert_true(span_equal(c->note, span_str("n")));
    assert_true(span_equal(c->token, span_str("t")));
    assert_int_equal(loopback_deliver(j.lb, c, span_str("a")), RC_OK);
    assert_int_equal(send_len(c, 3, OUTQ_ONCE), RC_OK);
    assert_int_equal(loopback_inbox(c), 0);
    loopback_turn(j.lb);
    assert_int_equal(loopback_inbox(c), 1);
    assert_true(loopback_take(c, &got));
    assert_int_equal(got.len, 3);
    assert_false(loopback_take(c, &got));
    loopback_tick(j.lb);
    assert_int_equal(loopback_deliver(j.lb, c, span_str("bye")), RC_OK);
    assert_int_equal(loopback_deliver(j.lb, c, span_str("late")), RC_STATE);
    assert_int_equal(send_len(c, 1, OUTQ_ONCE), RC_STATE);
    loopback_turn(j.lb);
    assert_string_equal(j.text, "opened a turn tick bye turn closed ");
    assert_int_equal(loopback_close_code(c), CONN_CLOSE_FORBIDDEN);
    loopback_release(j.lb, c);
    loopback_destroy(j.lb);
    buf_finish(&got);
}

static void a_stalled_peer_is_refused_and_drained(void **state)
{
    struct journal j;
    struct conn *c = begin(&j);

    (void)state;
    loopback_stall(c, true);
    assert_int_equal(send_len(c, 1200, OUTQ_REPEATABLE), RC_OK);
    assert_int_equal(send_len(c, 10, OUTQ_REPEATABLE), RC_BUSY);
    assert_int_equal(send_len(c, 10, OUTQ_ONCE), RC_OK);
    loopback_turn(j.lb);
    assert_int_equal(loopback_inbox(c), 0);
    assert_true(conn_queued(c) > 1200);
    assert_true(conn_drop(c) > 1200);
    loopback_turn(j.lb);
    assert_string_equal(j.text, "opened turn turn drained ");
    loopback_stall(c, false);
    loopback_turn(j.lb);
    assert_int_equal(loopback_inbox(c), 1);
    loopback_stall(c, true);
    assert_int_equal(send_len(c, 2000, OUTQ_ONCE), RC_OK);
    assert_int_equal(send_len(c, 2000, OUTQ_ONCE), RC_OK);
    assert_int_equal(send_len(c, 2000, OUTQ_ONCE), RC_LIMIT);
    loopback_turn(j.lb);
    assert_int_equal(loopback_close_code(c), CONN_CLOSE_TRY_LATER);
    loopback_destroy(j.lb);
}

static void a_paused_connection_gets_its_messages_later(void **state)
{
    struct journal j;
    struct conn *c = begin(&j);

    (void)state;
    conn_pause(c);
    assert_true(loopback_is_paused(c));
    assert_int_equal(loopback_deliver(j.lb, c, span_str("a")), RC_OK);
    loopback_turn(j.lb);
    conn_resume(c);
    assert_int_equal(loopback_deliver(j.lb, c, span_str("b")), RC_OK);
    loopback_turn(j.lb);
    assert_string_equal(j.text, "opened turn a b turn ");
    loopback_disconnect(j.lb, c);
    loopback_disconnect(j.lb, c);
    assert_string_equal(j.text, "opened turn a b turn closed ");
    assert_int_equal(loopback_close_code(c), 1006);
    loopback_destroy(j.lb);
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
