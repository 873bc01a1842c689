/* The events of the transport, the time, the end, and the doors for HTTP. */
#include "server/rooms/rooms.h"
#include <stddef.h>
#include <stdlib.h>
#include "server/base/heap.h"
#include "server/base/log.h"
#include "server/rooms/dispatch.h"
#include "server/rooms/owed.h"
#include "server/rooms/quota.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"
#include "server/rooms/visit.h"

#define SECOND_US     UINT64_C(1000000)
#define DENIED_US     (60 * SECOND_US) /* a connection without any note is kept so long after a refusal */
#define FIRST_BUCKETS 64
#define TRIM_BYTES    ((size_t)8 << 20)
#define TRIM_EVERY_US (2 * SECOND_US)

/* ---- Making --------------------------------------------------------------------------------------- */

static void let_everyone(void *ctx, const struct rooms_request *request, struct rooms_grant *out)
{
    (void)ctx;
    (void)request;
    out->right = ROOMS_EDIT;
}

const struct rooms_auth *rooms_auth_open(void)
{
    static const struct rooms_auth open = {let_everyone, NULL};

    return &open;
}

struct rooms_options rooms_options_default(void)
{
    return (struct rooms_options){
        .note_text = UINT64_C(10) << 20,
        .note_memory = (size_t)512 << 20,
        .note_members = 1000,
        .awareness_state = AWARENESS_STATE_MAX,
        .conn_notes = 256,
        .conn_messages = 500,
        .conn_held = 64 << 10,
        .held_bytes = (size_t)256 << 20,
        .lag_bytes = 64 << 10,
        .unauthenticated_bytes = 64 << 10,
        .unauthenticated_ms = 10000,
        .keepalive_ms = 20000,
        .claim_ms = 3000,
        .idle_ms = 30000,
        .stop_ms = 5000,
        .compact_rows = 1000,
        .compact_bytes = 1 << 20,
        .unload_rows = 50,
        .describe_ms = 2000,
    };
}

int rooms_create(const struct rooms_config *config, struct rooms **out)
{
    struct rooms *rooms = calloc(1, sizeof *rooms);

    if (rooms == NULL) {
        return RC_NOMEM;
    }
    rooms->config = *config;
    rooms->buckets = FIRST_BUCKETS;
    rooms->bucket = calloc(rooms->buckets, sizeof(struct room *));
    if (rooms->bucket == NULL) {
        free(rooms);
        return RC_NOMEM;
    }
    registry_touch(rooms);
    rooms->seed = (uint64_t)(uintptr_t)rooms ^ (rooms->now_us << 20);
    *out = rooms;
    return RC_OK;
}

void rooms_destroy(struct rooms *rooms)
{
    if (rooms == NULL) {
        return;
    }
    for (size_t i = 0; i < rooms->buckets; i++) {
        while (rooms->bucket[i] != NULL) {
            struct room *room = rooms->bucket[i];

            registry_remove(rooms, room);
            room_destroy(room);
        }
    }
    free(rooms->bucket);
    free(rooms);
}

/* ---- Events --------------------------------------------------------------------------------------- */

static void on_opened(void *context, struct conn *c)
{
    struct rooms *rooms = context;
    struct peer *p;

    registry_touch(rooms);
    p = peer_create(rooms, c);
    if (p == NULL) {
        conn_close(c, CONN_CLOSE_INTERNAL, "out of memory");
    } else if (rooms->stopping) {
        peer_close(p, CONN_CLOSE_RESTART, "restart");
    } else if (c->protocol != CONN_HOCUSPOCUS) {
        dispatch_opened(p);
    }
}

static void on_message(void *context, struct conn *c, struct span bytes)
{
    struct rooms *rooms = context;
    struct peer *p = c->user;

    if (p == NULL || rooms->stopping) {
        return;
    }
    registry_touch(rooms);
    p->heard_us = rooms->now_us;
    quota_pay(p, bytes.len);
    dispatch_message(p, bytes);
}

