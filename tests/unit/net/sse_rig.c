#include "tests/unit/net/sse_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static struct sse_rig *the_rig; /* who asks for random bytes does not say */

/* ---- The server's side ------------------------------------------------------------------------------------------- */

static void post_done(void *ctx, struct http_exchange *x, int rc)
{
    struct http_response r = {.status = rc == RC_OK ? 204 : 410};
    struct sse_rig *rig = ctx;

    rig->done = rc;
    http_respond(x, &r);
}

static void on_request(void *context, struct http_exchange *x)
{
    struct sse_rig *rig = context;
    struct span note = span_str(SSE_RIG_NOTE);
    struct channel_opening o = {CONN_SSE, note, span_str("secret"), span_str(rig->address)};
    struct http_response r = {.status = 400};

    if (http_exchange_request(x)->head.method == HTTP_POST) {
        rig->rc = sse_hub_post(rig->hub, x, &rig->post);
    } else if (rig->last) {
        rig->rc = sse_hub_resume(rig->hub, x, note, span_str(rig->last), rig->poll);
    } else {
        rig->rc = sse_hub_open(rig->hub, x, &o, rig->poll);
    }
    if (rig->rc != RC_OK) {
        http_respond(x, &r);
    }
}

static void count_up(void *out, size_t len)
{
    memset(out, ++the_rig->secret, len);
}

static int open_server(struct sse_rig *rig)
{
    static const struct origin_policy policy = {NULL, 0, true, false};
    static const struct http_handler handler = {on_request, net_rig_refuse, net_rig_no_upgrade};
    struct http_options http = {.body_limit = 100000,
                                .connections = 20,
                                .arrivals = &rig->arrivals,
                                .origin = &policy,
                                .clock = &rig->clock.clock};
    struct channel_host host = {.loop = rig->loop,
                                .clock = &rig->clock.clock,
                                .events = &net_journal_events,
                                .rooms = &rig->journal,
                                .serial = &rig->serial,
                                .limits = {SSE_RIG_SOFT, SSE_RIG_HARD},
                                .per_address = SSE_RIG_PER_ADDRESS,
                                .arrivals = &rig->arrivals};
    int rc = http_server_open(rig->loop, &http, &handler, rig, &rig->http);

    rc = rc == RC_OK ? http_server_listen(rig->http, "127.0.0.1:0") : rc;
    return rc == RC_OK ? sse_hub_create(&host, SSE_RIG_SESSIONS, count_up, &rig->hub) : rc;
}

int sse_rig_set_up(void **state)
{
    struct sse_rig *rig = calloc(1, sizeof *rig);

    if (!rig || net_loop_create(&net_rig_quiet, rig, &rig->loop) != RC_OK) {
        return -1;
    }
    the_rig = rig;
    rig->arrivals.limit = 100000;
    rig->address = "127.0.0.1";
    clock_fake_init(&rig->clock, 1000000, 0);
    if (open_server(rig) != RC_OK) {
        return -1;
    }
    rig->p = sse_rig_get(rig, NULL);
    *state = rig;
    return sscanf(strstr(rig->p->got, "{\"session\":"), "{\"session\":\"%63[^\"]", rig->session) == 1 ? 0 : -1;
}

int sse_rig_tear_down(void **state)
{
    struct sse_rig *rig = *state;

    if (rig->p) {
        sse_rig_hang_up(rig, rig->p);
    }
    sse_hub_destroy(rig->hub);
    http_server_close(rig->http);
    net_loop_destroy(rig->loop);
    free(rig);
    return 0;
}

void sse_rig_turn(struct sse_rig *rig)
{
    for (int i = 0; i < 4; i++) {
        net_loop_poll(rig->loop);
        sse_hub_flush(rig->hub);
    }
}

void sse_rig_wait(struct sse_rig *rig, uint64_t seconds)
{
    clock_fake_advance_ms(&rig->clock, seconds * 1000);
    sse_hub_tick(rig->hub);
    sse_rig_turn(rig);
}

/* ---- The peers' side --------------------------------------------------------------------------------------------- */

void sse_rig_hear(struct sse_rig *rig, struct sse_peer *p)
{
    for (int i = 0; i < 200; i++) {
        ssize_t n;

        sse_rig_turn(rig);
        n = recv(p->fd, p->got + p->len, sizeof p->got - 1 - p->len, MSG_DONTWAIT);
        p->closed = p->closed || n == 0;
        if (n <= 0) {
            break;
        }
        p->len += (size_t)n;
    }
    p->got[p->len] = '\0';
}

void sse_rig_expect(struct sse_rig *rig, struct sse_peer *p, const char *text)
{
    sse_rig_hear(rig, p);
    assert_non_null(strstr(p->got, text));
}

struct sse_peer *sse_rig_ask(struct sse_rig *rig, const char *method, struct span body)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(http_server_port(rig->http))};
    struct sse_peer *p = calloc(1, sizeof *p);
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
    sse_rig_hear(rig, p);
    return p;
}

void sse_rig_hang_up(struct sse_rig *rig, struct sse_peer *p)
{
    rig->p = p == rig->p ? NULL : rig->p;
    close(p->fd);
    free(p);
    sse_rig_turn(rig);
}

struct sse_peer *sse_rig_get(struct sse_rig *rig, const char *last)
{
    rig->last = last;
    return sse_rig_ask(rig, "GET", span_of("", 0));
}

const char *sse_rig_last(struct sse_rig *rig, unsigned number, char out[SSE_RIG_LAST_MAX])
{
    snprintf(out, SSE_RIG_LAST_MAX, "%s.%u", rig->session, number);
    return out;
}

int sse_rig_post(struct sse_rig *rig, const char *session, uint64_t number, const char *letters)
{
    struct buf body = {0};

    for (size_t i = 0; letters[i]; i++) {
        buf_put_u8(&body, 1);
        buf_put_u8(&body, (uint8_t)letters[i]);
    }
    rig->post = (struct sse_post){
        .note = span_str(SSE_RIG_NOTE), .session = span_str(session), .number = number, .done = post_done, .ctx = rig};
    rig->done = 1;
    sse_rig_hang_up(rig, sse_rig_ask(rig, "POST", buf_span(&body)));
    buf_finish(&body);
    return rig->rc == RC_OK ? rig->done : rig->rc;
}
