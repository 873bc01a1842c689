#include "server/rooms/presence.h"
#include <stdlib.h>
#include <string.h>
#include "server/base/log.h"
#include "server/rooms/fanout.h"
#include "server/rooms/owners.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"

#define SECOND_US      UINT64_C(1000000)
#define SWEEP_EVERY_US (10 * SECOND_US)
#define FORGOTTEN_MS   90000 /* providers announce themselves every 15 s, throttled tabs once a minute */
#define FREE_MEMBERS   8     /* up to so many nothing is held back */
#define MEMBER_US      2000  /* beyond, each member lengthens the pause by so much … */
#define PAUSE_MOST_US  SECOND_US

void presence_init(struct presence *p, size_t state_max, uint64_t now_us)
{
    *p = (struct presence){.swept_us = now_us};
    awareness_init(&p->table);
    p->table.state_max = state_max;
}

void presence_finish(struct presence *p)
{
    awareness_finish(&p->table);
    free(p->change);
}

static int64_t now_ms(const struct room *room)
{
    return (int64_t)(room->rooms->now_us / 1000);
}

/* ---- What is to be told ---------------------------------------------------------------------------- */

static size_t lower_bound(const struct presence *p, uint64_t client)
{
    size_t low = 0, high = p->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (p->change[middle].client < client) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int reserve(struct presence *p)
{
    size_t cap = p->cap == 0 ? 4 : 2 * p->cap;
    struct presence_change *change;

    if (p->count < p->cap) {
        return RC_OK;
    }
    change = realloc(p->change, cap * sizeof *change);
    if (change == NULL) {
        return RC_NOMEM;
    }
    p->change = change;
    p->cap = cap;
    return RC_OK;
}

static void note_change(struct presence *p, uint64_t client, uint64_t clock)
{
    size_t i = lower_bound(p, client);

    if (i < p->count && p->change[i].client == client) {
        p->change[i].clock = clock;
        return;
    }
    /* Without memory nobody hears of it: states are renewed within seconds. */
    if (reserve(p) == RC_OK) {
        memmove(&p->change[i + 1], &p->change[i], (p->count - i) * sizeof *p->change);
        p->change[i] = (struct presence_change){client, clock};
        p->count++;
    }
}

/* The table says what changed in it. */
static void note_changes(struct room *room, struct span changes)
{
    struct awareness_iter it;
    struct awareness_item item;

    if (changes.len == 0 || room->members == 0) {
        return;
    }
    awareness_iter_init(&it, changes);
    while (awareness_iter_next(&it, &item)) {
        note_change(&room->presence, item.client, item.clock);
    }
    fanout_enqueue(room);
    room_stir(room);
}

/* ---- Telling --------------------------------------------------------------------------------------- */

static uint64_t pause_of(const struct room *room)
{
    uint64_t us = (uint64_t)room->members * MEMBER_US;

    return room->members <= FREE_MEMBERS ? 0 : us < PAUSE_MOST_US ? us : PAUSE_MOST_US;
}

static void put_change(struct buf *update, const struct awareness *table, const struct presence_change *change)
{
    const struct awareness_entry *entry = awareness_find(table, change->client);

    if (entry != NULL && entry->json != NULL) {
        awareness_put(update, change->client, entry->clock, span_of(entry->json, entry->json_len));
    } else {
        awareness_put(update, change->client, entry == NULL ? change->clock : entry->clock, span_str("null"));
    }
}

void presence_flush(struct room *room)
{
    struct presence *p = &room->presence;
    struct buf update = {0}, body = {0};

    if (p->count == 0 || room->rooms->now_us - p->told_us < pause_of(room)) {
        return;
    }
    awareness_put_count(&update, p->count);
    for (size_t i = 0; i < p->count; i++) {
        put_change(&update, &p->table, &p->change[i]);
    }
    proto_put_awareness(&body, buf_span(&update));
    if (update.rc == RC_OK && body.rc == RC_OK) {
        fanout_body(room, &body, FANOUT_NOBODY);
        lag_miss_states(room);
    }
    buf_finish(&update);
    buf_finish(&body);
    p->count = 0;
    p->told_us = room->rooms->now_us;
}

/* ---- Hearing --------------------------------------------------------------------------------------- */

/* The first state that a connection announces is its own: providers announce themselves right after connecting, what
 * they relay of others comes later. */
static void learn_client(struct room *room, struct session *s, uint64_t client)
{
    uint64_t announced = s->known == NULL ? 0 : proto_state_vector_get(span_of(s->known->data, s->known->len), client);

    s->announced = true;
    s->own = client;
    if (owners_announce(&room->owners, s, client, announced) != RC_OK) {
        log_event(LOG_LEVEL_DEBUG, "awareness.id_taken", "room=%llu conn=%llu", (unsigned long long)room->serial,
                  (unsigned long long)s->peer->conn->serial);
    }
}

/* The newest entry of an update about the session's own client, as an update of its own; nothing when there is none. */
static int own_part(struct room *room, struct session *s, struct span update, struct buf *own)
{
    struct awareness_iter it;
    struct awareness_item item;

    awareness_iter_init(&it, update);
    while (awareness_iter_next(&it, &item)) {
        if (!s->announced && !item.null) {
            learn_client(room, s, item.client);
        }
        if (s->announced && item.client == s->own) {
            buf_clear(own);
            awareness_put_count(own, 1);
            awareness_put(own, item.client, item.clock, item.json);
            awareness_claim(&room->presence.table, item.client, item.clock, s->serial, now_ms(room));
        }
    }
    return it.rc == RC_OK ? own->rc : it.rc;
}

int presence_receive(struct room *room, struct session *s, struct span update)
{
    struct buf own = {0}, changes = {0};
    int rc = own_part(room, s, update, &own);

    if (rc == RC_OK && own.len > 0) {
        rc = awareness_apply(&room->presence.table, buf_span(&own), s->serial, now_ms(room), &changes);
    }
    if (rc == RC_OK) {
        note_changes(room, buf_span(&changes));
    }
    buf_finish(&own);
    buf_finish(&changes);
    return rc;
}

void presence_leave(struct room *room, const struct session *s)
{
    struct buf changes = {0};

    if (awareness_remove_owner(&room->presence.table, s->serial, &changes) == RC_OK) {
        note_changes(room, buf_span(&changes));
    }
    buf_finish(&changes);
}

static void sweep(struct room *room)
{
    struct buf changes = {0};

    room->presence.swept_us = room->rooms->now_us;
    if (awareness_remove_older(&room->presence.table, now_ms(room) - FORGOTTEN_MS, &changes) == RC_OK) {
        note_changes(room, buf_span(&changes));
    }
    buf_finish(&changes);
}

void presence_tick(struct room *room)
{
    struct presence *p = &room->presence;

    if (room->rooms->now_us - p->swept_us >= SWEEP_EVERY_US) {
        sweep(room);
    }
    if (p->count > 0) {
        fanout_enqueue(room); /* what had to wait */
        room_stir(room);
    }
}
