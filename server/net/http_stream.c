#include "server/net/http_stream.h"

#include <assert.h>
#include <sys/socket.h>
#include "server/net/http_conn.h"

/* The exchange leaves its connection. */
static struct http_conn *end_exchange(struct http_exchange *x)
{
    struct http_conn *c = x->conn;

    c->x = NULL;
    http_exchange_free(x);
    return c;
}

static void close_soon(struct http_conn *c)
{
    if (c->running) {
        c->state = HTTP_CONN_DEAD;
    } else {
        http_conn_close(c);
    }
}

/* What is in c->out goes. */
static void send_soon(struct http_conn *c, enum http_state state)
{
    http_conn_set_state(c, state, HTTP_WRITE_TIME);
    if (!c->running) {
        http_conn_wait(c);
    }
}

bool http_stream_begin(struct http_exchange *x, struct http_response *r, const struct http_stream_events *events,
                       void *context)
{
    struct http_conn *c = x->conn;
    bool chunked = !x->request.head.http10, head_only = x->request.head.method == HTTP_HEAD;
    int rc = r->headers.rc;

    if (!c) {
        http_response_finish(r);
        http_exchange_free(x);
        return false;
    }
    assert(c->state == HTTP_CONN_BUSY && c->x == x);
    c->keep = c->keep && chunked && !c->site->stopping;
    http_put_head(c, r, chunked ? "Transfer-Encoding: chunked\r\n" : "");
    http_response_finish(r);
    rc = rc ? rc : c->out.rc;
    if (rc != RC_OK) {
        close_soon(end_exchange(x)); /* out of memory: nothing can be said */
        return false;
    }
    if (head_only) {
        send_soon(end_exchange(x), HTTP_CONN_WRITING);
        return false;
    }
    x->events = events;
    x->context = context;
    send_soon(c, HTTP_CONN_STREAM);
    return true;
}

/* The chunk's line feed follows it with the next one's length, so that the piece is sent from where it is. */
void http_stream_put(struct http_exchange *x, struct buf *piece)
{
    struct http_conn *c = x->conn;

    assert(c->state == HTTP_CONN_STREAM && c->out.len + c->fixed.len == 0 && piece->len > 0);
    x->piece = *piece;
    *piece = (struct buf){0};
    if (!x->request.head.http10) {
        buf_printf(&c->out, "%s%zx\r\n", x->begun ? "\r\n" : "", x->piece.len);
    }
    x->begun = true;
    c->fixed = buf_span(&x->piece);
    send_soon(c, HTTP_CONN_STREAM);
    if (c->out.rc != RC_OK) {
        c->fixed = span_of(NULL, 0);
        c->deadline = 0; /* out of memory: the next tick closes it */
    }
}

static void cut(struct http_conn *c)
{
    struct linger at_once = {.l_onoff = 1};

    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close_soon(c);
}

void http_stream_end(struct http_exchange *x, bool whole)
{
    struct http_conn *c = x->conn;
    bool chunked = !x->request.head.http10, begun = x->begun;

    assert(c->state == HTTP_CONN_STREAM);
    if (!whole) {
        cut(end_exchange(x));
        return;
    }
    assert(c->out.len + c->fixed.len == 0);
    end_exchange(x);
    if (chunked) {
        buf_put_str(&c->out, begun ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
    }
    if (c->out.rc == RC_OK) {
        send_soon(c, HTTP_CONN_WRITING);
    } else {
        cut(c);
    }
}
