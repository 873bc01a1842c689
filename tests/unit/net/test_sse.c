#include "server/net/sse.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>
#include "server/net/sse_wire.h"

#define NOTE "note"
#define SOFT 20000
#define HARD 60000

/* Rooms that write down what they hear, a hub on a fake clock, and peers that are plain sockets. */
struct rig {
    struct net_loop *loop;
    struct http_server *http;
    struct arrivals arrivals;
    struct sse_hub *hub;
    struct clock_fake clock;
    uint64_t serial;
    uint8_t secret;    /* "random" bytes */
    struct conn *conn; /* the newest */
    char journal[512];
    /* What the next requests mean, and how they ended. */
    const char *last;
    bool poll;
    const char *peer;
    struct sse_post post;
    int rc, done;
};

static void nothing(void *context)
{
    (void)context;
}

static void no_signal(void *context, int sig)
{
    (void)context;
    (void)sig;
}

static const struct net_loop_hooks hooks = {nothing, nothing, nothing, no_signal};

static void note(void *rooms, const char *word)
{
    struct rig *rig = rooms;

    assert_true(strlen(rig->journal) + strlen(word) + 2 < sizeof rig->journal);
    strcat(strcat(rig->journal, word), " ");
}

static void on_opened(void *rooms, struct conn *c)
{
    ((struct rig *)rooms)->conn = c;
    assert_int_equal(c->protocol, CONN_SSE);
    assert_true(span_equal(c->note, span_str(NOTE)));
    assert_true(span_equal(c->token, span_str("secret")));
    note(rooms, "opened");
}

