#include "server/rooms/fanout.h"
#include <stdlib.h>
#include "crdt/crdt.h"
#include "crdt/proto.h"
#include "server/base/cache.h"
#include "server/net/frame.h"
#include "server/rooms/reading.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"

#define KEPT_US         UINT64_C(10000000) /* an answer that nobody asked for */
#define KEPT_AT_REST_US UINT64_C(1000000)  /* … of a note at rest, which is small and made in no time */
#define BYTES_KEPT      1024               /* of the buffer of a turn's updates, between turns */

/* One body for many sessions: a frame for y-websocket, one for the plain address of the note, made when first needed;
 * one each for addresses of their own. */
struct shared {
    struct span body;
    struct frame *bare, *named;
};

static struct frame *shared_frame(struct shared *m, const struct session *s)
{
    struct frame **kept = s->sse_or_yws ? &m->bare : s->plain ? &m->named : NULL;
    struct frame *f = NULL;

    if (kept != NULL && *kept != NULL) {
        return frame_ref(*kept);
    }
    if (session_frame(s, m->body, &f) != RC_OK) {
        return NULL;
    }
    if (kept != NULL) {
        *kept = frame_ref(f);
    }
    return f;
}

static void send_shared(struct shared *m, struct session *s, enum outq_kind kind)
{
    struct frame *f = shared_frame(m, s);

    if (f == NULL) {
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    session_send(s, f, kind);
    frame_unref(f);
}

void fanout_body(struct room *room, const struct buf *body, uint64_t but)
{
    struct shared m = {.body = buf_span(body)};

    for (size_t i = 0; i < room->members; i++) {
        struct session *s = room->member[i];

        if (s->state == SESSION_READY && s->serial != but && !s->lag.on) {
            send_shared(&m, s, OUTQ_REPEATABLE);
        }
    }
    frame_unref(m.bare);
    frame_unref(m.named);
}

/* Somebody did not get what he should have: all are brought up to date from the document. */
static void broadcast_failed(struct room *room)
{
    for (size_t i = 0; i < room->members; i++) {
        if (room->member[i]->state == SESSION_READY) {
            fanout_resync(room->member[i]);
        }
    }
}

/* How many members of a note are fetched ahead; in a large class the first keep the processor busy for long enough. */
#define FETCHED 32

static size_t fetched(const struct room *room)
{
    return room->members < FETCHED ? room->members : FETCHED;
}

void fanout_expect(const struct room *room)
{
    for (size_t i = 0; i < fetched(room); i++) {
        cache_fetch(room->member[i], CACHE_LINE);
    }
}

/* Once the members are there … */
static void expect_peers(const struct room *room)
{
    for (size_t i = 0; i < fetched(room); i++) {
        cache_fetch(room->member[i]->peer, CACHE_LINE);
    }
}

/* … and once their peers are. */
static void expect_conns(const struct room *room)
{
    for (size_t i = 0; i < fetched(room); i++) {
        conn_fetch(room->member[i]->peer->conn);
    }
}

static void send_update(struct room *room, struct span update, uint64_t but)
{
    struct buf body = {0};

    expect_conns(room);
    proto_put_sync(&body, PROTO_UPDATE, update);
    if (body.rc == RC_OK) {
        fanout_body(room, &body, but);
        lag_keep(room, update);
    } else {
        broadcast_failed(room);
    }
    buf_finish(&body);
}

void fanout_enqueue(struct room *room)
{
    if (!room->fanout.queued) {
        room->fanout.queued = true;
        room->fanout.next_dirty = room->rooms->dirty;
        room->rooms->dirty = room;
    }
}

static int grow(struct fanout *f)
{
    size_t cap = f->cap == 0 ? 16 : 2 * f->cap;
    size_t *end;

    if (f->count < f->cap) {
        return RC_OK;
    }
    end = realloc(f->end, cap * sizeof *end);
    if (end == NULL) {
        return RC_NOMEM;
    }
    f->end = end;
    f->cap = cap;
    return RC_OK;
}

void fanout_update(struct room *room, struct span update, uint64_t sender)
{
    struct fanout *f = &room->fanout;

    if (room->members == 0) {
        return;
    }
    if (grow(f) != RC_OK || buf_reserve(&f->bytes, update.len) != RC_OK) {
        buf_clear(&f->bytes);
        f->count = 0;
        broadcast_failed(room);
        return;
    }
    expect_peers(room);
    buf_put_span(&f->bytes, update);
    f->sender = f->count == 0 || f->sender == sender ? sender : FANOUT_NOBODY;
    f->end[f->count++] = f->bytes.len;
    fanout_enqueue(room);
}

static void flush_merged(struct room *room)
{
    struct fanout *f = &room->fanout;
    struct span *update = malloc(f->count * sizeof *update);
    struct buf merged = {0};
    size_t from = 0;

    for (size_t i = 0; update != NULL && i < f->count; i++) {
        update[i] = span_of(f->bytes.data + from, f->end[i] - from);
        from = f->end[i];
    }
    if (update != NULL && crdt_update_merge(CRDT_V1, update, f->count, &merged) == RC_OK) {
        send_update(room, buf_span(&merged), f->sender);
    } else {
        broadcast_failed(room);
    }
    buf_finish(&merged);
    free(update);
}

/* A buffer that was large once is given back. */
static void recycle(struct buf *b)
{
    if (b->cap > BYTES_KEPT || b->rc != RC_OK) {
        buf_finish(b);
    }
    buf_clear(b);
}

static void flush_updates(struct room *room)
{
    struct fanout *f = &room->fanout;

    if (f->count == 1) {
        send_update(room, buf_span(&f->bytes), f->sender);
    } else if (f->count > 1) {
        flush_merged(room);
    }
    f->count = 0;
    recycle(&f->bytes);
}

void fanout_flush(struct room *room)
{
    flush_updates(room);
    presence_flush(room);
}

/* ---- The document for those who come ------------------------------------------------------------- */

static void forget(struct answer *a)
{
    frame_unref(a->bare);
    frame_unref(a->named);
    buf_finish(&a->vector);
    *a = (struct answer){0};
}

void fanout_finish(struct fanout *f)
{
    buf_finish(&f->bytes);
    free(f->end);
    f->end = NULL;
    f->cap = 0;
    forget(&f->whole);
    forget(&f->rest);
}

static void forget_old(struct answer *a, const struct room *room)
{
    uint64_t kept_us = room->doc == NULL ? KEPT_AT_REST_US : KEPT_US;

    if (a->used_us != 0 && room->rooms->now_us - a->used_us >= kept_us) {
        forget(a);
    }
}

void fanout_tick(struct room *room)
{
    forget_old(&room->fanout.whole, room);
    forget_old(&room->fanout.rest, room);
}

/* Sends what is kept, or `body`, and keeps its frame. */
static void send_answer(struct session *s, struct answer *a, const struct buf *body)
{
    struct shared m = {.body = buf_span(body), .bare = a->bare, .named = a->named};

    send_shared(&m, s, OUTQ_ONCE);
    a->bare = m.bare;
    a->named = m.named;
    a->used_us = s->room->rooms->now_us;
}

static bool has_frame(const struct answer *a, const struct session *s)
{
    return (s->sse_or_yws ? a->bare : s->plain ? a->named : NULL) != NULL;
}

static bool is_empty_vector(struct span sv)
{
    return sv.len == 0 || (sv.len == 1 && sv.data[0] == 0);
}

/* Where the answer for somebody with `vector` is kept; empty when it is another one's, or of an older document. */
static struct answer *answer_for(struct room *room, struct span vector)
{
    struct answer *a = vector.len == 0 ? &room->fanout.whole : &room->fanout.rest;

    if (a->version != room->version || !span_equal(buf_span(&a->vector), vector)) {
        forget(a);
        a->version = room->version;
        buf_put_span(&a->vector, vector); /* without memory it fits nobody else */
    }
    return a;
}

/* An answer that is made, for a session that may go meanwhile. */
struct step2 {
    uint64_t session; /* its serial */
    struct buf vector, update;
};

static void step2_free(struct step2 *answer)
{
    if (answer != NULL) {
        buf_finish(&answer->vector);
        buf_finish(&answer->update);
        free(answer);
    }
}

static int make_step2(void *ctx, const struct crdt_doc *doc)
{
    struct step2 *answer = ctx;

    return crdt_encode_state(doc, CRDT_V1, buf_span(&answer->vector), &answer->update);
}

static void send_step2(struct session *s, struct span vector, struct span update)
{
    struct buf body = {0};

    proto_put_sync(&body, PROTO_STEP2, update);
    if (body.rc == RC_OK) {
        send_answer(s, answer_for(s->room, vector), &body);
    } else {
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
    }
    buf_finish(&body);
}

static void made_step2(struct room *room, void *ctx, int rc)
{
    struct step2 *answer = ctx;
    struct session *s = room_member(room, answer->session);

    if (s != NULL && rc != RC_OK) {
        peer_close(s->peer, rc == RC_NOMEM ? CONN_CLOSE_INTERNAL : CONN_CLOSE_BAD_FRAME, "state vector");
    } else if (s != NULL && s->lag.on) {
        s->lag.lost = true; /* it gets what it lacks once there is room */
    } else if (s != NULL) {
        send_step2(s, buf_span(&answer->vector), buf_span(&answer->update));
    }
    step2_free(answer);
}

void fanout_step2(struct session *s, struct span state_vector)
{
    static const struct reading reading = {make_step2, made_step2};
    struct span vector = is_empty_vector(state_vector) ? span_of(NULL, 0) : state_vector;
    struct answer *kept = answer_for(s->room, vector);
    struct step2 *answer;

    if (has_frame(kept, s)) {
        send_answer(s, kept, &(struct buf){0});
        return;
    }
    answer = calloc(1, sizeof *answer);
    if (answer != NULL) {
        buf_put_span(&answer->vector, vector);
    }
    if (answer == NULL || answer->vector.rc != RC_OK) {
        step2_free(answer);
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    answer->session = s->serial;
    if (s->room->doc == NULL) {
        made_step2(s->room, answer, rest_encode(&s->room->rest, vector, &answer->update));
    } else {
        reading_start(s->room, &reading, answer);
    }
}

static int put_step1(const struct room *room, struct buf *body)
{
    struct buf vector = {0};
    int rc;

    if (room->doc == NULL) {
        proto_put_sync(body, PROTO_STEP1, rest_vector(&room->rest));
        return body->rc;
    }
    rc = crdt_encode_state_vector(room->doc, &vector);
    if (rc == RC_OK) {
        proto_put_sync(body, PROTO_STEP1, buf_span(&vector));
    }
    buf_finish(&vector);
    return rc;
}

void fanout_step1(struct session *s)
{
    struct buf body = {0};

    if (put_step1(s->room, &body) == RC_OK) {
        session_send_body(s, &body, OUTQ_ONCE);
    } else {
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
    }
    buf_finish(&body);
}

void fanout_states(struct session *s, bool removed, bool even_if_empty)
{
    const struct awareness *a = &s->room->presence.table;
    struct buf update = {0}, body = {0};
    int rc;

    if (!even_if_empty && (removed ? a->count : a->live) == 0) {
        return;
    }
    rc = removed ? awareness_encode_all(a, &update) : awareness_encode(a, &update);
    if (rc == RC_OK) {
        proto_put_awareness(&body, buf_span(&update));
        session_send_body(s, &body, OUTQ_ONCE);
    }
    buf_finish(&update);
    buf_finish(&body);
}

void fanout_keepalive(struct session *s)
{
    static const uint8_t nobody[] = {0};
    struct buf body = {0};

    proto_put_awareness(&body, span_of(nobody, 1));
    session_send_body(s, &body, OUTQ_REPEATABLE);
    buf_finish(&body);
}

void fanout_resync(struct session *s)
{
    struct known *known;

    if (s->room->state != ROOM_READY) {
        lag_begin(s);
        s->lag.lost = s->lag.states = s->lag.due = true; /* room_home does it */
        return;
    }
    lag_end(s);
    known = s->known == NULL ? NULL : known_ref(s->known);
    s->peer->rooms->stats.resyncs++;
    fanout_step2(s, known == NULL ? span_of(NULL, 0) : span_of(known->data, known->len));
    fanout_states(s, true, false);
    known_unref(known);
}
