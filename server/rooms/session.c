#include "server/rooms/session.h"
#include <stdlib.h>
#include <string.h>
#include "server/net/frame.h"
#include "server/rooms/dispatch.h"
#include "server/rooms/fanout.h"
#include "server/rooms/intake.h"
#include "server/rooms/quota.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/visit.h"

/* A message that waits. */
struct held {
    struct held *next;
    size_t len;
    uint8_t bytes[];
};

/* ---- Peers -------------------------------------------------------------------------------------- */

struct peer *peer_create(struct rooms *rooms, struct conn *conn)
{
    struct peer *p = calloc(1, sizeof *p);

    if (p == NULL) {
        return NULL;
    }
    p->rooms = rooms;
    p->conn = conn;
    p->opened_us = p->heard_us = p->sent_us = rooms->now_us;
    p->link = &rooms->peers[conn->serial % TICKS_A_SECOND];
    p->next = *p->link;
    if (p->next != NULL) {
        p->next->link = &p->next;
    }
    *p->link = p;
    rooms->connections++;
    conn->user = p;
    return p;
}

void peer_destroy(struct peer *p)
{
    if (p == NULL) {
        return;
    }
    p->closing = true;
    while (p->first != NULL) {
        session_destroy(p->first);
    }
    *p->link = p->next;
    if (p->next != NULL) {
        p->next->link = p->link;
    }
    quota_forget(p);
    p->rooms->connections--;
    p->conn->user = NULL;
    free(p);
}

void peer_pause(struct peer *p, enum peer_pause why)
{
    if (p->pauses == 0 && !p->closing) {
        conn_pause(p->conn);
    }
    p->pauses |= why;
}

void peer_resume(struct peer *p, enum peer_pause why)
{
    unsigned before = p->pauses;

    p->pauses &= ~(unsigned)why;
    if (before != 0 && p->pauses == 0 && !p->closing) {
        conn_resume(p->conn);
    }
}

void peer_close(struct peer *p, uint16_t code, const char *reason)
{
    if (!p->closing) {
        p->closing = true;
        conn_close(p->conn, code, reason);
    }
}

/* What stands before the messages of this address, without the length. */
static struct span address_of(const struct session *s)
{
    size_t skip = s->prefix.len >= 128 + 2 ? 2 : 1;

    return s->prefix.len == 0 ? span_of(NULL, 0) : span_of(s->prefix.data + skip, s->prefix.len - skip);
}

struct session *peer_find(const struct peer *p, struct span address)
{
    for (struct session *s = p->first; s != NULL; s = s->next) {
        if (span_equal(address_of(s), address)) {
            return s;
        }
    }
    return NULL;
}

/* ---- Sessions ----------------------------------------------------------------------------------- */

struct session *session_create(struct peer *p, struct span address, struct span note)
{
    struct session *s = calloc(1, sizeof *s);

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

/* ---- Acknowledgements ----------------------------------------------------------------------------- */

static struct frame *status_frame(struct session *s, bool stored)
{
    struct frame **f = stored ? &s->stored : &s->not_stored;
    struct buf body = {0};

