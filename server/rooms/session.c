#include "server/rooms/session.h"
#include <stdlib.h>
#include <string.h>
#include "server/base/cache.h"
#include "server/net/frame.h"
#include "server/rooms/dispatch.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/visit.h"

/* A message that waits. */
struct held {
    struct held *next;
    size_t len;
    uint8_t bytes[];
};

struct session *session_create(struct peer *p, struct span address, struct span note)
{
    struct session *s = cache_calloc(sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    s->peer = p;
    s->serial = ++p->rooms->serial;
    s->sse_or_yws = p->conn->protocol != CONN_HOCUSPOCUS;
    s->plain = address.len == note.len;
    if (!s->sse_or_yws) {
        proto_put_address(&s->prefix, address);
    }
    buf_put_span(&s->note, note);
    if (s->prefix.rc != RC_OK || s->note.rc != RC_OK) {
        buf_finish(&s->prefix);
        buf_finish(&s->note);
        free(s);
        return NULL;
    }
    s->next = p->first;
    p->first = s;
    p->sessions++;
    p->rooms->sessions++;
    return s;
}

static void unlink_session(struct session *s)
{
    struct session **at = &s->peer->first;

    while (*at != s) {
        at = &(*at)->next;
    }
    *at = s->next;
    s->peer->sessions--;
    s->peer->rooms->sessions--;
}

/* What it sent before it went counts, although nobody is left to be answered. */
static void leave_edits(struct session *s)
{
    struct span update;

    if (s->room == NULL || s->right != ROOMS_EDIT) {
        return;
    }
    for (const struct held *h = s->held_first; h != NULL; h = h->next) {
        if (dispatch_is_edit(s, span_of(h->bytes, h->len), &update)) {
            visit_leave(s->room, update, buf_span(&s->sender));
        }
    }
}

void session_destroy(struct session *s)
{
    leave_edits(s);
    session_drop_held(s);
    if (s->room != NULL) {
        room_leave(s->room, s);
    }
    free(s->owed);
    unlink_session(s);
    known_unref(s->known);
    frame_unref(s->stored);
    frame_unref(s->not_stored);
    buf_finish(&s->prefix);
    buf_finish(&s->note);
    buf_finish(&s->sender);
    free(s);
}

/* ---- Sending ------------------------------------------------------------------------------------ */

int session_frame(const struct session *s, struct span body, struct frame **out)
{
    const struct span parts[] = {buf_span(&s->prefix), body};

    return frame_create(parts, 2, out);
}

void session_send(struct session *s, struct frame *f, enum outq_kind kind)
{
    struct peer *p = s->peer;
    int rc;

    if (p->closing || (s->lag.on && kind == OUTQ_REPEATABLE)) {
        return;
    }
    rc = conn_send(p->conn, f, kind);
    if (rc == RC_OK) {
        p->sent_us = p->rooms->now_us;
    } else if (rc == RC_BUSY) {
        lag_begin(s);
    } else if (rc == RC_NOMEM) {
        peer_close(p, CONN_CLOSE_INTERNAL, "out of memory");
    } else {
        p->closing = true;
    }
}

void session_send_body(struct session *s, const struct buf *body, enum outq_kind kind)
{
    struct frame *f;

    if (body->rc != RC_OK || session_frame(s, buf_span(body), &f) != RC_OK) {
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    session_send(s, f, kind);
    frame_unref(f);
}

/* ---- Holding ------------------------------------------------------------------------------------ */

void session_hold(struct session *s, struct span bytes)
{
    const struct rooms *rooms = s->peer->rooms;
    struct held *h;

    if (bytes.len > rooms->config.options.conn_held && rooms->held + bytes.len > rooms->config.options.held_bytes) {
        peer_close(s->peer, CONN_CLOSE_TRY_LATER, "too many large messages at once");
        return;
    }
    h = malloc(sizeof *h + bytes.len);
    if (h == NULL) {
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    *h = (struct held){.len = bytes.len};
    memcpy(h->bytes, bytes.data, bytes.len);
    if (s->held_last != NULL) {
        s->held_last->next = h;
    } else {
        s->held_first = h;
    }
    s->held_last = h;
    if (s->room != NULL) {
        room_stir(s->room);
    }
    s->held += bytes.len;
    s->peer->held += bytes.len;
    s->peer->rooms->held += bytes.len;
    if (s->peer->held > rooms->config.options.conn_held) {
        peer_pause(s->peer, PAUSE_HELD);
    }
}

static void drop_first(struct session *s)
{
    struct held *h = s->held_first;

    s->held_first = h->next;
    if (s->held_first == NULL) {
        s->held_last = NULL;
    }
    s->held -= h->len;
    s->peer->held -= h->len;
    s->peer->rooms->held -= h->len;
    if (s->peer->held <= s->peer->rooms->config.options.conn_held / 2) {
        peer_resume(s->peer, PAUSE_HELD);
    }
    free(h);
}

void session_drop_held(struct session *s)
{
    while (s->held_first != NULL) {
        drop_first(s);
    }
}

void session_pump(struct session *s)
{
    if (s->pumping) {
        return;
    }
    s->pumping = true;
    while (s->held_first != NULL && !s->peer->closing) {
        if (dispatch_held(s, span_of(s->held_first->bytes, s->held_first->len)) == RC_BUSY) {
            break;
        }
        drop_first(s);
    }
    s->pumping = false;
}

/* ---- What a client has --------------------------------------------------------------------------- */

struct known *known_create(struct span state_vector)
{
    struct known *k = malloc(sizeof *k + state_vector.len);

    if (k != NULL) {
        *k = (struct known){.refs = 1, .len = state_vector.len};
        memcpy(k->data, state_vector.data, state_vector.len);
    }
    return k;
}

struct known *known_ref(struct known *k)
{
    k->refs++;
    return k;
}

void known_unref(struct known *k)
{
    if (k != NULL && --k->refs == 0) {
        free(k);
    }
}

void session_know(struct session *s, struct span state_vector)
{
    known_unref(s->known);
    s->known = known_create(state_vector);
}
