#include "tests/unit/net/http_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>
#include "server/net/http_stream.h"
#include "tests/unit/net/net_rig.h"

static void on_drained(void *context, struct http_exchange *x)
{
    struct http_rig *rig = context;

    rig->drained++;
    rig->held = x;
}

static void on_gone(void *context)
{
    struct http_rig *rig = context;

    rig->gone++;
    rig->held = NULL;
}

static void begin_stream(struct http_rig *rig, struct http_exchange *x)
{
    static const struct http_stream_events events = {on_drained, on_gone};
    struct http_response r = {.status = 200, .content_type = "text/plain"};

    buf_put_str(&r.headers, "X-Own: 1\r\n");
    if (!http_stream_begin(x, &r, &events, rig)) {
        rig->gone++;
    }
}

static void on_request(void *context, struct http_exchange *x)
{
    const struct http_request *q = http_exchange_request(x);
    struct http_response r = {.status = 200, .content_type = "text/plain"};
    struct http_rig *rig = context;

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

static const struct http_handler handler = {on_request, on_refusal, net_rig_no_upgrade};

int http_rig_set_up(void **state)
{
    static const struct origin_policy policy = {NULL, 0, true, false};
    struct http_rig *rig = calloc(1, sizeof *rig);
    struct http_options options = {.body_limit = HTTP_RIG_BODY, .connections = 3, .origin = &policy};

    if (!rig) {
        return -1;
    }
    clock_fake_init(&rig->clock, 1, 1);
    options.clock = &rig->clock.clock;
    options.arrivals = &rig->arrivals;
    rig->arrivals.limit = HTTP_RIG_BODIES;
    if (net_loop_create(&net_rig_quiet, rig, &rig->loop) != RC_OK ||
        http_server_open(rig->loop, &options, &handler, rig, &rig->server) != RC_OK ||
        http_server_listen(rig->server, "127.0.0.1:0") != RC_OK) {
        return -1;
    }
    *state = rig;
    return 0;
}

int http_rig_tear_down(void **state)
{
    struct http_rig *rig = *state;

    http_server_close(rig->server);
    net_loop_destroy(rig->loop);
    free(rig);
    return 0;
}

int http_rig_connect(struct http_rig *rig)
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

const char *http_rig_talk(struct http_rig *rig, int fd, const char *text, bool *closed)
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
