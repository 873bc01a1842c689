#include "server/rooms/lag.h"
#include <stdlib.h>
#include "crdt/crdt.h"
#include "crdt/proto.h"
#include "server/rooms/fanout.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"

void lag_finish(struct lag *l)
{
    buf_finish(&l->bytes);
    free(l->end);
}

/* Nothing of what was sent until now is needed or can be had any more. */
static void forget(struct lag *l)
{
    l->first += l->count;
    l->count = l->cap = 0;
    free(l->end);
    l->end = NULL;
    buf_finish(&l->bytes);
}

void lag_begin(struct session *s)
{
    struct lag *l = &s->room->lag;

    if (!s->lag.on) {
        s->lag = (struct lagging){.on = true, .from = l->first + l->count};
        l->sessions++;
    }
}

void lag_end(struct session *s)
{
    struct lag *l = &s->room->lag;

    if (!s->lag.on) {
        return;
    }
    s->lag = (struct lagging){0};
    if (--l->sessions == 0) {
        forget(l);
    }
}

static void lose_all(struct room *room)
{
    for (size_t i = 0; i < room->members; i++) {
        struct session *s = room->member[i];

        s->lag.lost = s->lag.states = s->lag.on;
    }
    forget(&room->lag);
}

static int grow(struct lag *l)
{
    size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
    size_t *end;

    if (l->count < l->cap) {
        return RC_OK;
    }
    end = realloc(l->end, cap * sizeof *end);
    if (end == NULL) {
        return RC_NOMEM;
    }
    l->end = end;
    l->cap = cap;
    return RC_OK;
}

void lag_keep(struct room *room, struct span update)
{
    struct lag *l = &room->lag;

    if (l->sessions == 0) {
        return;
    }
    if (l->bytes.len + update.len > room->rooms->config.options.lag_bytes || grow(l) != RC_OK ||
        buf_reserve(&l->bytes, update.len) != RC_OK) {
        lose_all(room);
        l->first++;
        return;
    }
    buf_put_span(&l->bytes, update);
    l->end[l->count++] = l->bytes.len;
}

void lag_miss_states(struct room *room)
{
    for (size_t i = 0; room->lag.sessions > 0 && i < room->members; i++) {
        struct session *s = room->member[i];

        s->lag.states = s->lag.on;
    }
}

/* Everything kept from number `from` on, merged. */
static int merge_since(const struct lag *l, uint64_t from, struct buf *out)
{
    size_t skip = (size_t)(from - l->first), count = l->count - skip;
    struct span *update = malloc(count * sizeof *update);
    size_t at = skip == 0 ? 0 : l->end[skip - 1];
    int rc;

    if (update == NULL) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        update[i] = span_of(l->bytes.data + at, l->end[skip + i] - at);
        at = l->end[skip + i];
    }
    rc = crdt_update_merge(CRDT_V1, update, count, out);
    free(update);
    return rc;
}

static int send_missed(struct session *s)
{
    const struct lag *l = &s->room->lag;
    struct buf merged = {0}, body = {0};
    int rc = RC_OK;

    if (s->lag.from < l->first + l->count) {
        rc = merge_since(l, s->lag.from, &merged);
    }
    if (rc == RC_OK && merged.len > 0) {
        proto_put_sync(&body, PROTO_UPDATE, buf_span(&merged));
        session_send_body(s, &body, OUTQ_ONCE);
    }
    buf_finish(&merged);
    buf_finish(&body);
    return rc;
}

void lag_catch_up(struct session *s)
{
    bool states = s->lag.states;

    if (s->lag.lost || send_missed(s) != RC_OK) {
        if (s->peer->sessions == 1) {
            conn_drop(s->peer->conn); /* what the document tells repeats it */
        }
        fanout_resync(s);
        return;
    }
    lag_end(s);
    s->peer->rooms->stats.merges++;
    if (states) {
        fanout_states(s, true, false);
    }
}