/* "x" closes, "p" pauses. */
static void on_message(void *rooms, struct conn *c, struct span bytes)
{
    char word[32];

    snprintf(word, sizeof word, "%.*s", (int)bytes.len, (const char *)bytes.data);
    note(rooms, word);
    if (strcmp(word, "x") == 0) {
        conn_close(c, CONN_CLOSE_FORBIDDEN, "so");
    } else if (strcmp(word, "p") == 0) {
        conn_pause(c);
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

static const struct conn_events events = {on_opened, on_message, on_drained, on_closed, nothing, nothing};

static void post_done(void *ctx, struct http_exchange *x, int rc)
{
    struct http_response r = {.status = rc == RC_OK ? 204 : 410};

    ((struct rig *)ctx)->done = rc;
    http_respond(x, &r);
}

/* As server/api does: GET begins or goes on, POST is a post. */
static void on_request(void *context, struct http_exchange *x)
{
    struct rig *rig = context;
    struct http_response r = {.status = 400};

    if (http_exchange_request(x)->head.method == HTTP_POST) {
        rig->rc = sse_hub_post(rig->hub, x, &rig->post);
    } else if (rig->last) {
        rig->rc = sse_hub_resume(rig->hub, x, span_str(NOTE), span_str(rig->last), rig->poll);
    } else {
        struct channel_opening o = {
            .protocol = CONN_SSE, .note = span_str(NOTE), .token = span_str("secret"), .peer = span_str(rig->peer)};

        rig->rc = sse_hub_open(rig->hub, x, &o, rig->poll);
    }
    if (rig->rc != RC_OK) {
        http_respond(x, &r);
    }
}

static void on_refusal(void *context, unsigned status, struct http_response *out)
{
    (void)context;
    (void)status;
    (void)out;
}

static bool on_upgrade(void *context, int fd, const struct http_request *r, struct span key, struct span early)
{
    (void)context;
    (void)fd;
    (void)r;
    (void)key;
    (void)early;
    return false;
}

static const struct http_handler handler = {on_request, on_refusal, on_upgrade};
static struct rig *the_rig;

static void count_up(void *out, size_t len)
{
    memset(out, ++the_rig->secret, len);
}

static int set_up(void **state)
{
    static const struct origin_policy policy = {NULL, 0, true, false};
    struct rig *rig = calloc(1, sizeof *rig);
    struct http_options http = {.body_limit = 100000, .connections = 20, .arrivals = &rig->arrivals, .origin = &policy};
    struct channel_host host = {
        .events = &events, .rooms = rig, .queue_soft = SOFT, .queue_hard = HARD, .per_address = 2};

    if (!rig) {
        return -1;
    }
    the_rig = rig;
    rig->arrivals.limit = 100000;
    rig->peer = "127.0.0.1";
    clock_fake_init(&rig->clock, 1000000, 0);
    http.clock = host.clock = &rig->clock.clock;
    host.serial = &rig->serial;
    if (net_loop_create(&hooks, rig, &rig->loop) != RC_OK) {
        return -1;
    }
    host.loop = rig->loop;
    if (http_server_open(rig->loop, &http, &handler, rig, &rig->http) != RC_OK ||
        http_server_listen(rig->http, "127.0.0.1:0") != RC_OK ||
        sse_hub_create(&host, 3, count_up, &rig->hub) != RC_OK) {
        return -1;
    }
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    sse_hub_destroy(rig->hub);
    http_server_close(rig->http);
    net_loop_destroy(rig->loop);
    free(rig);
    return 0;
}

/* ---- Peers ---------------------------------------------------------------------------------------------------------
 */

/* One answer: what has come of it. */
struct peer {
    int fd;
    bool closed;
    size_t len;
    char got[400000];
};

static void turn(struct rig *rig)
{
    for (int i = 0; i < 4; i++) {
        net_loop_poll(rig->loop);
        sse_hub_flush(rig->hub);
    }
}

static void hear(struct rig *rig, struct peer *p)
{
    for (int i = 0; i < 200; i++) {
        ssize_t n;

        turn(rig);
        n = recv(p->fd, p->got + p->len, sizeof p->got - 1 - p->len, MSG_DONTWAIT);
        p->closed = p->closed || n == 0;
        if (n <= 0) {
            break;
        }
        p->len += (size_t)n;
    }
    p->got[p->len] = '\0';
}

static struct peer *ask(struct rig *rig, const char *method, struct span body)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(http_server_port(rig->http))};
    struct peer *p = calloc(1, sizeof *p);
    char head[128];
    int len = snprintf(head, sizeof head, "%s / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n", method,
                       body.len);

    assert_non_null(p);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(p->fd >= 0);
    assert_int_equal(connect(p->fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(p->fd, head, (size_t)len, MSG_NOSIGNAL), len);
    assert_int_equal(send(p->fd, body.data, body.len, MSG_NOSIGNAL), body.len);
    hear(rig, p);
    return p;
}

static void hang_up(struct rig *rig, struct peer *p)
{
    close(p->fd);
    free(p);
    turn(rig);
}

/* A GET: `last` NULL begins a session. */
static struct peer *get(struct rig *rig, const char *last)
{
    rig->last = last;
    return ask(rig, "GET", span_of("", 0));
}

static const char *session_of(const struct peer *p, char *out)
{
    const char *at = strstr(p->got, "{\"session\":\"");

    assert_non_null(at);
    assert_int_equal(sscanf(at, "{\"session\":\"%63[^\"]", out), 1);
    return out;
}

/* A POST of one-letter messages; what sse_hub_post said, and for RC_OK what `done` said, 1 when it waits. */
static int post(struct rig *rig, const char *session, uint64_t number, const char *letters)
{
    struct buf body = {0};

    for (size_t i = 0; letters[i]; i++) {
        buf_put_u8(&body, 1);
        buf_put_u8(&body, (uint8_t)letters[i]);
    }
    rig->post = (struct sse_post){
        .note = span_str(NOTE), .session = span_str(session), .number = number, .done = post_done, .ctx = rig};
    rig->done = 1;
    hang_up(rig, ask(rig, "POST", buf_span(&body)));
    buf_finish(&body);
    return rig->rc == RC_OK ? rig->done : rig->rc;
}

static int send_to(struct conn *c, size_t len, enum outq_kind kind)
{
    uint8_t *bytes = calloc(1, len);
    struct span part = span_of(bytes, len);
    struct frame *f;
    int rc;

    assert_non_null(bytes);
    assert_int_equal(frame_create(&part, 1, &f), RC_OK);
    rc = conn_send(c, f, kind);
    frame_unref(f);
    free(bytes);
    return rc;
}

static void wait_s(struct rig *rig, uint64_t seconds)
{
    clock_fake_advance_ms(&rig->clock, seconds * 1000);
    sse_hub_tick(rig->hub);
    turn(rig);
}

/* ---- The tests
 * ------------------------------------------------------------------------------------------------------- */

static void messages_go_both_ways(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    assert_non_null(strstr(p->got, "HTTP/1.1 200 OK\r\n"));
    assert_string_equal(session_of(p, session), "0.01010101010101010101010101010101");
    assert_int_equal(send_to(rig->conn, 3, OUTQ_ONCE), RC_OK);
    assert_true(conn_queued(rig->conn) > 0);
    hear(rig, p);
    assert_int_equal(conn_queued(rig->conn), 0);
    assert_non_null(strstr(p->got, "\n\nid: 0.01010101010101010101010101010101.1\ndata: AAAA\n\n"));
    assert_int_equal(post(rig, session, 1, "abc"), RC_OK);
    assert_string_equal(rig->journal, "opened a b c ");
    hang_up(rig, p);
    assert_int_equal(sse_hub_channels(rig->hub)->count, 1);
    assert_int_equal(sse_hub_leave(rig->hub, span_str(NOTE), span_str(session), 0), RC_OK);
    turn(rig);
    assert_string_equal(rig->journal, "opened a b c closed ");
    assert_int_equal(sse_hub_channels(rig->hub)->count, 0);
    assert_int_equal(sse_hub_counts(rig->hub)->channel.messages_in, 3);
}

static void posts_are_applied_once_and_in_order(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    session_of(p, session);
    assert_int_equal(post(rig, session, 2, "z"), RC_RANGE);
    assert_int_equal(post(rig, session, 1, "a"), RC_OK);
    assert_int_equal(post(rig, session, 1, "a"), RC_EXISTS);
    assert_int_equal(post(rig, session, 0, "a"), RC_EXISTS);
    assert_int_equal(post(rig, session, 2, ""), RC_OK);
    assert_int_equal(post(rig, "0.0", 3, "b"), RC_NOTFOUND);
    assert_int_equal(post(rig, "", 3, "b"), RC_NOTFOUND);
    assert_int_equal(post(rig, "9.01010101010101010101010101010101", 3, "b"), RC_NOTFOUND);
    assert_int_equal(post(rig, session, 3, "b"), RC_OK);
    assert_string_equal(rig->journal, "opened a b ");
    hang_up(rig, p);
}

static void a_broken_body_changes_nothing(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    session_of(p, session);
    rig->post = (struct sse_post){.note = span_str(NOTE), .session = span_str(session), .number = 1};
    hang_up(rig, ask(rig, "POST", span_of("\1a\5b", 4)));
    assert_int_equal(rig->rc, RC_FORMAT);
    assert_string_equal(rig->journal, "opened ");
    assert_int_equal(post(rig, session, 1, "a"), RC_OK);
    hang_up(rig, p);
}

static void a_paused_sender_waits_for_the_answer(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    session_of(p, session);
    assert_int_equal(post(rig, session, 1, "apb"), 1);
    assert_string_equal(rig->journal, "opened a p ");
    assert_int_equal(post(rig, session, 2, "c"), RC_BUSY);
    conn_resume(rig->conn);
    turn(rig);
    assert_int_equal(rig->done, RC_OK);
    assert_int_equal(post(rig, session, 2, "c"), RC_OK);
    assert_int_equal(post(rig, session, 3, "pd"), 1);
    conn_close(rig->conn, CONN_CLOSE_RESTART, "restart");
    hear(rig, p);
    assert_int_equal(rig->done, RC_NOTFOUND);
    assert_string_equal(rig->journal, "opened a p b c p closed ");
    assert_non_null(strstr(p->got, "event: close\ndata: {\"code\":1001,\"reason\":\"restart\"}\n\n"));
    assert_true(p->closed);
    hang_up(rig, p);
}

static void a_close_is_the_last_event(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    session_of(p, session);
    assert_int_equal(send_to(rig->conn, 1, OUTQ_ONCE), RC_OK);
    assert_int_equal(post(rig, session, 1, "xa"), RC_NOTFOUND);
    assert_int_equal(post(rig, session, 2, "a"), RC_NOTFOUND);
    hear(rig, p);
    assert_true(p->closed);
    assert_non_null(strstr(p->got, "data: AA==\n\nevent: close\ndata: {\"code\":4403,\"reason\":\"so\"}\n\n"));
    assert_string_equal(rig->journal, "opened x closed ");
    hang_up(rig, p);
}

static void a_session_goes_on_for_who_has_had_all(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX], last[SSE_ID_MAX + 8];

    session_of(p, session);
    assert_int_equal(send_to(rig->conn, 1, OUTQ_ONCE), RC_OK);
    hear(rig, p);
    hang_up(rig, p);
    assert_int_equal(send_to(rig->conn, 2, OUTQ_ONCE), RC_OK);
    turn(rig);
    wait_s(rig, SSE_WAIT_S - 1);
    snprintf(last, sizeof last, "%s.1", session);
    p = get(rig, last);
    assert_int_equal(rig->rc, RC_OK);
    assert_non_null(strstr(p->got, "\"received\":0}"));
    assert_non_null(strstr(p->got, ".2\ndata: AAA=\n\n"));
    assert_string_equal(rig->journal, "opened ");

    struct peer *other = get(rig, "0.01010101010101010101010101010101.2"); /* takes over from an open answer */
    hear(rig, p);
    assert_true(p->closed);
    assert_false(other->closed);
    assert_int_equal(sse_hub_counts(rig->hub)->resumed, 2);
    hang_up(rig, p);
    hang_up(rig, other);
}

