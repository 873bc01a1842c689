#include "server/net/http.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "server/base/log.h"
#include "server/net/http_conn.h"
#include "server/net/listen.h"

#define ACCEPTS_AT_ONCE 64
#define MAX_LISTENERS   8

struct listener {
    int fd;
    struct net_watch *watch;
    struct http_site *site;
};

struct http_server {
    struct http_site site;
    struct listener listener[MAX_LISTENERS];
    size_t listeners;
};

/* ---- Coming in --------------------------------------------------------------------------------------------------- */

static void begin(struct http_site *s, int fd, const char *peer)
{
    int rc = http_conn_open(s, fd, peer);

    s->counts.accepted += rc == RC_OK;
    s->counts.refused += rc == RC_LIMIT;
}

static void on_accept(void *context, bool readable, bool writable)
{
    struct listener *l = context;

    (void)readable;
    (void)writable;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        char peer[LISTEN_PEER_MAX];
        int fd, rc = listen_accept(l->fd, peer, &fd);

        if (rc == RC_LIMIT) {
            log_event(LOG_LEVEL_ERROR, "net.accept", "error=\"%s\"", strerror(errno));
            net_watch_set(l->watch, false, false); /* the tick tries again */
        }
        if (rc == RC_LIMIT || rc == RC_NOTFOUND) {
            return;
        }
        if (rc == RC_OK) {
            begin(l->site, fd, peer);
        }
    }
}

int http_server_open(struct net_loop *loop, const struct http_options *options, const struct http_handler *handler,
                     void *context, struct http_server **out)
{
    struct http_server *s = calloc(1, sizeof *s);

    if (!s) {
        return RC_NOMEM;
    }
    s->site.loop = loop;
    s->site.options = *options;
    s->site.addresses.most = options->per_address;
    s->site.handler = handler;
    s->site.context = context;
    *out = s;
    return RC_OK;
}

int http_server_listen(struct http_server *s, const char *address)
{
    struct listener *l = &s->listener[s->listeners];
    int rc = s->listeners < MAX_LISTENERS ? listen_open(address, &l->fd) : RC_LIMIT;

    if (rc != RC_OK) {
        return rc;
    }
    l->site = &s->site;
    rc = net_watch_open(s->site.loop, l->fd, on_accept, l, &l->watch);
    if (rc != RC_OK) {
        close(l->fd);
        return rc;
    }
    net_watch_set(l->watch, true, false);
    s->listeners++;
    return RC_OK;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->listeners > 0 ? listen_port(s->listener[0].fd) : 0;
}

/* ---- Time and end ------------------------------------------------------------------------------------------------ */

void http_server_stop(struct http_server *s)
{
    s->site.stopping = true;
    for (size_t i = 0; i < s->listeners; i++) {
        net_watch_close(s->listener[i].watch);
        close(s->listener[i].fd);
    }
    s->listeners = 0;
    for (struct http_conn *c = s->site.first, *next; c; c = next) {
        next = c->next;
        c->keep = false;
        if (c->state == HTTP_CONN_HEAD || c->state == HTTP_CONN_LINGER) {
            http_conn_close(c);
        }
    }
}

size_t http_server_active(const struct http_server *s)
{
    return s->site.conns + s->site.exchanges;
}

static bool is_over(const struct http_conn *c, uint64_t time)
{
    bool dribbles = c->state == HTTP_CONN_BODY && arrivals_is_too_slow(time - c->x->begun_us, c->x->body.len);

    return time >= c->deadline || dribbles;
}

void http_server_tick(struct http_server *s)
{
    uint64_t time = clock_monotonic_us(s->site.options.clock);

    for (size_t i = 0; i < s->listeners; i++) {
        net_watch_set(s->listener[i].watch, true, false);
    }
    for (struct http_conn *c = s->site.first, *next; c; c = next) {
        next = c->next;
        if (is_over(c, time)) {
            http_conn_close(c);
        }
    }
}

void http_server_close(struct http_server *s)
{
    if (!s) {
        return;
    }
    http_server_stop(s);
    while (s->site.first) {
        http_conn_close(s->site.first);
    }
    assert(s->site.exchanges == 0);
    free(s);
}

const struct http_counts *http_server_counts(const struct http_server *s)
{
    return &s->site.counts;
}
