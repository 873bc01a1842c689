#include "server/rooms/room.h"
#include <stdlib.h>
#include <string.h>
#include "server/rooms/compact.h"
#include "server/rooms/dispatch.h"
#include "server/rooms/intake.h"
#include "server/rooms/load.h"
#include "server/rooms/owed.h"
#include "server/rooms/registry.h"
#include "server/rooms/session.h"
#include "server/rooms/visit.h"
#include "server/store/store.h"

#define SECOND_US      UINT64_C(1000000)
#define KNOWN_EVERY_US (5 * SECOND_US) /* between state vectors for those who have everything */
#define SHARE_US       500             /* of the loop, that one room may have in a turn */

struct span room_name(const struct room *room)
{
    return span_of(room->name, room->name_len);
}

/* ---- Coming and going ---------------------------------------------------------------------------- */

int room_get(struct rooms *rooms, struct span name, struct room **out)
{
    struct room *room = registry_find(rooms, name);
    int rc;

    if (room != NULL) {
        *out = room;
        return RC_OK;
    }
    room = calloc(1, sizeof *room + name.len);
    if (room == NULL) {
        return RC_NOMEM;
    }
    room->rooms = rooms;
    room->serial = ++rooms->serial;
    room->hash = registry_hash(rooms, name);
    room->idle_us = rooms->now_us;
    room->name_len = name.len;
    memcpy(room->name, name.data, name.len);
    presence_init(&room->presence, rooms->config.options.awareness_state, rooms->now_us);
    rc = load_start(room);
    if (rc != RC_OK) {
        free(room);
        return rc;
    }
    registry_insert(rooms, room);
    room_stir(room); /* nobody may ever join it */
    *out = room;
    return RC_OK;
}

static void unqueue(struct room *room)
{
    struct room **at = &room->rooms->dirty;

    if (room->fanout.queued) {
        while (*at != room) {
            at = &(*at)->fanout.next_dirty;
        }
        *at = room->fanout.next_dirty;
    }
    if (room->late) {
        for (at = &room->rooms->late; *at != room;) {
            at = &(*at)->next_late;
        }
        *at = room->next_late;
    }
    if (room->restless) {
        for (at = &room->rooms->restless; *at != room;) {
            at = &(*at)->next_restless;
        }
        *at = room->next_restless;
    }
}

void room_destroy(struct room *room)
{
    unqueue(room);
    crdt_doc_destroy(room->doc);
    rest_leave(room);
    presence_finish(&room->presence);
    owners_finish(&room->owners);
    fanout_finish(&room->fanout);
    lag_finish(&room->lag);
    persist_finish(&room->persist);
    known_unref(room->known);
    free(room->member);
    free(room);
}

/* ---- Members -------------------------------------------------------------------------------------- */

int room_join(struct room *room, struct session *s)
{
    if (room->members >= room->rooms->config.options.note_members) {
        return RC_LIMIT;
    }
    if (room->members == room->member_cap) {
        size_t cap = room->member_cap == 0 ? 8 : 2 * room->member_cap;
        struct session **member = realloc(room->member, cap * sizeof(struct session *));

        if (member == NULL) {
            return RC_NOMEM;
        }
        room->member = member;
        room->member_cap = cap;
    }
    s->room = room;
    s->slot = room->members;
    s->state = SESSION_LOADING;
    room->member[room->members++] = s;
    if (room_may_work(room)) {
        dispatch_ready(s);
        room_worked(room);
    }
    return RC_OK;
}

static void take_out(struct room *room, struct session *s)
{
    struct session *last = room->member[--room->members];

    room->member[s->slot] = last;
    last->slot = s->slot;
    if (room->members == 0) {
        room->idle_us = room->rooms->now_us;
        room_stir(room);
    }
}

void room_leave(struct room *room, struct session *s)
{
    lag_end(s);
    owed_forget(s);
    if (s->waits) {
        s->waits = false;
        room->waiting--;
    }
    take_out(room, s);
    owners_leave(&room->owners, s);
    presence_leave(room, s);
    if (room->waiting > 0) {
        room->pump = true;
        fanout_enqueue(room);
    }
    s->room = NULL;
}

struct session *room_member(const struct room *room, uint64_t serial)
{
    for (size_t i = 0; i < room->members; i++) {
        if (room->member[i]->serial == serial) {
            return room->member[i];
        }
    }
    return NULL;
}

/* ---- Work ----------------------------------------------------------------------------------------- */

struct crdt_doc *room_lend(struct room *room)
{
    struct crdt_doc *doc = room->doc;

    room->doc = NULL;
    room->state = ROOM_AWAY;
    return doc;
}

/* A member whose turn has come. */
static void serve(struct session *s)
{
    if (s->state == SESSION_LOADING) {
        dispatch_ready(s);
    } else if (s->lag.due) {
        fanout_resync(s);
    }
    session_pump(s);
    room_worked(s->room);
}

static bool has_share(struct room *room)
{
    if (room->turn != room->rooms->turn) {
        room->turn = room->rooms->turn;
        room->spent_us = 0;
    }
    return room->spent_us < SHARE_US;
}

static void be_late(struct room *room)
{
    if (!room->late) {
        room->late = true;
        room->next_late = room->rooms->late;
        room->rooms->late = room;
        rooms_come_back(room->rooms);
    }
}