static void it_ends_for_who_has_missed_something(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX], last[SSE_ID_MAX + 8];

    session_of(p, session);
    assert_int_equal(send_to(rig->conn, 1, OUTQ_ONCE), RC_OK);
    hear(rig, p);
    snprintf(last, sizeof last, "%s.0", session);
    hang_up(rig, get(rig, last));
    assert_int_equal(rig->rc, RC_NOTFOUND);
    assert_string_equal(rig->journal, "opened closed ");
    hang_up(rig, get(rig, last));
    assert_int_equal(rig->rc, RC_NOTFOUND);
    hang_up(rig, get(rig, "nonsense"));
    assert_int_equal(rig->rc, RC_NOTFOUND);
    hang_up(rig, p);
}

static void nobody_is_waited_for_for_ever(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    hang_up(rig, p);
    wait_s(rig, SSE_WAIT_S - 1);
    assert_string_equal(rig->journal, "opened ");
    wait_s(rig, 1);
    assert_string_equal(rig->journal, "opened closed ");
    assert_int_equal(sse_hub_counts(rig->hub)->expired, 1);

    p = get(rig, NULL);
    session_of(p, session);
    for (uint64_t n = 1; n < 4; n++) {
        wait_s(rig, SSE_SILENCE_S - 1);
        assert_int_equal(post(rig, session, n, ""), RC_OK);
    }
    wait_s(rig, SSE_SILENCE_S);
    hear(rig, p);
    assert_non_null(strstr(p->got, "event: close\ndata: {\"code\":1013"));
    assert_int_equal(sse_hub_counts(rig->hub)->channel.closed_silent, 1);
    assert_int_equal(sse_hub_channels(rig->hub)->count, 0);
    hang_up(rig, p);
}