    if (*f == NULL) {
        proto_put_sync_status(&body, stored);
        if (body.rc != RC_OK || session_frame(s, buf_span(&body), f) != RC_OK) {
            *f = NULL;
        }
        buf_finish(&body);
    }
    return *f;
}

static void send_owed(struct session *s, const struct owed *o)
{
    struct frame *f = o->kind == OWED_ECHO ? o->frame : status_frame(s, o->kind == OWED_STORED);

    if (f == NULL) {
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    session_send(s, f, OUTQ_ONCE);
}

static int grow_owed(struct session *s)
{
    size_t cap = s->owed_cap == 0 ? 8 : 2 * s->owed_cap;
    struct owed *ring;

    if (s->owed_count < s->owed_cap) {
        return RC_OK;
    }
    ring = malloc(cap * sizeof *ring);
    if (ring == NULL) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < s->owed_count; i++) {
        ring[i] = s->owed[(s->owed_head + i) % s->owed_cap];
    }
    free(s->owed);
    s->owed = ring;
    s->owed_cap = cap;
    s->owed_head = 0;
    return RC_OK;
}

static void enlist(struct session *s)
{
    s->owing_next = s->room->owing;
    s->owing_link = &s->room->owing;
    if (s->owing_next != NULL) {
        s->owing_next->owing_link = &s->owing_next;
    }
    s->room->owing = s;
}

static void delist(struct session *s)
{
    *s->owing_link = s->owing_next;
    if (s->owing_next != NULL) {
        s->owing_next->owing_link = s->owing_link;
    }
    s->owing_link = NULL;
}

void session_forget_owed(struct session *s)
{
    for (size_t i = 0; i < s->owed_count; i++) {
        frame_unref(s->owed[(s->owed_head + i) % s->owed_cap].frame);
    }
    if (s->owed_count > 0) {
        delist(s);
    }
    s->owed_count = 0;
}

/* Sends it at once when nothing stands before it and its commits are done. Takes the reference of an echo. */
static void owe(struct session *s, struct owed o)
{
    if (s->owed_count == 0 && o.need <= s->room->persist.committed) {
        send_owed(s, &o);
        frame_unref(o.frame);
        return;
    }
    if (grow_owed(s) != RC_OK) {
        frame_unref(o.frame);
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    if (s->owed_count == 0) {
        enlist(s);
    }
    s->owed[(s->owed_head + s->owed_count++) % s->owed_cap] = o;
    persist_await(s->room);
}

void session_flush_owed(struct session *s)
{
    while (s->owed_count > 0 && s->owed[s->owed_head].need <= s->room->persist.committed) {
        struct owed o = s->owed[s->owed_head];

        s->owed_head = (s->owed_head + 1) % s->owed_cap;
        if (--s->owed_count == 0) {
            delist(s);
        }
        send_owed(s, &o);
        frame_unref(o.frame);
    }
}

void session_owe_stored(struct session *s, uint64_t need)
{
    if (!s->sse_or_yws) {
        owe(s, (struct owed){need, NULL, OWED_STORED});
    }
}

void session_owe_echo(struct session *s, struct span message)
{
    struct frame *f;

    /* A viewer's refused edits will not be stored, however often it asks. */
    if (s->unsaved && s->right != ROOMS_EDIT) {
        return;
    }
    if (s->owed_count >= OWED_ECHO_MAX) {
        peer_close(s->peer, CONN_CLOSE_TRY_LATER, "too many questions for acknowledgement");
        return;
    }
    if (frame_create(&message, 1, &f) != RC_OK) {
        peer_close(s->peer, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    owe(s, (struct owed){s->unsaved ? OWED_NEVER : persist_need(s->room), f, OWED_ECHO});
}

void session_ask(struct session *s)
{
    s->asked = true;
    s->asks++;
    fanout_step1(s);
}

bool session_answers(struct session *s, bool step2)
{
    bool answers = step2 && s->asks > 0;

    s->asks -= answers;
    return answers;
}

void session_refuse(struct session *s, bool counted, const char *reason, uint64_t retry_us)
{
    struct buf body = {0};

    s->peer->rooms->stats.refused++;
    s->unsaved = true;
    s->asked = false;
    s->ask_us = retry_us == 0 ? 0 : s->peer->rooms->now_us + retry_us;
    if (!s->sse_or_yws) {
        s->refused += counted;
        owe(s, (struct owed){0, NULL, OWED_REFUSED});
        return;
    }
    proto_put_ywebsocket_denied(&body, span_str(reason));
    session_send_body(s, &body, OUTQ_ONCE);
    buf_finish(&body);
}

/* More would only fill the queue; a client that had so much refused has been told often enough. */
#define SETTLE_MAX 1000

void session_settle(struct session *s, bool counted, uint64_t need)
{
    /* The status of a step 2 that the provider does not count makes up for one refusal already. */
    uint32_t missing = s->refused - (!counted && s->refused > 0);
    uint32_t made_up = missing < SETTLE_MAX ? missing : SETTLE_MAX;

    s->unsaved = false;
    s->refused = 0;
    for (size_t i = 0; i < s->owed_count; i++) {
        struct owed *o = &s->owed[(s->owed_head + i) % s->owed_cap];

        if (o->need == OWED_NEVER) {
            o->need = need;
        }
    }
    /* The provider counts what is not stored yet, and a refusal leaves its count as it is. */
    for (; made_up > 0; made_up--) {
        session_owe_stored(s, need);
    }
    if (s->owed_count > 0) {
        session_flush_owed(s);
        persist_await(s->room);
    }
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
