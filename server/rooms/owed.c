#include "server/rooms/owed.h"
#include <stdlib.h>
#include "server/net/frame.h"
#include "server/rooms/fanout.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"

enum owed_kind { OWED_STORED, OWED_REFUSED, OWED_ECHO };

struct owed {
    uint64_t need;       /* commits of the room */
    struct frame *frame; /* OWED_ECHO: one reference */
    enum owed_kind kind;
};
#define OWED_NEVER    UINT64_MAX /* waits for a resynchronisation */
#define OWED_ECHO_MAX 256        /* messages 102 that wait, for one session */

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

void owed_forget(struct session *s)
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

bool owed_waits(const struct session *s)
{
    return s->owed_count > 0 && s->owed[s->owed_head].need != OWED_NEVER;
}

void owed_flush(struct session *s)
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

void owed_stored(struct session *s, uint64_t need)
{
    if (!s->sse_or_yws) {
        owe(s, (struct owed){need, NULL, OWED_STORED});
    }
}

void owed_echo(struct session *s, struct span message)
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

void owed_ask(struct session *s)
{
    s->asked = true;
    s->asks++;
    fanout_step1(s);
}

bool owed_answers(struct session *s, bool step2)
{
    bool answers = step2 && s->asks > 0;

    s->asks -= answers;
    return answers;
}

void owed_refuse(struct session *s, bool counted, const char *reason, uint64_t retry_us)
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

void owed_settle(struct session *s, bool counted, uint64_t need)
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
        owed_stored(s, need);
    }
    if (s->owed_count > 0) {
        owed_flush(s);
        persist_await(s->room);
    }
}