static void a_quiet_stream_says_that_it_lives(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    size_t before = p->len;

    wait_s(rig, SSE_COMMENT_S - 1);
    hear(rig, p);
    assert_int_equal(p->len, before);
    wait_s(rig, 1);
    hear(rig, p);
    assert_string_equal(p->got + before, ":\n\n");
    wait_s(rig, 1);
    hear(rig, p);
    assert_int_equal(p->len, before + 3);
    assert_false(p->closed);
    hang_up(rig, p);
}

static void a_poll_ends_behind_its_first_messages(void **state)
{
    struct rig *rig = *state;
    struct peer *p;
    char session[SSE_ID_MAX], last[SSE_ID_MAX + 8];

    rig->poll = true;
    p = get(rig, NULL);
    session_of(p, session);
    assert_false(p->closed);
    wait_s(rig, SSE_COMMENT_S); /* nothing has come: ends all the same, so that something passes */
    hear(rig, p);
    assert_true(p->closed);
    hang_up(rig, p);
    snprintf(last, sizeof last, "%s.0", session);
    p = get(rig, last);
    assert_false(p->closed);
    assert_int_equal(send_to(rig->conn, 1, OUTQ_ONCE), RC_OK);
    assert_int_equal(send_to(rig->conn, 1, OUTQ_ONCE), RC_OK);
    hear(rig, p);
    hear(rig, p);
    assert_true(p->closed);
    assert_non_null(strstr(p->got, ".2\ndata: AA==\n\n"));
    hang_up(rig, p);
    assert_string_equal(rig->journal, "opened ");
}

