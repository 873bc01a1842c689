/* From bytes to requests: http_conn.h says where this stands. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "server/net/http_conn.h"

#define BODY_TIME (10 * HTTP_SECOND)

static void drop_front(struct buf *b, size_t len)
{
    memmove(b->data, b->data + len, b->len - len);
    b->len -= len;
}

static unsigned status_of(int rc)
{
    return rc == RC_LIMIT ? 431 : rc == RC_UNSUPPORTED ? 505 : rc == RC_NOMEM ? 503 : 400;
}

/* Base64 of 16 bytes: 22 characters and "==" (RFC 6455, 4.2.1). */
static bool key_valid(struct span key)
{
    if (key.len != 24 || key.data[22] != '=' || key.data[23] != '=') {
        return false;
    }
    for (size_t i = 0; i < 22; i++) {
        uint8_t c = key.data[i];

        if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '/')) {
            return false;
        }
    }
    return true;
}

static void upgrade(struct http_conn *c, const struct http_request *r)
{
    struct span key = http_head_get(&r->head, "sec-websocket-key");

    if (!http_equal(http_head_get(&r->head, "sec-websocket-version"), "13")) {
        http_refuse(c, 426, "Sec-WebSocket-Version: 13\r\n");
    } else if (!key_valid(key)) {
        http_refuse(c, 400, NULL);
    } else {
        http_conn_unwatch(c); /* the one who takes the descriptor watches it himself */
        if (c->site->handler->upgrade(c->site->context, c->fd, r, key, buf_span(&c->in))) {
            c->fd = -1;
            c->state = HTTP_CONN_DEAD;
        } else if (http_conn_watch(c) == RC_OK) {
            http_refuse(c, 404, NULL);
        } else {
            c->state = HTTP_CONN_DEAD;
        }
    }
}

/* Takes a whole head from c->in into the exchange. RC_FORMAT, RC_LIMIT, RC_UNSUPPORTED as http_head_parse; RC_NOMEM. */
static int take_head(struct http_conn *c, struct http_exchange *x, size_t len)
{
    const struct origin_policy *policy = c->site->options.origin;
    struct http_request *r = &x->request;
    int rc;

    buf_put(&x->head, c->in.data, len);
    drop_front(&c->in, len);
    rc = x->head.rc;
    rc = rc == RC_OK ? http_head_parse(buf_span(&x->head), &r->head) : rc;
    rc = rc == RC_OK ? http_head_framing(&r->head, &x->framing) : rc;
    if (rc != RC_OK) {
        return rc;
    }
    memcpy(x->peer, c->peer, sizeof x->peer);
    r->peer = span_str(x->peer);
    r->same_origin = origin_allowed(policy, http_head_get(&r->head, "sec-fetch-site"),
                                    http_head_get(&r->head, "origin"), http_head_get(&r->head, "host"));
    return RC_OK;
}

/* Begins an exchange with a head of `len` bytes. */
static void begin(struct http_conn *c, size_t len)
{
    struct http_site *s = c->site;
    struct http_exchange *x = calloc(1, sizeof *x);
    int rc;

    if (!x) {
        http_refuse(c, 503, NULL);
        return;
    }
    s->exchanges++;
    s->counts.requests++;
    x->begun_us = clock_monotonic_us(s->options.clock);
    x->site = s;
    x->conn = c;
    c->x = x;
    rc = take_head(c, x, len);
    if (rc != RC_OK) {
        http_refuse(c, status_of(rc), NULL);
        return;
    }
    c->keep = x->framing.keep_alive && !s->stopping;
    if (!origin_host_allowed(s->options.origin, http_head_get(&x->request.head, "host"))) {
        http_refuse(c, 421, NULL);
    } else if (x->framing.chunked) {
        http_refuse(c, 411, NULL);
    } else if (x->framing.length > s->options.body_limit) {
        http_refuse(c, 413, NULL);
    } else if (x->framing.upgrade_websocket) {
        upgrade(c, &x->request);
    } else {
        http_conn_set_state(c, HTTP_CONN_BODY, BODY_TIME);
    }
}

/* "100 Continue" goes out directly: it is the first thing on an otherwise quiet connection, and a client that does not
 * get it sends the body after a while anyway. */
static void send_continue(struct http_conn *c)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (send(c->fd, text, sizeof text - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof text - 1)) {
        c->state = HTTP_CONN_DEAD;
    }
}

bool http_request_head(struct http_conn *c)
{
    size_t len;

    while (c->in.len >= 2 && c->in.data[0] == '\r' && c->in.data[1] == '\n') {
        drop_front(&c->in, 2); /* empty lines before a request are to be passed over (RFC 9112, 2.2) */
    }
    len = http_head_end(buf_span(&c->in));
    if (len > HTTP_HEAD_MAX || (len == 0 && c->in.len >= HTTP_HEAD_MAX)) {
        http_refuse(c, 431, NULL);
        return true;
    }
    if (len == 0) {
        if (c->in.len > 0 && !c->in_head) {
            c->in_head = true;
            http_conn_set_state(c, HTTP_CONN_HEAD, HTTP_HEAD_TIME);
        }
        return false;
    }
    c->in_head = false;
    begin(c, len);
    if (c->state == HTTP_CONN_BODY && c->x->framing.expect_continue && c->in.len == 0 && c->x->framing.length > 0) {
        send_continue(c);
    }
    return true;
}

bool http_request_body(struct http_conn *c)
{
    struct http_exchange *x = c->x;
    size_t want = (size_t)x->framing.length - x->body.len, n = c->in.len < want ? c->in.len : want;

    if (arrivals_grow(c->site->options.arrivals, &x->arriving, x->body.len + n) != RC_OK) {
        http_refuse(c, 503, "Retry-After: 5\r\n");
        return true;
    }
    if (n > 0) {
        buf_put(&x->body, c->in.data, n);
        drop_front(&c->in, n);
        http_conn_set_state(c, HTTP_CONN_BODY, BODY_TIME);
    }
    if (x->body.rc != RC_OK) {
        http_refuse(c, 503, NULL);
        return true;
    }
    if (n < want) {
        return false;
    }
    x->request.body = buf_span(&x->body);
    x->handed = true;
    http_conn_set_state(c, HTTP_CONN_BUSY, HTTP_NO_DEADLINE);
    c->site->handler->request(c->site->context, x);
    return true;
}
