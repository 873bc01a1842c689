#include "server/rooms/room.h"
#include <stdlib.h>
#include <string.h>
#include "server/base/log.h"
#include "server/rooms/dispatch.h"
#include "server/rooms/intake.h"
#include "server/rooms/registry.h"
#include "server/rooms/session.h"
#include "server/store/store.h"

#define SECOND_US      UINT64_C(1000000)
#define KNOWN_EVERY_US (5 * SECOND_US)  /* between state vectors for those who have everything */
#define FULL_KEPT_US   (10 * SECOND_US) /* the encoded whole document */
#define SWEEP_EVERY_US (10 * SECOND_US)
#define AWARENESS_MS   90000 /* providers announce themselves every 15 s, throttled tabs once a minute */

/* A read or an edit without a session. */
struct visit {
    struct visit *next;
    void (*ready)(void *ctx, int rc, const struct crdt_doc *doc); /* a read … */
    void (*done)(void *ctx, int rc);                              /* … or an edit: */
    void *ctx;
    struct buf update, sender;
    uint64_t need;
};

struct span room_name(const struct room *room)
{
    return span_of(room->name, room->name_len);
}

/* ---- Visits -------------------------------------------------------------------------------------- */

static void visit_destroy(struct visit *v)
{
    buf_finish(&v->update);
    buf_finish(&v->sender);
    free(v);
}

static void put_last(struct visit **first, struct visit **last, struct visit *v)
{
    v->next = NULL;
    if (*last != NULL) {
        (*last)->next = v;
    } else {
        *first = v;
    }
    *last = v;
}

static struct visit *take_first(struct visit **first, struct visit **last)
{
    struct visit *v = *first;

    if (v != NULL) {
        *first = v->next;
        *last = v->next == NULL ? NULL : *last;
    }
    return v;
}

static void finish_visit(struct visit *v, int rc, const struct crdt_doc *doc)
{
    if (v->ready != NULL) {
        v->ready(v->ctx, rc, doc);
    } else {
        v->done(v->ctx, rc);
    }
    visit_destroy(v);
}

static void run_visit(struct room *room, struct visit *v)
{
    int rc;

    if (v->ready != NULL) {
        finish_visit(v, room->persist.exists ? RC_OK : RC_NOTFOUND, room->doc);
        return;
    }
    rc = intake_apply(room, buf_span(&v->update), buf_span(&v->sender), &v->need);
    if (rc != RC_OK) {
        finish_visit(v, rc, NULL);
        return;
    }
    put_last(&room->applied_first, &room->applied_last, v);
    room_flush_visits(room);
}

void room_flush_visits(struct room *room)
{
    struct persist *p = &room->persist;

    while (room->applied_first != NULL && (p->lost || room->applied_first->need <= p->committed)) {
        struct visit *v = take_first(&room->applied_first, &room->applied_last);

        finish_visit(v, v->need <= p->committed ? RC_OK : RC_IO, NULL);
    }
}

static int start_visit(struct room *room, struct visit *v)
{
    if (v->update.rc != RC_OK || v->sender.rc != RC_OK) {
        visit_destroy(v);
        return RC_NOMEM;
    }
    if (room->state == ROOM_READY) {
        run_visit(room, v);
    } else {
        put_last(&room->visit_first, &room->visit_last, v);
    }
    return RC_OK;
}

int room_read(struct room *room, void (*ready)(void *ctx, int rc, const struct crdt_doc *doc), void *ctx)
{
    struct visit *v = calloc(1, sizeof *v);

    if (v == NULL) {
        return RC_NOMEM;
    }
    v->ready = ready;
    v->ctx = ctx;
    room->idle_us = room->rooms->now_us;
    return start_visit(room, v);
}

int room_apply(struct room *room, struct span update, struct span sender, void (*done)(void *ctx, int rc), void *ctx)
{
    struct visit *v = calloc(1, sizeof *v);

    if (v == NULL) {
        return RC_NOMEM;
    }
    v->done = done;
    v->ctx = ctx;
    buf_put_span(&v->update, update);
    buf_put_span(&v->sender, sender);
    room->idle_us = room->rooms->now_us;
    return start_visit(room, v);
}

/* ---- Loading -------------------------------------------------------------------------------------- */

static int apply_row(struct crdt_doc *doc, const struct store_row *row)
{
    switch (row->kind) {
    case STORE_UPDATE_V1:
        return crdt_apply(doc, CRDT_V1, row->data, NULL);
    case STORE_UPDATE_V2:
        return crdt_apply(doc, CRDT_V2, row->data, NULL);
    }
    return RC_UNSUPPORTED; /* written by a newer server */
}