static void a_long_message_has_lines_and_comes_whole(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    size_t lines = 0;

    assert_int_equal(send_to(rig->conn, 200000, OUTQ_ONCE), RC_OK);
    hear(rig, p);
    hear(rig, p);
    for (const char *at = p->got; (at = strstr(at, "data: AAAA")); at++) {
        lines++;
    }
    assert_int_equal(lines, 200000 / SSE_LINE_MAX + 1);
    assert_string_equal(p->got + p->len - 2, "\n\n");
    hang_up(rig, p);
}

static void a_slow_reader_has_limits(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    session_of(p, session);
    hang_up(rig, p); /* reads nothing at all */
    while (send_to(rig->conn, 5000, OUTQ_REPEATABLE) == RC_OK) {
    }
    assert_int_equal(send_to(rig->conn, 5000, OUTQ_REPEATABLE), RC_BUSY);
    assert_true(conn_queued(rig->conn) <= SOFT + 6000);
    assert_string_equal(rig->journal, "opened ");
    assert_true(conn_drop(rig->conn) > SOFT - 5000);
    turn(rig);
    assert_string_equal(rig->journal, "opened drained ");
    while (send_to(rig->conn, 5000, OUTQ_ONCE) == RC_OK) {
    }
    assert_int_equal(send_to(rig->conn, 1, OUTQ_ONCE), RC_STATE);
    turn(rig);
    assert_string_equal(rig->journal, "opened drained closed ");
    assert_int_equal(sse_hub_counts(rig->hub)->channel.closed_slow, 1);
}

static void who_leaves_is_awaited_until_his_last_post(void **state)
{
    struct rig *rig = *state;
    struct peer *p = get(rig, NULL);
    char session[SSE_ID_MAX];

    session_of(p, session);
    assert_int_equal(sse_hub_leave(rig->hub, span_str("other"), span_str(session), 1), RC_NOTFOUND);
    assert_int_equal(sse_hub_leave(rig->hub, span_str(NOTE), span_str(session), 1), RC_OK);
    turn(rig);
    assert_string_equal(rig->journal, "opened ");
    assert_int_equal(post(rig, session, 1, "a"), RC_OK);
    assert_string_equal(rig->journal, "opened a closed ");
    hear(rig, p);
    assert_non_null(strstr(p->got, "{\"code\":1000,"));
    hang_up(rig, p);
}

static void there_are_so_many_sessions_and_no_more(void **state)
{
    struct rig *rig = *state;
    struct peer *p[4];

    for (size_t i = 0; i < 4; i++) {
        p[i] = get(rig, NULL);
        assert_int_equal(rig->rc, i < 3 ? RC_OK : RC_LIMIT);
    }
    assert_int_equal(sse_hub_channels(rig->hub)->count, 3);
    channel_hub_close_all(sse_hub_channels(rig->hub), CONN_CLOSE_RESTART, "end");
    turn(rig);
    assert_int_equal(sse_hub_channels(rig->hub)->count, 0);
    channel_hub_release_rooms(sse_hub_channels(rig->hub));
    for (size_t i = 0; i < 4; i++) {
        hang_up(rig, p[i]);
    }
    hang_up(rig, get(rig, NULL));
    assert_int_equal(rig->rc, RC_STATE);
}

static void one_address_may_have_so_many_of_them(void **state)
{
    static const char *const peers[] = {"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"};
    struct rig *rig = *state;
    struct peer *p[4];

    for (size_t i = 0; i < 4; i++) {
        rig->peer = peers[i];
        p[i] = get(rig, NULL);
        assert_int_equal(rig->rc, i == 2 ? RC_LIMIT : RC_OK);
    }
    for (size_t i = 0; i < 4; i++) {
        hang_up(rig, p[i]);
    }
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(messages_go_both_ways),
        CASE(posts_are_applied_once_and_in_order),
        CASE(a_broken_body_changes_nothing),
        CASE(a_paused_sender_waits_for_the_answer),
        CASE(a_close_is_the_last_event),
        CASE(a_session_goes_on_for_who_has_had_all),
        CASE(it_ends_for_who_has_missed_something),
        CASE(nobody_is_waited_for_for_ever),
        CASE(a_quiet_stream_says_that_it_lives),
        CASE(a_poll_ends_behind_its_first_messages),
        CASE(a_long_message_has_lines_and_comes_whole),
        CASE(a_slow_reader_has_limits),
        CASE(who_leaves_is_awaited_until_his_last_post),
        CASE(there_are_so_many_sessions_and_no_more),
        CASE(one_address_may_have_so_many_of_them),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
