#include "server/net/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

#define TICKS_MOST 1200 /* two minutes */

/* A server that is woken and ticks, and stops itself; peers come in tests/server/net. */
struct app {
    struct net_server *server;
    unsigned woken, ticks, turns, opened, closed;
    unsigned again_ms;               /* after which the rooms want another turn */
    unsigned step;                   /* of the script */
    void (*script)(struct app *app); /* at each tick */
    struct clock_fake clock;
    int peer;
};

static void on_request(void *context, struct http_exchange *x)
{
    struct http_response r = {.status = 404};

    (void)context;
    http_respond(x, &r);
}

static void on_refusal(void *context, unsigned status, struct http_response *out)
{
    (void)context;
    (void)status;
    (void)out;
}

static void on_woken(void *context)
{
    ((struct app *)context)->woken++;
}

static void on_tick(void *context)
{
    struct app *app = context;

    app->ticks++;
    app->script(app);
}

static void on_signalled(void *context, int sig)
{
    (void)context;
    (void)sig;
}

#define PART 70000 /* bytes of half a message: more than is free */

static const struct net_app table = {on_request, on_refusal, on_woken, on_tick, on_signalled};

static void on_opened(void *rooms, struct conn *c)
{
    (void)c;
    ((struct app *)rooms)->opened++;
}

static void on_closed(void *rooms, struct conn *c)
{
    (void)c;
    ((struct app *)rooms)->closed++;
}

static void on_message(void *rooms, struct conn *c, struct span bytes)
{
    (void)rooms;
    (void)c;
    (void)bytes;
}

static unsigned on_turn(void *rooms)
{
    ((struct app *)rooms)->turns++;
    return ((struct app *)rooms)->again_ms;
}

static void on_rooms_tick(void *rooms)
{
    (void)rooms;
}

static const struct conn_events events = {on_opened, on_message, on_closed, on_closed, on_turn, on_rooms_tick};

static void *wake(void *server)
{
    net_server_wake(server);
    return NULL;
}

static const struct origin_policy policy = {NULL, 0, true, false};

static struct net_options options_with(const struct clock *clock)
{
    return (struct net_options){.origin = &policy,
                                .clock = clock,
                                .message_limit = 2 * PART,
                                .queue_soft = 1000,
                                .queue_hard = 2000,
                                .connections = 10};
}

static void stop_once_woken(struct app *app)
{
    if (app->step == 0 && app->woken > 0 && app->ticks >= 3) {
        app->step++;
        net_server_stop(app->server, 1000);
    }
}

static void a_server_runs_is_woken_and_ends(void **state)
{
    struct net_options options = options_with(clock_system());

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct app app = {.script = stop_once_woken};
        pthread_t thread;

        assert_int_equal(net_server_create(&options, &table, &app, &app.server), RC_OK);
        assert_int_equal(net_server_connections(app.server), 0);
        assert_int_equal(net_server_ws_counts(app.server)->channel.opened, 0);
        if (i > 0) { /* also without rooms */
            assert_int_equal(net_server_set_rooms(app.server, &events, &app), RC_OK);
        }
        assert_int_equal(net_server_listen(app.server, "127.0.0.1:0"), RC_OK);
        assert_true(net_server_port(app.server) > 0);
        assert_int_equal(pthread_create(&thread, NULL, wake, app.server), 0);
        net_server_run(app.server);
        pthread_join(thread, NULL);
        net_server_destroy(app.server);
        assert_int_equal(app.woken, 1);
        assert_true(app.ticks >= 3);
        assert_int_equal(app.turns > 0, i > 0);
    }
    net_server_destroy(NULL);
}

/* A turn each millisecond, not one for each tick and what it causes. */
static void stop_after_many_turns(struct app *app)
{
    assert_true(app->ticks < TICKS_MOST);
    if (app->step == 0 && app->turns >= 20 * app->ticks) {
        app->step++;
        net_server_stop(app->server, 1000);
    }
}