static void on_drained(void *context, struct conn *c)
{
    struct peer *p = c->user;

    registry_touch(context);
    for (struct session *s = p == NULL ? NULL : p->first; s != NULL; s = s->next) {
        if (s->lag.on) {
            lag_catch_up(s);
        }
    }
}

static void on_closed(void *context, struct conn *c)
{
    registry_touch(context);
    peer_destroy(c->user);
}

static void send_collected(struct rooms *rooms)
{
    rooms->turn++;
    while (rooms->dirty != NULL) {
        struct room *room = rooms->dirty;

        rooms->dirty = room->fanout.next_dirty;
        room->fanout.queued = false;
        room_turn(room);
    }
}

static unsigned on_turn(void *context)
{
    struct rooms *rooms = context;

    send_collected(rooms);
    if (rooms->quota.count == 0) {
        return 0;
    }
    registry_touch(rooms);
    return quota_go_on(rooms);
}

/* Those that are late again wait for the next turn. */
static void go_on(struct completion *c)
{
    struct rooms *rooms = (struct rooms *)(void *)((char *)c - offsetof(struct rooms, again));
    struct room *room = rooms->late;

    rooms->late = NULL;
    rooms->coming_back = false;
    registry_touch(rooms);
    while (room != NULL) {
        struct room *next = room->next_late;

        room->late = false;
        room_go_on(room);
        room = next;
    }
}

void rooms_come_back(struct rooms *rooms)
{
    if (!rooms->coming_back) {
        rooms->coming_back = true;
        rooms->again.done = go_on;
        completion_post(rooms->config.completions, &rooms->again);
    }
}

/* ---- Time ----------------------------------------------------------------------------------------- */

static void keep_alive(struct peer *p)
{
    struct rooms *rooms = p->rooms;

    if (rooms->now_us - p->sent_us < (uint64_t)rooms->config.options.keepalive_ms * 1000) {
        return;
    }
    for (struct session *s = p->first; s != NULL; s = s->next) {
        if (s->state == SESSION_READY) {
            fanout_keepalive(s);
            return;
        }
    }
}

static uint64_t say_who_by(const struct peer *p)
{
    uint64_t by = p->opened_us + (uint64_t)p->rooms->config.options.unauthenticated_ms * 1000;

    return p->denied_us != 0 && p->denied_us + DENIED_US > by ? p->denied_us + DENIED_US : by;
}

static void tick_peer(struct peer *p)
{
    struct rooms *rooms = p->rooms;

    if (!p->authenticated && rooms->now_us >= say_who_by(p)) {
        peer_close(p, CONN_CLOSE_TRY_LATER, "authentication took too long");
    }
    if (!p->closing) {
        keep_alive(p);
    }
}

static bool owes_nothing(const struct peer *p)
{
    for (const struct session *s = p->first; s != NULL; s = s->next) {
        if (owed_waits(s) || (s->room != NULL && s->room->state == ROOM_AWAY)) {
            return false;
        }
    }
    return true;
}

static void tick_stop(struct rooms *rooms)
{
    bool late = rooms->now_us - rooms->stop_us >= (uint64_t)rooms->config.options.stop_ms * 1000;

    for (size_t i = 0; i < TICKS_A_SECOND; i++) {
        for (struct peer *p = rooms->peers[i]; p != NULL; p = p->next) {
            if (late || owes_nothing(p)) {
                peer_close(p, CONN_CLOSE_RESTART, "restart");
            }
        }
    }
    if (rooms->connections == 0 && rooms->errands == 0 && rooms->late == NULL && rooms->stopped != NULL) {
        void (*stopped)(void *ctx) = rooms->stopped;

        rooms->stopped = NULL;
        rooms->ended = true;
        stopped(rooms->stopped_ctx);
    }
}

