#include "server/rooms/persist.h"
#include "crdt/crdt.h"
#include "server/base/log.h"
#include "server/rooms/compact.h"
#include "server/rooms/owed.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"
#include "server/rooms/visit.h"
#include "server/store/store.h"

/* ---- Rows --------------------------------------------------------------------------------------- */

/* Does anybody wait to hear that rows are durable? */
static bool is_awaited(const struct room *room)
{
    return room->owing != NULL || room->applied.first != NULL;
}

/* The list changes while it is walked: a session without debts leaves it. */
static void flush_owing(struct room *room)
{
    struct session *next;

    registry_touch(room->rooms);
    for (struct session *s = room->owing; s != NULL; s = next) {
        next = s->owing_next;
        owed_flush(s);
    }
    visits_flush(room);
}

static void row_answered(void *ctx, const struct store_answer *answer)
{
    struct room *room = ctx;

    room->persist.requests--;
    if (answer->rc != RC_OK) {
        /* Only when the store closes before it could write. Nothing after this row may be acknowledged either. */
        room->persist.lost = true;
        log_event(LOG_LEVEL_ERROR, "room.row_lost", "room=%llu error=%s", (unsigned long long)room->serial,
                  rc_name(answer->rc));
        return;
    }
    if (!room->persist.lost) {
        room->persist.committed++;
        if (is_awaited(room)) {
            flush_owing(room);
        }
    }
}

static int append(struct room *room, unsigned kind, struct span data, struct span sender)
{
    const struct clock *clock = room->rooms->config.clock;
    const struct store_row row = {.kind = kind, .data = data, .sender = sender, .time_ms = clock_wall_ms(clock)};
    const struct store_reply reply = {.call = row_answered, .ctx = room, .patient = !is_awaited(room)};
    int rc = store_append(room->rooms->config.store, room_name(room), &row, reply);

    if (rc == RC_OK) {
        room->persist.requests++;
        room->persist.appended++;
        room->persist.exists = true;
        room->persist.rows++;
        room->persist.bytes += data.len;
    }
    return rc;
}

static void append_whole(struct room *room)
{
    struct buf state = {0};
    int rc = crdt_encode_state(room->doc, CRDT_V2, span_of(NULL, 0), &state);

    if (rc == RC_OK) {
        rc = append(room, STORE_UPDATE_V2, buf_span(&state), span_of(NULL, 0));
    }
    room->persist.dirty = rc != RC_OK;
    buf_finish(&state);
}

uint64_t persist_row(struct room *room, struct span update, struct span sender, bool foreign)
{
    struct persist *p = &room->persist;
    int rc;

    if (p->dirty) {
        append_whole(room);
        return persist_need(room);
    }
    rc = append(room, STORE_UPDATE_V1 | (foreign ? STORE_FOREIGN : 0u), update, sender);
    if (rc != RC_OK) {
        log_event(LOG_LEVEL_WARN, "room.row_kept", "room=%llu error=%s", (unsigned long long)room->serial, rc_name(rc));
        p->dirty = true;
    }
    return persist_need(room);
}

uint64_t persist_need(const struct room *room)
{
    return room->persist.appended + (room->persist.dirty ? 1 : 0);
}

void persist_await(struct room *room)
{
    store_hurry(room->rooms->config.store);
}

bool persist_is_quiet(const struct room *room)
{
    const struct persist *p = &room->persist;

    return p->requests == 0 && !p->dirty && (p->committed == p->appended || p->lost);
}

/* ---- Title and excerpt ---------------------------------------------------------------------------- */

static void meta_answered(void *ctx, const struct store_answer *answer)
{
    struct room *room = ctx;

    room->persist.requests--;
    if (answer->rc != RC_OK) {
        buf_clear(&room->persist.title); /* to be told again */
        buf_clear(&room->persist.excerpt);
    }
}

static void put_meta(struct room *room, struct buf *title, struct buf *excerpt)
{
    struct persist *p = &room->persist;
    const struct store_meta meta = {buf_span(title), buf_span(excerpt)};
    const struct store_reply reply = {.call = meta_answered, .ctx = room};

    if (span_equal(meta.title, buf_span(&p->title)) && span_equal(meta.excerpt, buf_span(&p->excerpt))) {
        return;
    }
    if (store_put_meta(room->rooms->config.store, room_name(room), &meta, reply) != RC_OK) {
        return;
    }
    p->requests++;
    buf_finish(&p->title);
    buf_finish(&p->excerpt);
    p->title = *title;
    p->excerpt = *excerpt;
    *title = *excerpt = (struct buf){0};
}

static void describe(struct room *room)
{
    const struct rooms_config *c = &room->rooms->config;
    struct buf title = {0}, excerpt = {0};

    room->persist.described_version = room->version;
    room->persist.described_us = room->rooms->now_us;
    if (c->describe(c->describe_ctx, room->doc, &title, &excerpt) == RC_OK && title.rc == RC_OK &&
        excerpt.rc == RC_OK) {
        put_meta(room, &title, &excerpt);
    }
    buf_finish(&title);
    buf_finish(&excerpt);
}

bool persist_describes(const struct room *room)
{
    const struct persist *p = &room->persist;

    return room->rooms->config.describe != NULL && p->exists && p->described_version != room->version;
}

/* From time to time while people write; at once when the last has left, who now looks at the list. */
static bool describe_is_due(const struct room *room)
{
    uint64_t every_us = (uint64_t)room->rooms->config.options.describe_ms * 1000;
    bool waited = room->rooms->now_us - room->persist.described_us >= every_us;

    return persist_describes(room) && (waited || room->members == 0);
}

bool persist_tick(struct room *room)
{
    const struct rooms_options *o = &room->rooms->config.options;
    struct persist *p = &room->persist;

    if (p->dirty && store_writable(room->rooms->config.store) == RC_OK) {
        append_whole(room);
    }
    if (store_writable(room->rooms->config.store) != RC_OK) {
        return !p->dirty;
    }
    if (describe_is_due(room)) {
        describe(room);
    }
    return (p->rows <= o->compact_rows && p->bytes <= o->compact_bytes) || compact_start(room);
}

void persist_finish(struct persist *p)
{
    buf_finish(&p->title);
    buf_finish(&p->excerpt);
}
