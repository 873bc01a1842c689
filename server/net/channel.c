#include "server/net/channel.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- All of a transport ------------------------------------------------------------------------------------------ */

void channel_hub_init(struct channel_hub *hub, const struct channel_host *host, struct channel_counts *counts)
{
    *hub = (struct channel_hub){.host = *host, .counts = counts, .addresses.most = host->per_address};
}

bool channel_hub_is_crowded(const struct channel_hub *hub, struct span peer)
{
    return addresses_is_full(&hub->addresses, peer);
}

uint64_t channel_hub_now_us(const struct channel_hub *hub)
{
    return clock_monotonic_us(hub->host.clock);
}

void channel_hub_flush(struct channel_hub *hub, void (*settle)(struct channel *c))
{
    while (hub->dirty) {
        struct channel *c = hub->dirty;

        hub->dirty = c->next_dirty;
        c->dirty = false;
        settle(c);
    }
}

void channel_hub_release_rooms(struct channel_hub *hub)
{
    for (const struct channel *c = hub->first; c; c = c->next) {
        assert(!c->announced);
    }
    hub->released = true;
}

void channel_hub_close_all(struct channel_hub *hub, uint16_t code, const char *reason)
{
    for (struct channel *c = hub->first; c; c = c->next) {
        channel_close(&c->conn, code, reason);
    }
}

/* ---- Life of a channel ------------------------------------------------------------------------------------------- */

static struct span keep(char **at, struct span s)
{
    struct span kept = span_of(*at, s.len);

    if (s.len > 0) {
        memcpy(*at, s.data, s.len);
    }
    *at += s.len;
    return kept;
}

int channel_init(struct channel *c, struct channel_hub *hub, const struct conn_ops *ops,
                 const struct channel_opening *o)
{
    char *at = malloc(o->note.len + o->token.len + o->peer.len + 1);

    if (!at) {
        return RC_NOMEM;
    }
    *c = (struct channel){.hub = hub, .strings = at, .next = hub->first, .link = &hub->first};
    c->conn = (struct conn){.ops = ops, .protocol = o->protocol, .serial = ++*hub->host.serial};
    c->conn.note = keep(&at, o->note);
    c->conn.token = keep(&at, o->token);
    c->conn.peer = keep(&at, o->peer);
    outq_init(&c->out, &hub->host.limits);
    if (c->next) {
        c->next->link = &c->next;
    }
    hub->first = c;
    hub->count++;
    return RC_OK;
}

static void unmark(struct channel *c)
{
    struct channel **at = &c->hub->dirty;

    while (*at != c) {
        at = &(*at)->next_dirty;
    }
    *at = c->next_dirty;
    c->dirty = false;
}

void channel_finish(struct channel *c)
{
    struct channel_hub *hub = c->hub;

    c->closing = true;
    if (c->announced) {
        c->announced = false;
        addresses_leave(c->address);
        hub->host.events->closed(hub->host.rooms, &c->conn);
        net_loop_touch(hub->host.loop);
    }
    if (c->dirty) {
        unmark(c);
    }
    *c->link = c->next;
    if (c->next) {
        c->next->link = c->link;
    }
    hub->count--;
    outq_finish(&c->out);
    free(c->strings);
}

void channel_announce(struct channel *c)
{
    c->hub->counts->opened++;
    c->announced = true;
    c->address = addresses_enter(&c->hub->addresses, c->conn.peer);
    c->hub->host.events->opened(c->hub->host.rooms, &c->conn);
}

void channel_give(struct channel *c, struct span message)
{
    c->hub->counts->messages_in++;
    c->hub->counts->bytes_in += message.len;
    if (message.len > 0) {
        c->hub->host.events->message(c->hub->host.rooms, &c->conn, message);
    }
}

void channel_mark(struct channel *c)
{
    if (!c->dirty) {
        c->dirty = true;
        c->next_dirty = c->hub->dirty;
        c->hub->dirty = c;
        net_loop_touch(c->hub->host.loop);
    }
}

void channel_tell_drained(struct channel *c, size_t queued)
{
    if (c->refused && !c->closing && queued <= c->hub->host.limits.soft / 2) {
        c->refused = false;
        c->hub->host.events->drained(c->hub->host.rooms, &c->conn);
    }
}

bool channel_is_overdue(const struct channel *c, uint64_t now_us)
{
    return c->closing && now_us - c->closing_us >= CHANNEL_CLOSE_TIME_S * UINT64_C(1000000);
}

/* ---- What the rooms do with it ----------------------------------------------------------------------------------- */

int channel_send(struct conn *conn, struct frame *f, enum outq_kind kind)
{
    struct channel *c = channel_of_conn(conn);
    int rc;

    if (c->closing) {
        return RC_STATE;
    }
    rc = outq_push(&c->out, f, kind);
    if (rc == RC_OK) {
        c->hub->counts->frames_out++;
        channel_mark(c);
    } else if (rc == RC_BUSY) {
        c->refused = true;
    } else if (rc == RC_LIMIT) {
        c->hub->counts->closed_slow++;
        outq_drop_all(&c->out);
        channel_close(conn, CONN_CLOSE_TRY_LATER, "reads too slowly");
    }
    return rc;
}

size_t channel_drop(struct conn *conn)
{
    struct channel *c = channel_of_conn(conn);
    size_t dropped = outq_drop_repeatable(&c->out);

    if (c->refused) {
        channel_mark(c);
    }
    return dropped;
}

void channel_close(struct conn *conn, uint16_t code, const char *reason)
{
    struct channel *c = channel_of_conn(conn);

    if (c->closing) {
        return;
    }
    c->closing = true;
    c->close_code = code;
    c->closing_us = channel_hub_now_us(c->hub);
    snprintf(c->reason, sizeof c->reason, "%s", reason ? reason : "");
    channel_mark(c);
}

size_t channel_queued(const struct conn *conn)
{
    return outq_bytes(&channel_of_conn(conn)->out);
}