static int apply_content(struct crdt_doc *doc, const struct store_content *content)
{
    int rc = RC_OK;

    if (content->snapshot.len > 0) {
        rc = crdt_load(doc, CRDT_V2, content->snapshot);
    }
    for (size_t i = 0; rc == RC_OK && i < content->count; i++) {
        rc = apply_row(doc, &content->row[i]);
    }
    return rc;
}

static int fill(struct room *room, const struct store_content *content)
{
    const struct crdt_doc_options options = {.memory_limit = room->rooms->config.options.note_memory};
    struct crdt_stat stat;
    int rc = crdt_doc_create(&options, &room->doc);

    if (rc != RC_OK) {
        return rc;
    }
    if (content != NULL) {
        rc = apply_content(room->doc, content);
    }
    if (rc != RC_OK) {
        return rc == RC_NOMEM ? RC_NOMEM : RC_CORRUPT;
    }
    crdt_doc_stat(room->doc, &stat);
    room->text_bound = stat.text_units;
    return RC_OK;
}

static void become_ready(struct room *room)
{
    struct visit *v;

    room->state = ROOM_READY;
    for (size_t i = 0; i < room->members; i++) {
        dispatch_ready(room->member[i]);
    }
    while ((v = take_first(&room->visit_first, &room->visit_last)) != NULL) {
        run_visit(room, v);
    }
}

/* Nobody gets an empty note in place of one that cannot be read. */
static void fail(struct room *room, int rc)
{
    struct visit *v;

    log_event(LOG_LEVEL_ERROR, "room.load_failed", "room=%llu error=%s", (unsigned long long)room->serial, rc_name(rc));
    room->rooms->stats.failed_loads++;
    registry_remove(room->rooms, room);
    while (room->members > 0) {
        dispatch_refuse_room(room->member[room->members - 1], rc);
    }
    while ((v = take_first(&room->visit_first, &room->visit_last)) != NULL) {
        finish_visit(v, rc, NULL);
    }
    room_destroy(room);
}

static void load_answered(void *ctx, const struct store_answer *answer)
{
    struct room *room = ctx;
    const struct store_content *content = answer->rc == RC_OK ? answer->content : NULL;
    int rc = answer->rc;

    registry_touch(room->rooms);
    room->persist.requests--;
    if (rc == RC_OK || rc == RC_NOTFOUND) {
        rc = fill(room, content);
    }
    if (rc != RC_OK) {
        fail(room, rc);
        return;
    }
    room->rooms->stats.loads++;
    if (content != NULL) {
        room->persist.exists = true;
        room->persist.rows = content->count;
        room->persist.bytes = content->bytes - content->snapshot.len;
    }
    become_ready(room);
}

static int start_load(struct room *room)
{
    const struct store_reply reply = {.call = load_answered, .ctx = room};
    int rc = store_load(room->rooms->config.store, room_name(room), reply);

    if (rc == RC_OK) {
        room->persist.requests++;
    }
    return rc;
}

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
    room->idle_us = room->swept_us = rooms->now_us;
    room->name_len = name.len;
    memcpy(room->name, name.data, name.len);
    awareness_init(&room->awareness);
    room->awareness.state_max = rooms->config.options.awareness_state;
    rc = start_load(room);
    if (rc != RC_OK) {
        free(room);
        return rc;
    }
    registry_insert(rooms, room);
    *out = room;
    return RC_OK;
}

static void unqueue(struct room *room)
{
    struct room **at = &room->rooms->dirty;

    if (!room->fanout.queued) {
        return;
    }
    while (*at != room) {
        at = &(*at)->fanout.next_dirty;
    }
    *at = room->fanout.next_dirty;
}

void room_destroy(struct room *room)
{
    unqueue(room);
    crdt_doc_destroy(room->doc);
    awareness_finish(&room->awareness);
    owners_finish(&room->owners);
    fanout_finish(&room->fanout);
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
    if (room->state == ROOM_READY) {
        dispatch_ready(s);
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
    }
}

static void say_goodbye(struct room *room, struct session *s)
{
    struct buf changes = {0};

    if (awareness_remove_owner(&room->awareness, s->serial, &changes) == RC_OK && changes.len > 0) {
        fanout_awareness(room, buf_span(&changes));
    }
    buf_finish(&changes);
}

void room_leave(struct room *room, struct session *s)
{
    session_forget_owed(s);
    if (s->waits) {
        s->waits = false;
        room->waiting--;
    }
    take_out(room, s);
    owners_leave(&room->owners, s);
    say_goodbye(room, s);
    if (room->waiting > 0) {
        room->pump = true;
        fanout_enqueue(room);
    }
    s->room = NULL;
    s->resync = false;
}

