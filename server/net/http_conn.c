#include "server/net/http_conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define IDLE_TIME       (15 * HTTP_SECOND) /* between requests */
#define LINGER_TIME     (2 * HTTP_SECOND)
#define READ_CHUNK      16384
#define READS_PER_EVENT 8
#define AHEAD_MAX       65536 /* bytes of later requests that may wait */

/* ---- Beginning and end ------------------------------------------------------------------------------------------- */

void http_conn_set_state(struct http_conn *c, enum http_state state, uint64_t time)
{
    c->state = state;
    c->deadline = time == HTTP_NO_DEADLINE ? time : clock_monotonic_us(c->site->options.clock) + time;
}

void http_conn_wait(struct http_conn *c)
{
    bool writes = c->state == HTTP_CONN_WRITING || (c->state == HTTP_CONN_STREAM && c->out.len + c->fixed.len > 0);
    bool answers = c->state == HTTP_CONN_WRITING || c->state == HTTP_CONN_STREAM;
    bool read = !c->saw_eof && !answers && (c->state != HTTP_CONN_BUSY || c->in.len < AHEAD_MAX);

    net_watch_set(c->watch, read, writes);
}

int http_conn_open(struct http_site *s, int fd, const char *peer)
{
    bool full = s->conns >= s->options.connections || addresses_is_full(&s->addresses, span_str(peer));
    struct http_conn *c = full ? NULL : calloc(1, sizeof *c);
    int one = 1;

    if (!c) {
        close(fd);
        return RC_LIMIT;
    }
    c->site = s;
    c->fd = fd;
    if (http_conn_watch(c) != RC_OK) {
        free(c);
        close(fd);
        return RC_NOMEM;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->next = s->first;
    c->link = &s->first;
    if (s->first) {
        s->first->link = &c->next;
    }
    s->first = c;
    s->conns++;
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    c->address = addresses_enter(&s->addresses, span_str(peer));
    http_conn_set_state(c, HTTP_CONN_HEAD, HTTP_HEAD_TIME);
    http_conn_wait(c);
    return RC_OK;
}

static void leave_exchange(struct http_conn *c)
{
    struct http_exchange *x = c->x;

    if (x && x->events) {
        x->events->gone(x->context);
        http_exchange_free(x);
    } else if (x && x->handed) {
        x->conn = NULL; /* who answers frees it */
    } else if (x) {
        http_exchange_free(x);
    }
}

void http_conn_close(struct http_conn *c)
{
    net_watch_close(c->watch);
    if (c->fd >= 0) {
        close(c->fd);
    }
    *c->link = c->next;
    if (c->next) {
        c->next->link = c->link;
    }
    c->site->conns--;
    addresses_leave(c->address);
    leave_exchange(c);
    buf_finish(&c->in);
    buf_finish(&c->out);
    free(c);
}

void http_conn_unwatch(struct http_conn *c)
{
    net_watch_close(c->watch);
    c->watch = NULL;
}

int http_conn_take_fd(struct http_conn *c)
{
    int fd = c->fd;

    http_conn_unwatch(c);
    c->fd = -1;
    c->state = HTTP_CONN_DEAD;
    return fd;
}

/* ---- Bytes ------------------------------------------------------------------------------------------------------- */

static void read_some(struct http_conn *c)
{
    for (int i = 0; i < READS_PER_EVENT; i++) {
        ssize_t n;

        if (buf_reserve(&c->in, READ_CHUNK) != RC_OK) {
            c->saw_eof = true;
            return;
        }
        n = recv(c->fd, c->in.data + c->in.len, READ_CHUNK, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            c->saw_eof |= errno != EAGAIN && errno != EWOULDBLOCK;
            return;
        }
        if (n == 0) {
            c->saw_eof = true;
            return;
        }
        c->in.len += (size_t)n;
        if (n < READ_CHUNK) {
            return;
        }
    }
}

/* What is not sent yet, in the one or two places where it is. */
static size_t parts_left(const struct http_conn *c, struct iovec part[2])
{
    size_t of_out = c->sent < c->out.len ? c->sent : c->out.len, of_fixed = c->sent - of_out, count = 0;

    if (of_out < c->out.len) {
        part[count++] = (struct iovec){c->out.data + of_out, c->out.len - of_out};
    }
    if (of_fixed < c->fixed.len) {
        part[count++] = (struct iovec){(void *)(uintptr_t)(c->fixed.data + of_fixed), c->fixed.len - of_fixed};
    }
    return count;
}

/* RC_OK: all is sent. RC_BUSY: the system takes no more now. RC_IO: the peer has gone. */
static int send_out(struct http_conn *c)
{
    struct iovec part[2];
    struct msghdr message = {.msg_iov = part};

    while ((message.msg_iovlen = parts_left(c, part)) > 0) {
        ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return errno == EAGAIN || errno == EWOULDBLOCK ? RC_BUSY : RC_IO;
        }
        c->sent += (size_t)n;
        http_conn_set_state(c, c->state, HTTP_WRITE_TIME);
    }
    buf_finish(&c->out);
    c->fixed = span_of(NULL, 0);
    c->sent = 0;
    return RC_OK;
}

