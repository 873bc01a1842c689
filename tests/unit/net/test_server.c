#include "server/net/server.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

/* A server that is woken and ticks, and stops itself; peers come in tests/server/net. */
struct app {
    struct net_server *server;
    unsigned woken, ticks, turns;
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

    if (++app->ticks == 3) {
        net_server_stop(app->server, 1000);
    }
}

static void on_signalled(void *context, int sig)
{
    (void)context;
    (void)sig;
}

static const struct net_app table = {on_request, on_refusal, on_woken, on_tick, on_signalled};

static void on_conn(void *rooms, struct conn *c)
{
    (void)rooms;
    (void)c;
}

static void on_message(void *rooms, struct conn *c, struct span bytes)
{
    (void)rooms;
    (void)c;
    (void)bytes;
}

static void on_turn(void *rooms)
{
    ((struct app *)rooms)->turns++;
}

static const struct conn_events events = {on_conn, on_message, on_conn, on_conn, on_turn, on_turn};

static void *wake(void *server)
{
    net_server_wake(server);
    return NULL;
}

static void a_server_runs_is_woken_and_ends(void **state)
{
    struct origin_policy policy = {NULL, 0, true, false};
    struct net_options options = {.origin = &policy,
                                  .clock = clock_system(),
                                  .message_limit = 1000,
                                  .queue_soft = 1000,
                                  .queue_hard = 2000,
                                  .connections = 10};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct app app = {0};
        pthread_t thread;

        assert_int_equal(net_server_create(&options, &table, &app, &app.server), RC_OK);
        assert_int_equal(net_server_websockets(app.server), 0);
        assert_int_equal(net_server_ws_counts(app.server)->opened, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_server_runs_is_woken_and_ends)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