static void turns_come_when_the_rooms_want_them(void **state)
{
    struct net_options options = options_with(clock_system());
    struct app app = {.script = stop_after_many_turns, .again_ms = 1};

    (void)state;
    assert_int_equal(net_server_create(&options, &table, &app, &app.server), RC_OK);
    assert_int_equal(net_server_set_rooms(app.server, &events, &app), RC_OK);
    net_server_run(app.server);
    net_server_destroy(app.server);
    assert_int_equal(app.step, 1);
}

/* ---- A peer that says nothing ------------------------------------------------------------------------------------ */

static void peer_connects(struct app *app)
{
    static const char hello[] = "GET /ws/n HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(net_server_port(app->server))};
    int room = 2 * PART;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    app->peer = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(app->peer >= 0);
    setsockopt(app->peer, SOL_SOCKET, SO_SNDBUF, &room, sizeof room); /* nobody reads while we send */
    assert_int_equal(connect(app->peer, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(app->peer, hello, sizeof hello - 1, MSG_NOSIGNAL), sizeof hello - 1);
}

/* What has come by now; -1 when nothing has, 0 when the server hung up. */
static ssize_t peer_reads(const struct app *app, uint8_t *bytes, size_t room)
{
    return recv(app->peer, bytes, room, MSG_DONTWAIT);
}

static void expect_ping(const uint8_t *bytes, ssize_t len)
{
    assert_int_equal(len, 3);
    assert_int_equal(bytes[0], 0x89);
    assert_int_equal(bytes[1], 1);
}

static void sends_pong(const struct app *app)
{
    static const uint8_t pong[] = {0x8a, 0x81, 0, 0, 0, 0, '?'};

    assert_int_equal(send(app->peer, pong, sizeof pong, MSG_NOSIGNAL), sizeof pong);
}

/* One step of the story at most; false when what it waits for has not come. The clock stands still but for what is
 * said here. */
static bool silent_peer_steps(struct app *app)
{
    uint8_t bytes[512];
    ssize_t len = app->step == 0 ? -1 : peer_reads(app, bytes, sizeof bytes);

    switch (app->step) {
    case 0:
        peer_connects(app);
        return true;
    case 1:
        if (len < 0) {
            return false;
        }
        assert_true(len > 100);
        assert_int_equal(app->opened, 1);
        clock_fake_advance_ms(&app->clock, (WS_PING_S + 1) * 1000);
        return true;
    case 2:
        if (len < 0) {
            return false;
        }
        expect_ping(bytes, len);
        sends_pong(app);
        return true;
    case 3: /* the loop reads the pong between two ticks */
    case 4:
        return true;
    case 5:
        clock_fake_advance_ms(&app->clock, (WS_PING_S + 1) * 1000); /* since the pong */
        return true;
    case 6:
        if (len < 0) {
            return false;
        }
        expect_ping(bytes, len);
        assert_int_equal(app->closed, 0);
        clock_fake_advance_ms(&app->clock, (WS_SILENCE_S - WS_PING_S) * 1000);
        return true;
    case 7:
        if (len < 0 || app->closed == 0) {
            return false;
        }
        assert_int_equal(len, 0);
        assert_int_equal(app->closed, 1);
        assert_int_equal(net_server_ws_counts(app->server)->channel.closed_silent, 1);
        net_server_stop(app->server, 1000);
        return true;
    default:
        return false;
    }
}

static void silent_peer(struct app *app)
{
    assert_true(app->ticks < TICKS_MOST);
    app->step += silent_peer_steps(app);
}

/* Runs the server on a clock that stands still, until the script has stopped it behind its last step. */
static void run_script(void (*script)(struct app *app), unsigned steps)
{
    struct app app = {.script = script};
    struct net_options options;

    clock_fake_init(&app.clock, 1000000, 0);
    options = options_with(&app.clock.clock);
    assert_int_equal(net_server_create(&options, &table, &app, &app.server), RC_OK);
    assert_int_equal(net_server_set_rooms(app.server, &events, &app), RC_OK);
    assert_int_equal(net_server_listen(app.server, "127.0.0.1:0"), RC_OK);
    net_server_run(app.server);
    assert_int_equal(app.step, steps);
    close(app.peer);
    net_server_destroy(app.server);
}

static void a_silent_peer_is_pinged_then_dropped(void **state)
{
    (void)state;
    run_script(silent_peer, 8);
}

/* ---- A peer that sends half a message ---------------------------------------------------------------------------- */

/* The first frame of several: binary, masked with zeros. */
static void sends_half(const struct app *app, size_t len)
{
    static uint8_t frame[14 + PART] = {0x02, 0xff};

    for (int i = 0; i < 8; i++) {
        frame[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
    }
    assert_int_equal(send(app->peer, frame, 14 + len, MSG_NOSIGNAL), 14 + len);
}

/* It is told to come back, and the script is over. */
static void expect_refusal(struct app *app, const uint8_t *bytes, ssize_t len)
{
    assert_true(len > 4);
    assert_int_equal(bytes[0], 0x88);
    assert_int_equal(bytes[2] << 8 | bytes[3], CONN_CLOSE_TRY_LATER);
    assert_int_equal(net_server_ws_counts(app->server)->closed_full, 1);
    shutdown(app->peer, SHUT_RDWR);
    net_server_stop(app->server, 1000);
}

static bool half_message_steps(struct app *app)
{
    uint8_t bytes[512];
    ssize_t len = app->step == 0 ? -1 : peer_reads(app, bytes, sizeof bytes);

    switch (app->step) {
    case 0:
        peer_connects(app);
        return true;
    case 1:
        if (len > 0) {
            sends_half(app, PART);
        }
        return len > 0;
    case 2:
        if (len > 0) {
            expect_refusal(app, bytes, len);
        }
        return len > 0;
    default:
        return false;
    }
}

/* A message that begins and does not go on, while its sender lives: the first ping is answered. */
static bool slow_message_steps(struct app *app)
{
    uint8_t bytes[512];
    ssize_t len = app->step == 0 ? -1 : peer_reads(app, bytes, sizeof bytes);

    switch (app->step) {
    case 0:
        peer_connects(app);
        return true;
    case 1:
        if (len > 0) {
            sends_half(app, 100);
        }
        return len > 0;
    case 2: /* the loop reads it between two ticks */
    case 3:
        return true;
    case 4:
        clock_fake_advance_ms(&app->clock, (WS_PING_S + 1) * 1000);
        return true;
    case 5:
        if (len > 0) {
            expect_ping(bytes, len);
            sends_pong(app);
        }
        return len > 0;
    case 6:
    case 7:
        return true;
    case 8:
        clock_fake_advance_ms(&app->clock, ARRIVALS_GRACE * 1000);
        return true;
    case 9:
        if (len > 0) {
            expect_refusal(app, bytes, len);
        }
        return len > 0;
    default:
        return false;
    }
}

static void half_message(struct app *app)
{
    assert_true(app->ticks < TICKS_MOST);
    app->step += half_message_steps(app);
}

static void slow_message(struct app *app)
{
    assert_true(app->ticks < TICKS_MOST);
    app->step += slow_message_steps(app);
}

static void half_a_message_takes_no_memory_beyond_what_there_is(void **state)
{
    (void)state;
    run_script(half_message, 3);
}

static void a_message_that_does_not_go_on_ends(void **state)
{
    (void)state;
    run_script(slow_message, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_runs_is_woken_and_ends),
        cmocka_unit_test(turns_come_when_the_rooms_want_them),
        cmocka_unit_test(a_silent_peer_is_pinged_then_dropped),
        cmocka_unit_test(a_message_that_does_not_go_on_ends),
        cmocka_unit_test(half_a_message_takes_no_memory_beyond_what_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