/* ---- Going on ---------------------------------------------------------------------------------------------------- */

static bool write_answer(struct http_conn *c)
{
    int rc = send_out(c);

    if (rc != RC_OK) {
        c->state = rc == RC_BUSY ? c->state : HTTP_CONN_DEAD;
        return false;
    }
    if (c->x) {
        http_exchange_free(c->x); /* one that this layer refused */
        c->x = NULL;
    }
    if (c->keep && !c->saw_eof) {
        http_conn_set_state(c, HTTP_CONN_HEAD, IDLE_TIME);
    } else if (c->dirty_end && !c->saw_eof) {
        shutdown(c->fd, SHUT_WR);
        http_conn_set_state(c, HTTP_CONN_LINGER, LINGER_TIME);
    } else {
        c->state = HTTP_CONN_DEAD;
    }
    return true;
}

static bool write_piece(struct http_conn *c)
{
    struct http_exchange *x = c->x;
    int rc = c->out.len + c->fixed.len > 0 ? send_out(c) : RC_BUSY;

    if (rc == RC_OK) {
        buf_finish(&x->piece);
        http_conn_set_state(c, HTTP_CONN_STREAM, HTTP_NO_DEADLINE);
        x->events->drained(x->context, x);
        return true;
    }
    c->state = rc == RC_BUSY ? c->state : HTTP_CONN_DEAD;
    return false;
}

static bool step(struct http_conn *c)
{
    switch (c->state) {
    case HTTP_CONN_HEAD:
        return http_request_head(c);
    case HTTP_CONN_BODY:
        return http_request_body(c);
    case HTTP_CONN_STREAM:
        return write_piece(c);
    case HTTP_CONN_WRITING:
        return write_answer(c);
    case HTTP_CONN_LINGER:
        buf_clear(&c->in);
        return false;
    case HTTP_CONN_BUSY:
    case HTTP_CONN_DEAD:
        break;
    }
    return false;
}

void http_conn_run(struct http_conn *c)
{
    c->running = true;
    while (c->state != HTTP_CONN_DEAD && step(c)) {
    }
    c->running = false;
    if (c->saw_eof && (c->state == HTTP_CONN_HEAD || c->state == HTTP_CONN_BODY || c->state == HTTP_CONN_LINGER)) {
        c->state = HTTP_CONN_DEAD; /* a request cut short, or none */
    }
    if (c->state == HTTP_CONN_DEAD) {
        http_conn_close(c);
        return;
    }
    if (c->in.len == 0) {
        buf_finish(&c->in); /* an idle connection holds no buffer */
    }
    http_conn_wait(c);
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct http_conn *c = context;

    (void)writable;
    if (readable && c->state != HTTP_CONN_WRITING && c->state != HTTP_CONN_STREAM) {
        read_some(c);
    }
    if (c->state == HTTP_CONN_BUSY) {
        http_conn_wait(c); /* an early end of the peer's is noticed when the answer is written */
        return;
    }
    http_conn_run(c);
}

int http_conn_watch(struct http_conn *c)
{
    return net_watch_open(c->site->loop, c->fd, on_ready, c, &c->watch);
}