/* Any of them may use up the room's share of the turn or take the document away, so that the next time begins with the
 * next one. */
static void serve_members(struct room *room)
{
    while (room->unserved > 0 && room->members > 0 && room->state == ROOM_READY && has_share(room)) {
        room->unserved--;
        room->next_served = (room->next_served + 1) % room->members;
        serve(room->member[room->next_served]);
    }
    if (room->unserved > 0 && room->members > 0 && room->state == ROOM_READY) {
        be_late(room);
    }
}

/* Visits and members in turns. */
void room_go_on(struct room *room)
{
    room->visits_first = !room->visits_first;
    if (room->visits_first) {
        visits_run(room);
    }
    serve_members(room);
    visits_run(room);
}

void room_home(struct room *room)
{
    room->state = ROOM_READY;
    room->unserved = room->members;
    room_go_on(room);
}

bool room_may_work(struct room *room)
{
    if (room->state != ROOM_READY) {
        return false;
    }
    if (has_share(room)) {
        return true;
    }
    room->unserved = room->members;
    be_late(room);
    return false;
}

void room_worked(struct room *room)
{
    uint64_t since_us = room->rooms->now_us;

    registry_touch(room->rooms);
    room->spent_us += room->rooms->now_us - since_us;
}

/* ---- Time ----------------------------------------------------------------------------------------- */

void room_pump_waiting(struct room *room)
{
    for (size_t i = 0; i < room->members; i++) {
        if (room->member[i]->waits) {
            session_pump(room->member[i]);
        }
    }
}

void room_turn(struct room *room)
{
    if (room->pump) {
        room->pump = false;
        room_pump_waiting(room);
    }
    fanout_flush(room);
}

/* Asks for edits that were refused, when there is hope that they can be taken now. */
static void ask_again(struct session *s)
{
    if (s->state == SESSION_READY && s->unsaved && !s->asked && s->ask_us != 0 && s->right == ROOMS_EDIT &&
        s->room->rooms->now_us >= s->ask_us && store_writable(s->room->rooms->config.store) == RC_OK) {
        owed_ask(s);
    }
}

void room_stir(struct room *room)
{
    if (!room->restless) {
        room->restless = true;
        room->next_restless = room->rooms->restless;
        room->rooms->restless = room;
    }
}

static void tick_members(struct room *room)
{
    for (size_t i = 0; i < room->members; i++) {
        struct session *s = room->member[i];

        if (s->waits) {
            intake_tick(s);
            room_stir(room);
        } else if (s->held_first != NULL && s->state == SESSION_READY) {
            session_pump(s);
            room_stir(room);
        }
        if (s->unsaved) {
            ask_again(s);
        }
    }
}

/* Those whose queue is empty have what was sent, and so what the document holds (when nothing of this turn is still to
 * be sent): they need less after a jam. */
void room_all_know(struct room *room, struct known *known)
{
    for (size_t i = 0; i < room->members; i++) {
        struct session *s = room->member[i];

        if (s->known != NULL && !s->lag.on && conn_queued(s->peer->conn) == 0) {
            known_unref(s->known);
            s->known = known_ref(known);
        }
    }
    known_unref(room->known);
    room->known = known_ref(known);
    room->known_version = room->version;
}

static void renew_known(struct room *room)
{
    struct buf vector = {0};
    struct known *known;

    if (room->fanout.queued || room->known_version == room->version ||
        room->rooms->now_us - room->known_us < KNOWN_EVERY_US) {
        return;
    }
    room->known_us = room->rooms->now_us;
    known = crdt_encode_state_vector(room->doc, &vector) == RC_OK ? known_create(buf_span(&vector)) : NULL;
    buf_finish(&vector);
    if (known != NULL) {
        room_all_know(room, known);
        known_unref(known);
    }
}

void room_changed(struct room *room)
{
    room->version++;
    room->used_us = room->rooms->now_us;
    room->settled = false;
    room_stir(room);
}

static bool is_idle(const struct room *room)
{
    const struct rooms_options *o = &room->rooms->config.options;
    uint64_t idle = room->rooms->now_us - room->idle_us;

    return room->members == 0 && room->visits.first == NULL && room->applied.first == NULL && room->errands == 0 &&
           !room->late && !room->fanout.queued && persist_is_quiet(room) &&
           (!room->persist.exists || idle >= (uint64_t)o->idle_ms * 1000);
}

bool room_tick(struct room *room)
{
    struct rooms *rooms = room->rooms;

    if (room->members == 0) {
        room_stir(room); /* it will go */
    }
    presence_tick(room);
    if (room->state == ROOM_READY && room->members > 0) {
        tick_members(room);
    }
    if (room->state != ROOM_READY) {
        return false;
    }
    if (room->members > 0) {
        renew_known(room);
    }
    fanout_tick(room);
    if (!persist_tick(room)) {
        room_stir(room);
    }
    rest_tick(room);
    if (!is_idle(room)) {
        return false;
    }
    /* One snapshot before it goes, so that the next visitor does not pay for the rows. */
    if (room->persist.rows > rooms->config.options.unload_rows && store_writable(rooms->config.store) == RC_OK &&
        !compact_start(room)) {
        return false;
    }
    return persist_is_quiet(room) && room->errands == 0;
}