/* Ten thousand notes and connections at rest are looked at once a second: a tenth of them in each tick. */
static void tick_peers(struct rooms *rooms)
{
    for (struct peer *p = rooms->peers[rooms->ticks % TICKS_A_SECOND]; p != NULL; p = p->next) {
        tick_peer(p);
    }
}

static void tick_room(struct room *room)
{
    struct rooms *rooms = room->rooms;

    if (room_tick(room)) {
        registry_remove(rooms, room);
        room_destroy(room);
        rooms->stats.unloads++;
    }
}

static void tick_rooms(struct rooms *rooms)
{
    struct room *room = rooms->restless, *next;
    size_t tenth = rooms->ticks % TICKS_A_SECOND;

    rooms->restless = NULL;
    for (; room != NULL; room = next) {
        next = room->next_restless;
        room->restless = false;
        tick_room(room);
    }
    for (size_t i = tenth * rooms->buckets / TICKS_A_SECOND; i < (tenth + 1) * rooms->buckets / TICKS_A_SECOND; i++) {
        for (room = rooms->bucket[i]; room != NULL; room = next) {
            next = room->next;
            tick_room(room);
        }
    }
}

/* The documents of a thousand notes that went to rest leave holes all over the heap, and long edits what they took to
 * be applied, which nobody may fill for long: their pages are given back. That takes a tenth of a millisecond a
 * megabyte, so it is not done for little. */
static void trim_heap(struct rooms *rooms)
{
    if (rooms->given_back >= TRIM_BYTES && rooms->now_us - rooms->trimmed_us >= TRIM_EVERY_US) {
        rooms->given_back = 0;
        rooms->trimmed_us = rooms->now_us;
        heap_trim();
    }
}

static void on_tick(void *context)
{
    struct rooms *rooms = context;

    registry_touch(rooms);
    rooms->ticks++;
    tick_peers(rooms);
    tick_rooms(rooms);
    trim_heap(rooms);
    if (rooms->stopping) {
        tick_stop(rooms);
    }
    send_collected(rooms);
}

const struct conn_events *rooms_conn_events(void)
{
    static const struct conn_events events = {on_opened, on_message, on_drained, on_closed, on_turn, on_tick};

    return &events;
}

void rooms_stop(struct rooms *rooms, void (*stopped)(void *ctx), void *ctx)
{
    registry_touch(rooms);
    rooms->stopping = true;
    rooms->stop_us = rooms->now_us;
    rooms->stopped = stopped;
    rooms->stopped_ctx = ctx;
    for (size_t i = 0; i < TICKS_A_SECOND; i++) {
        for (struct peer *p = rooms->peers[i]; p != NULL; p = p->next) {
            peer_pause(p, PAUSE_STOP);
        }
    }
    log_event(LOG_LEVEL_INFO, "rooms.stopping", "connections=%zu rooms=%zu", rooms->connections, rooms->count);
}

/* ---- Without a connection --------------------------------------------------------------------------- */

int rooms_read(struct rooms *rooms, struct span note, const struct rooms_reader *reader, void *ctx)
{
    struct room *room;
    int rc;

    registry_touch(rooms);
    rc = room_get(rooms, note, &room);
    return rc == RC_OK ? visit_read(room, reader, ctx) : rc;
}

int rooms_apply(struct rooms *rooms, struct span note, enum crdt_format format, struct span update, struct span sender,
                void (*done)(void *ctx, int rc), void *ctx)
{
    struct room *room;
    int rc;

    if (rooms->stopping) {
        return RC_STATE;
    }
    registry_touch(rooms);
    rc = room_get(rooms, note, &room);
    return rc == RC_OK ? visit_apply(room, format, update, sender, done, ctx) : rc;
}

void rooms_stats(const struct rooms *rooms, struct rooms_stats *out)
{
    *out = rooms->stats;
    out->rooms = rooms->count;
    out->connections = rooms->connections;
    out->sessions = rooms->sessions;
}
