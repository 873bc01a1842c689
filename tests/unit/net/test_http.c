#include "server/net/http.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>
#include "server/net/http_conn.h"
#include "tests/unit/net/http_rig.h"

static void an_answer_follows_each_request(void **state)
{
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    bool closed;

    assert_non_null(
        strstr(http_rig_talk(rig, fd, "GET / HTTP/1.1\r\n" H "\r\n", &closed), "Content-Length: 1\r\n\r\n0"));
    assert_false(closed);
    assert_non_null(strstr(
        http_rig_talk(rig, fd, "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcGET /fixed HTTP/1.1\r\n" H "\r\n",
                      &closed),
        "\r\n\r\n3HTTP/1.1 200 OK"));
    assert_false(closed);
    assert_non_null(strstr(http_rig_talk(rig, fd, "HEAD /fixed HTTP/1.1\r\n" H "Connection: close\r\n\r\n", &closed),
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
    struct http_rig *rig = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = http_rig_connect(rig);
        bool closed;

        http_rig_talk(rig, fd, cases[i].sent, &closed);
        clock_fake_advance_ms(&rig->clock, cases[i].fine_ms);
        http_server_tick(rig->server);
        assert_int_equal(http_server_active(rig->server) > 0, 1);
        clock_fake_advance_ms(&rig->clock, cases[i].over_ms);
        http_server_tick(rig->server);
        assert_int_equal(http_server_active(rig->server), 0);
        close(fd);
    }
}

static void a_body_that_dribbles_ends(void **state)
{
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    unsigned seconds = 0;
    bool closed;

    http_rig_talk(rig, fd, "POST / HTTP/1.1\r\n" H "Content-Length: 1000\r\n\r\n", &closed);
    while (http_server_active(rig->server) > 0 && seconds < 1000) {
        http_rig_talk(rig, fd, "x", &closed);
        clock_fake_advance_ms(&rig->clock, 5000);
        seconds += 5;
        http_server_tick(rig->server);
    }
    assert_in_range(seconds, ARRIVALS_GRACE, ARRIVALS_GRACE + 10);
    close(fd);
}

static void an_answer_may_come_late_or_find_nobody(void **state)
{
    struct http_response r = {.status = 200, .content_type = "text/plain"};
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    bool closed;

    assert_string_equal(http_rig_talk(rig, fd, "GET /hold HTTP/1.1\r\n" H "\r\nGET / HTTP/1.1\r\n" H "\r\n", &closed),
                        "");
    clock_fake_advance_ms(&rig->clock, 600000);
    http_server_tick(rig->server);
    assert_non_null(rig->held);
    buf_put_str(&r.body, "late");
    http_respond(rig->held, &r);
    assert_non_null(strstr(http_rig_talk(rig, fd, "", &closed), "\r\n\r\nlateHTTP/1.1 200"));
    http_rig_talk(rig, fd, "GET /hold HTTP/1.1\r\n" H "\r\n", &closed);
    close(fd);
    net_loop_poll(rig->loop);
    http_server_stop(rig->server);
    buf_put_str(&r.body, "too late");
    http_respond(rig->held, &r);
    net_loop_poll(rig->loop);
    assert_int_equal(http_server_active(rig->server), 0);
}

/* Sends the head of a POST, and so much of its body. */
static const char *post_part(struct http_rig *rig, int fd, size_t len, bool *closed)
{
    static char text[HTTP_RIG_BODY + 128];
    int head = snprintf(text, sizeof text, "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", HTTP_RIG_BODY);

    memset(text + head, 'x', len);
    text[(size_t)head + len] = '\0';
    return http_rig_talk(rig, fd, text, closed);
}

static int open_from(struct http_site *site, const char *peer)
{
    int pair[2], rc;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    rc = http_conn_open(site, pair[0], peer);
    close(pair[1]);
    return rc;
}

static void one_address_may_not_have_them_all(void **state)
{
    struct http_rig *rig = *state;
    struct http_site site = {.loop = rig->loop, .addresses.most = 2, .options.connections = 5};

    site.options.clock = &rig->clock.clock;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(open_from(&site, "192.0.2.1"), i < 2 ? RC_OK : RC_LIMIT);
    }
    assert_int_equal(open_from(&site, "192.0.2.2"), RC_OK);
    http_conn_close(site.first->next);
    assert_int_equal(open_from(&site, "192.0.2.1"), RC_OK);
    while (site.first) {
        http_conn_close(site.first);
    }
    assert_int_equal(site.conns, 0);
}

static void bodies_that_arrive_share_their_memory(void **state)
{
    struct http_rig *rig = *state;
    int one = http_rig_connect(rig), two = http_rig_connect(rig);
    bool closed;

    assert_string_equal(post_part(rig, one, ARRIVALS_FREE + 800, &closed), "");
    assert_string_equal(post_part(rig, two, ARRIVALS_FREE + 200, &closed), "");
    assert_int_equal(rig->arrivals.used, HTTP_RIG_BODIES);
    assert_non_null(strstr(http_rig_talk(rig, two, "x", &closed), "Retry-After: 5\r\n"));
    close(two);
    net_loop_poll(rig->loop);
    assert_int_equal(rig->arrivals.used, 800);
    two = http_rig_connect(rig);
    assert_non_null(
        strstr(http_rig_talk(rig, two, "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc", &closed), "\r\n\r\n3"));
    close(one);
    close(two);
    net_loop_poll(rig->loop);
    net_loop_poll(rig->loop);
    assert_int_equal(rig->arrivals.used, 0);
}

static void more_connections_than_allowed_are_closed(void **state)
{
    struct http_rig *rig = *state;
    bool closed;
    int fd[4];

    for (int i = 0; i < 4; i++) {
        fd[i] = http_rig_connect(rig);
    }
    http_rig_talk(rig, fd[3], "", &closed);
    assert_true(closed);
    assert_int_equal(http_server_counts(rig->server)->refused, 1);
    for (int i = 0; i < 4; i++) {
        close(fd[i]);
    }
}

static void addresses_in_use_are_refused(void **state)
{
    struct http_rig *rig = *state;
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
        cmocka_unit_test_setup_teardown(an_answer_follows_each_request, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(what_takes_too_long_ends, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_dribbles_ends, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(an_answer_may_come_late_or_find_nobody, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(one_address_may_not_have_them_all, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(bodies_that_arrive_share_their_memory, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(more_connections_than_allowed_are_closed, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(addresses_in_use_are_refused, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test(statuses_have_their_phrases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
