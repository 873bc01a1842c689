#include "server/net/http.h"
#include "server/net/http_stream.h"

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

/* A server on a fake clock, polled by the test; the peer is a plain socket. */
struct rig {
    struct net_loop *loop;
    struct http_server *server;
    struct clock_fake clock;
    struct http_exchange *held; /* "/hold" waits here, and "/stream" when it may go on */
    size_t requests, drained, gone;
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

static void on_drained(void *context, struct http_exchange *x)
{
    struct rig *rig = context;

    rig->drained++;
    rig->held = x;
}

static void on_gone(void *context)
{
    struct rig *rig = context;

    rig->gone++;
    rig->held = NULL;
}

static void begin_stream(struct rig *rig, struct http_exchange *x)
{
    static const struct http_stream_events events = {on_drained, on_gone};
    struct http_response r = {.status = 200, .content_type = "text/plain"};

    buf_put_str(&r.headers, "X-Own: 1\r\n");
    if (!http_stream_begin(x, &r, &events, rig)) {
        rig->gone++;
    }
}

static void put_piece(struct rig *rig, const char *text)
{
    struct http_exchange *x = rig->held;
    struct buf piece = {0};

    assert_non_null(x);
    rig->held = NULL;
    buf_put_str(&piece, text);
    http_stream_put(x, &piece);
    assert_int_equal(piece.len, 0);
}

static void end_stream(struct rig *rig, bool whole)
{
    struct http_exchange *x = rig->held;

    assert_non_null(x);
    rig->held = NULL;
    http_stream_end(x, whole);
}

static void on_request(void *context, struct http_exchange *x)
{
    const struct http_request *q = http_exchange_request(x);
    struct http_response r = {.status = 200, .content_type = "text/plain"};
    struct rig *rig = context;

    rig->requests++;
    if (span_equal(q->head.path, span_str("/hold"))) {
        rig->held = x;
        return;
    }
    if (span_equal(q->head.path, span_str("/stream"))) {
        begin_stream(rig, x);
        return;
    }
    if (span_equal(q->head.path, span_str("/fixed"))) {
        r.fixed = span_str("fixed");
    } else {
        buf_printf(&r.body, "%zu", q->body.len);
    }
    http_respond(x, &r);
}

static void on_refusal(void *context, unsigned status, struct http_response *out)
{
    (void)context;
    (void)status;
    out->content_type = "text/plain";
    buf_put_str(&out->body, "no");
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

static int set_up(void **state)
{
    static const struct origin_policy policy = {NULL, 0, true, false};
    struct rig *rig = calloc(1, sizeof *rig);
    struct http_options options = {1000, 3, &policy, NULL};

    if (!rig) {
        return -1;
    }
    clock_fake_init(&rig->clock, 1, 1);
    options.clock = &rig->clock.clock;
    if (net_loop_create(&hooks, rig, &rig->loop) != RC_OK ||
        http_server_open(rig->loop, &options, &handler, rig, &rig->server) != RC_OK ||
        http_server_listen(rig->server, "127.0.0.1:0") != RC_OK) {
        return -1;
    }
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    http_server_close(rig->server);
    net_loop_destroy(rig->loop);
    free(rig);
    return 0;
}

static int connect_to(struct rig *rig)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(http_server_port(rig->server))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = {.tv_usec = 20000};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    net_loop_poll(rig->loop);
    return fd;
}

/* Sends, lets the loop run, and gives what has come back; *closed says whether the server hung up. */
static const char *talk(struct rig *rig, int fd, const char *text, bool *closed)
{
    static char got[8192];
    size_t len = 0;
    ssize_t n = 1;

    if (*text) {
        assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    }
    *closed = false;
    for (int i = 0; i < 5; i++) {
        net_loop_poll(rig->loop);
        n = recv(fd, got + len, sizeof got - 1 - len, i < 4 ? MSG_DONTWAIT : 0);
        len += n > 0 ? (size_t)n : 0;
        *closed = *closed || n == 0;
    }
    got[len] = '\0';
    return got;
}

#define H "Host: localhost\r\n"

static void an_answer_follows_each_request(void **state)
{
    struct rig *rig = *state;
    int fd = connect_to(rig);
    bool closed;

    assert_non_null(strstr(talk(rig, fd, "GET / HTTP/1.1\r\n" H "\r\n", &closed), "Content-Length: 1\r\n\r\n0"));
    assert_false(closed);
    assert_non_null(strstr(
        talk(rig, fd, "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcGET /fixed HTTP/1.1\r\n" H "\r\n", &closed),
        "\r\n\r\n3HTTP/1.1 200 OK"));
    assert_false(closed);
    assert_non_null(strstr(talk(rig, fd, "HEAD /fixed HTTP/1.1\r\n" H "Connection: close\r\n\r\n", &closed),
                           "Content-Length: 5\r\nConnection: close\r\n\r\n"));
    assert_true(closed);
    assert_int_equal(rig->requests, 4);
    assert_int_equal(http_server_counts(rig->server)->by_class[2], 4);
    assert_int_equal(http_server_active(rig->server), 0);
    close(fd);
}

static void what_takes_too_long_ends(void **state)
{
    static const struct {
        const char *sent;
        unsigned fine_ms, over_ms;
    } cases[] = {
        {"", 9000, 2000},                                                     /* nothing at all */
        {"GET / HT", 9000, 2000},                                             /* half a head */
        {"GET / HTTP/1.1\r\n" H "\r\n", 14000, 2000},                         /* nothing after an answer */
        {"POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc", 9000, 2000}, /* half a body */
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = connect_to(rig);
        bool closed;

        talk(rig, fd, cases[i].sent, &closed);
        clock_fake_advance_ms(&rig->clock, cases[i].fine_ms);
        http_server_tick(rig->server);
        assert_int_equal(http_server_active(rig->server) > 0, 1);
        clock_fake_advance_ms(&rig->clock, cases[i].over_ms);
        http_server_tick(rig->server);
        assert_int_equal(http_server_active(rig->server), 0);
        close(fd);
    }
}

static void an_answer_may_come_late_or_find_nobody(void **state)
{
    struct http_response r = {.status = 200, .content_type = "text/plain"};
    struct rig *rig = *state;
    int fd = connect_to(rig);
    bool closed;

    assert_string_equal(talk(rig, fd, "GET /hold HTTP/1.1\r\n" H "\r\nGET / HTTP/1.1\r\n" H "\r\n", &closed), "");
    clock_fake_advance_ms(&rig->clock, 600000);
    http_server_tick(rig->server);
    assert_non_null(rig->held);
    buf_put_str(&r.body, "late");
    http_respond(rig->held, &r);
    assert_non_null(strstr(talk(rig, fd, "", &closed), "\r\n\r\nlateHTTP/1.1 200"));
    talk(rig, fd, "GET /hold HTTP/1.1\r\n" H "\r\n", &closed);
    close(fd);
    net_loop_poll(rig->loop);
    http_server_stop(rig->server);
    buf_put_str(&r.body, "too late");
    http_respond(rig->held, &r);
    net_loop_poll(rig->loop);
    assert_int_equal(http_server_active(rig->server), 0);
}

static void more_connections_than_allowed_are_closed(void **state)
{
    struct rig *rig = *state;
    bool closed;
    int fd[4];

    for (int i = 0; i < 4; i++) {
        fd[i] = connect_to(rig);
    }
    talk(rig, fd[3], "", &closed);
    assert_true(closed);
    assert_int_equal(http_server_counts(rig->server)->refused, 1);
    for (int i = 0; i < 4; i++) {
        close(fd[i]);
    }
}

#define GET_STREAM(version) "GET /stream HTTP/1." version "\r\n" H "\r\n"

static void pieces_come_as_chunks_and_the_connection_goes_on(void **state)
{
    struct rig *rig = *state;
    int fd = connect_to(rig);
    const char *got;
    bool closed;

    got = talk(rig, fd, GET_STREAM("1") "POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nab", &closed);
    assert_non_null(strstr(got, "\r\nTransfer-Encoding: chunked\r\nX-Own: 1\r\n\r\n"));
    assert_null(strstr(got, "Content-Length"));
    assert_int_equal(rig->drained, 1);
    put_piece(rig, "first piece of it");
    assert_string_equal(talk(rig, fd, "", &closed), "11\r\nfirst piece of it");
    put_piece(rig, "second");
    assert_string_equal(talk(rig, fd, "", &closed), "\r\n6\r\nsecond");
    assert_int_equal(rig->requests, 1);
    end_stream(rig, true);
    got = talk(rig, fd, "", &closed);
    assert_memory_equal(got, "\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", 24);
    assert_int_equal(rig->requests, 2);
    assert_false(closed);
    talk(rig, fd, GET_STREAM("1"), &closed);
    end_stream(rig, true);
    assert_string_equal(talk(rig, fd, "", &closed), "0\r\n\r\n");
    assert_int_equal(rig->gone, 0);
    close(fd);
}

static void without_chunks_the_end_of_the_connection_is_the_end(void **state)
{
    struct rig *rig = *state;
    int fd = connect_to(rig);
    const char *got;
    bool closed;

    got = talk(rig, fd, GET_STREAM("0"), &closed);
    assert_null(strstr(got, "Transfer-Encoding"));
    assert_non_null(strstr(got, "\r\nConnection: close\r\n\r\n"));
    put_piece(rig, "one");
    assert_string_equal(talk(rig, fd, "", &closed), "one");
    put_piece(rig, "two");
    assert_string_equal(talk(rig, fd, "", &closed), "two");
    assert_false(closed);
    end_stream(rig, true);
    assert_string_equal(talk(rig, fd, "", &closed), "");
    assert_true(closed);
    close(fd);
}

static void a_head_alone_has_no_pieces(void **state)
{
    struct rig *rig = *state;
    int fd = connect_to(rig);
    bool closed;

    assert_non_null(strstr(talk(rig, fd, "HEAD /stream HTTP/1.1\r\n" H "\r\n", &closed), "X-Own: 1\r\n\r\n"));
    assert_int_equal(rig->gone, 1);
    assert_int_equal(rig->drained, 0);
    assert_false(closed);
    close(fd);
}

static void what_is_cut_off_is_no_whole(void **state)
{
    static const char *const requests[] = {GET_STREAM("1"), GET_STREAM("0")};
    struct rig *rig = *state;

    for (size_t i = 0; i < 2; i++) {
        int fd = connect_to(rig);
        bool closed;
        char byte;

        talk(rig, fd, requests[i], &closed);
        put_piece(rig, "a part");
        talk(rig, fd, "", &closed);
        end_stream(rig, false);
        assert_true(recv(fd, &byte, 1, 0) < 0); /* reset: not an end */
        close(fd);
    }
    assert_int_equal(rig->gone, 0);
    assert_int_equal(http_server_active(rig->server), 0);
}

static void nothing_more_is_asked_for_while_the_peer_does_not_read(void **state)
{
    const size_t size = 8 << 20;
    struct rig *rig = *state;
    char *text = malloc(size);
    int fd = connect_to(rig);
    bool closed;

    assert_non_null(text);
    memset(text, 'x', size - 1);
    text[size - 1] = '\0';
    talk(rig, fd, GET_STREAM("1"), &closed);
    put_piece(rig, text);
    free(text);
    for (int i = 0; i < 5; i++) {
        net_loop_poll(rig->loop);
    }
    assert_null(rig->held);
    clock_fake_advance_ms(&rig->clock, 31000);
    http_server_tick(rig->server);
    assert_int_equal(rig->gone, 1);
    close(fd);
}

static void a_piece_may_take_its_time(void **state)
{
    struct rig *rig = *state;
    int fd = connect_to(rig);
    bool closed;

    talk(rig, fd, GET_STREAM("1"), &closed);
    clock_fake_advance_ms(&rig->clock, 3600000);
    http_server_tick(rig->server);
    assert_int_equal(rig->gone, 0);
    http_server_stop(rig->server);
    put_piece(rig, "the rest");
    assert_string_equal(talk(rig, fd, "", &closed), "8\r\nthe rest"); /* what is under way may end */
    end_stream(rig, true);
    assert_string_equal(talk(rig, fd, "", &closed), "\r\n0\r\n\r\n");
    assert_true(closed);
    close(fd);
}

static void who_makes_the_pieces_is_told_when_the_peer_has_gone(void **state)
{
    struct rig *rig = *state;
    int fd = connect_to(rig);
    bool closed;

    talk(rig, fd, GET_STREAM("1"), &closed);
    close(fd);
    for (int i = 0; i < 50 && rig->gone == 0; i++) {
        put_piece(rig, "to nobody");
        for (int k = 0; k < 50 && !rig->held && rig->gone == 0; k++) {
            net_loop_poll(rig->loop);
        }
    }
    assert_int_equal(rig->gone, 1);
    assert_int_equal(http_server_active(rig->server), 0);
}

static void addresses_in_use_are_refused(void **state)
{
    struct rig *rig = *state;
    char taken[32];

    snprintf(taken, sizeof taken, "127.0.0.1:%u", (unsigned)http_server_port(rig->server));
    assert_int_equal(http_server_listen(rig->server, taken), RC_EXISTS);
    assert_int_equal(http_server_listen(rig->server, "192.0.2.1:0"), RC_ARG);
    assert_int_equal(http_server_listen(rig->server, "nonsense"), RC_ARG);
}

static void statuses_have_their_phrases(void **state)
{
    (void)state;
    assert_string_equal(http_status_text(404), "Not Found");
    assert_string_equal(http_status_text(504), "Gateway Timeout");
    assert_string_equal(http_status_text(299), "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_follows_each_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_takes_too_long_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_may_come_late_or_find_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_connections_than_allowed_are_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pieces_come_as_chunks_and_the_connection_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_chunks_the_end_of_the_connection_is_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_alone_has_no_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_cut_off_is_no_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_more_is_asked_for_while_the_peer_does_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_piece_may_take_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_makes_the_pieces_is_told_when_the_peer_has_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(addresses_in_use_are_refused, set_up, tear_down),
        cmocka_unit_test(statuses_have_their_phrases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