/* ---- Awareness ------------------------------------------------------------------------------------ */

/* The first message of one state is the client's own. */
static void learn_client(struct room *room, struct session *s, struct span update)
{
    struct awareness_iter it;
    struct awareness_item item;
    uint64_t announced;

    if (s->announced) {
        return;
    }
    awareness_iter_init(&it, update);
    if (it.left != 1 || !awareness_iter_next(&it, &item) || item.null) {
        return;
    }
    s->announced = true;
    s->own = item.client;
    announced = s->known == NULL ? 0 : proto_state_vector_get(span_of(s->known->data, s->known->len), item.client);
    if (owners_announce(&room->owners, s, item.client, announced) != RC_OK) {
        log_event(LOG_LEVEL_DEBUG, "awareness.id_taken", "room=%llu conn=%llu", (unsigned long long)room->serial,
                  (unsigned long long)s->peer->conn->serial);
    }
}

int room_awareness(struct room *room, struct session *s, struct span update)
{
    int64_t now_ms = (int64_t)(room->rooms->now_us / 1000);
    struct buf changes = {0};
    int rc = awareness_apply(&room->awareness, update, s->serial, now_ms, &changes);

    if (rc == RC_OK) {
        learn_client(room, s, update);
    }
    if (rc == RC_OK && changes.len > 0) {
        fanout_awareness(room, buf_span(&changes));
    }
    buf_finish(&changes);
    return rc;
}

static void sweep_awareness(struct room *room)
{
    int64_t now_ms = (int64_t)(room->rooms->now_us / 1000);
    struct buf changes = {0};

    room->swept_us = room->rooms->now_us;
    if (awareness_remove_older(&room->awareness, now_ms - AWARENESS_MS, &changes) == RC_OK && changes.len > 0) {
        fanout_awareness(room, buf_span(&changes));
    }
    buf_finish(&changes);
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
        session_ask(s);
    }
}

static void tick_members(struct room *room)
{
    for (size_t i = 0; i < room->members; i++) {
        struct session *s = room->member[i];

        if (s->waits) {
            intake_tick(s);
        } else if (s->held_first != NULL && s->state == SESSION_READY) {
            session_pump(s);
        }
        if (s->unsaved) {
            ask_again(s);
        }
    }
}

/* Those whose queue is empty have what was sent, and so what the document holds (when nothing of this turn is still to
 * be sent): they need less after a jam. */
static void renew_known(struct room *room)
{
    struct buf vector = {0};
    struct known *known;

    if (room->fanout.queued || room->known_version == room->version ||
        room->rooms->now_us - room->known_us < KNOWN_EVERY_US) {
        return;
    }
    room->known_us = room->rooms->now_us;
    room->known_version = room->version;
    known = crdt_encode_state_vector(room->doc, &vector) == RC_OK ? known_create(buf_span(&vector)) : NULL;
    buf_finish(&vector);
    if (known == NULL) {
        return;
    }
    for (size_t i = 0; i < room->members; i++) {
        struct session *s = room->member[i];

        if (s->known != NULL && !s->resync && conn_queued(s->peer->conn) == 0) {
            known_unref(s->known);
            s->known = known_ref(known);
        }
    }
    known_unref(room->known);
    room->known = known;
}

static bool is_idle(const struct room *room)
{
    const struct rooms_options *o = &room->rooms->config.options;
    uint64_t idle = room->rooms->now_us - room->idle_us;

    return room->members == 0 && room->applied_first == NULL && !room->fanout.queued && persist_is_quiet(room) &&
           (!room->persist.exists || idle >= (uint64_t)o->idle_ms * 1000);
}

bool room_tick(struct room *room)
{
    struct rooms *rooms = room->rooms;

    if (room->state != ROOM_READY) {
        return false;
    }
    if (room->members > 0) {
        tick_members(room);
        renew_known(room);
    }
    if (rooms->now_us - room->swept_us >= SWEEP_EVERY_US) {
        sweep_awareness(room);
    }
    if (rooms->now_us - room->fanout.full_us >= FULL_KEPT_US) {
        fanout_forget_full(room);
    }
    persist_tick(room);
    if (!is_idle(room)) {
        return false;
    }
    /* One snapshot before it goes, so that the next visitor does not pay for the rows. */
    if (room->persist.rows > rooms->config.options.unload_rows && store_writable(rooms->config.store) == RC_OK) {
        persist_compact(room);
    }
    return persist_is_quiet(room);
}
