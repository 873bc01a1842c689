#include "server/rooms/dispatch.h"
#include "crdt/proto.h"
#include "server/base/cache.h"
#include "server/base/log.h"
#include "server/base/utf8.h"
#include "server/rooms/intake.h"
#include "server/rooms/load.h"
#include "server/rooms/owed.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"

#define SESSION_NAME_MAX 64 /* bytes behind the NUL of an address; providers send about 10 */

void dispatch_bad_frame(struct peer *p)
{
    if (!p->closing) {
        p->rooms->stats.bad_frames++;
        log_event(LOG_LEVEL_INFO, "conn.bad_frame", "conn=%llu", (unsigned long long)p->conn->serial);
    }
    peer_close(p, CONN_CLOSE_BAD_FRAME, "not a message");
}

/* ---- In a room ------------------------------------------------------------------------------------ */

/* The client says what it has, and so how far it has come under its own id. */
static void learn_vector(struct session *s, struct span vector)
{
    struct owners *owners = &s->room->owners;

    session_know(s, vector);
    for (size_t i = 0; i < owners->count; i++) {
        struct owner *o = &owners->list[i];
        uint64_t clock = o->session == s ? proto_state_vector_get(vector, o->client) : 0;

        if (clock > o->announced) {
            o->announced = clock;
        }
    }
}

/* Hocuspocus clients expect our step 1 before the answer; y-websocket clients got it when they came. */
static int receive_step1(struct session *s, const struct proto_message *m)
{
    if (!proto_state_vector_valid(m->payload)) {
        return RC_FORMAT;
    }
    learn_vector(s, m->payload);
    if (!s->sse_or_yws && m->type == PROTO_SYNC) {
        s->refused = 0; /* providers count anew from here */
        fanout_step1(s);
    }
    /* A reader who is behind gets the answer with what he lacks, once there is room. */
    if (s->lag.on) {
        s->lag.lost = true;
    } else {
        fanout_step2(s, m->payload);
    }
    return RC_OK;
}

static int receive_sync(struct session *s, const struct proto_message *m)
{
    if (m->sub == PROTO_STEP1) {
        return receive_step1(s, m);
    }
    return intake_receive(s, m->sub == PROTO_STEP2, m->payload);
}

static int receive_awareness(struct session *s, const struct proto_message *m)
{
    int rc = presence_receive(s->room, s, m->payload);
    struct buf body = {0};

    if (rc != RC_LIMIT) {
        return rc == RC_NOMEM ? RC_OK : rc;
    }
    /* Too large a presence harms nobody else and is no reason to stop somebody's edits. */
    log_event(LOG_LEVEL_INFO, "awareness.refused", "conn=%llu", (unsigned long long)s->peer->conn->serial);
    if (s->sse_or_yws) {
        proto_put_ywebsocket_denied(&body, span_str("this awareness state is too large"));
        session_send_body(s, &body, OUTQ_ONCE);
        buf_finish(&body);
    }
    return RC_OK;
}

static int receive(struct session *s, const struct proto_message *m, struct span bytes)
{
    switch (m->type) {
    case PROTO_SYNC:
    case PROTO_SYNC_REPLY:
        return receive_sync(s, m);
    case PROTO_AWARENESS:
        return receive_awareness(s, m);
    case PROTO_QUERY_AWARENESS:
        fanout_states(s, false, true);
        return RC_OK;
    case PROTO_ACK:
        owed_echo(s, bytes);
        return RC_OK;
    default:
        /* Stateless messages have no meaning here; statuses and pongs tell nothing new. */
        return RC_OK;
    }
}

static bool passes_held(const struct proto_message *m)
{
    return m->type == PROTO_AWARENESS || m->type == PROTO_QUERY_AWARENESS;
}

/* Handles or holds. */
static void receive_or_hold(struct session *s, const struct proto_message *m, struct span bytes)
{
    int rc = RC_BUSY;

    cache_fetch(s->room, sizeof *s->room); /* nearly all of it is looked at: its lines come together */
    if (s->state == SESSION_READY && (passes_held(m) || (s->held_first == NULL && room_may_work(s->room)))) {
        rc = receive(s, m, bytes);
        room_worked(s->room);
    }
    if (rc == RC_BUSY) {
        session_hold(s, bytes);
    } else if (rc != RC_OK) {
        dispatch_bad_frame(s->peer);
    }
}

static int read_held(const struct session *s, struct span bytes, struct proto_message *out)
{
    return s->sse_or_yws ? proto_read_ywebsocket(bytes, out) : proto_read_hocuspocus(bytes, out);
}

bool dispatch_is_edit(const struct session *s, struct span bytes, struct span *update)
{
    struct proto_message m;

    if (read_held(s, bytes, &m) != RC_OK || (m.type != PROTO_SYNC && m.type != PROTO_SYNC_REPLY) ||
        m.sub == PROTO_STEP1) {
        return false;
    }
    *update = m.payload;
    return true;
}

int dispatch_held(struct session *s, struct span bytes)
{
    struct proto_message m;
    int rc;

    if (!room_may_work(s->room)) {
        return RC_BUSY;
    }
    rc = read_held(s, bytes, &m);
    if (rc == RC_OK) {
        rc = receive(s, &m, bytes);
        room_worked(s->room);
    }
    if (rc != RC_OK && rc != RC_BUSY) {
        dispatch_bad_frame(s->peer);
    }
    return rc;
}

void dispatch_ready(struct session *s)
{
    s->state = SESSION_READY;
    if (s->sse_or_yws) {
        fanout_step1(s);
    }
    fanout_states(s, false, false);
    session_pump(s);
}

/* Is any other note open on the connection? */
static bool has_others(const struct session *s)
{
    for (const struct session *other = s->peer->first; other != NULL; other = other->next) {
        if (other != s && other->state != SESSION_DENIED) {
            return true;
        }
    }
    return false;
}

static void end_session(struct session *s, const char *reason)
{
    struct peer *p = s->peer;
    struct buf body = {0};

    if (s->sse_or_yws) {
        peer_close(p, CONN_CLOSE_TRY_LATER, reason);
        session_destroy(s);
        return;
    }
    if (has_others(s)) {
        proto_put_close(&body, span_str(reason));
        session_send_body(s, &body, OUTQ_ONCE);
        buf_finish(&body);
    } else {
        peer_close(p, CONN_CLOSE_TRY_LATER, reason);
    }
    session_destroy(s);
}

void dispatch_refuse_room(struct session *s, int rc)
{
    end_session(s, load_failure(rc));
}

/* ---- Coming in ------------------------------------------------------------------------------------ */

/* Asks who this is. False: nobody who may come in. */
static bool authorize(struct session *s, struct span token, struct rooms_grant *grant)
{
    const struct rooms_auth *auth = s->peer->rooms->config.auth;
    const struct rooms_request request = {buf_span(&s->note), token, s->peer->conn->peer};

    *grant = (struct rooms_grant){.code = CONN_CLOSE_FORBIDDEN};
    auth->authorize(auth->ctx, &request, grant);
    return grant->right != ROOMS_NONE;
}

static int enter(struct session *s, const struct rooms_grant *grant)
{
    struct room *room;
    int rc;

    s->right = grant->right;
    buf_clear(&s->sender);
    buf_put_span(&s->sender, grant->sender);
    rc = s->sender.rc;
    if (rc == RC_OK) {
        rc = room_get(s->peer->rooms, buf_span(&s->note), &room);
    }
    return rc == RC_OK ? room_join(room, s) : rc;
}

void dispatch_opened(struct peer *p)
{
    struct session *s = session_create(p, span_of(NULL, 0), p->conn->note);
    struct rooms_grant grant;
    int rc;

    if (s == NULL) {
        peer_close(p, CONN_CLOSE_INTERNAL, "out of memory");
        return;
    }
    if (!authorize(s, p->conn->token, &grant)) {
        peer_close(p, grant.code, grant.reason);
        return;
    }
    p->authenticated = true;
    rc = enter(s, &grant);
    if (rc != RC_OK) {
        peer_close(p, CONN_CLOSE_TRY_LATER, rc == RC_LIMIT ? "this note has too many readers" : "try later");
    }
}

/* ---- Hocuspocus ----------------------------------------------------------------------------------- */

static void send_denied(struct session *s, const char *reason)
{
    struct buf body = {0};

    proto_put_hocuspocus_denied(&body, span_str(reason == NULL ? "permission-denied" : reason));
    session_send_body(s, &body, OUTQ_ONCE);
    buf_finish(&body);
}

static void send_authenticated(struct session *s)
{
    struct buf body = {0};

    proto_put_authenticated(&body, s->right != ROOMS_EDIT);
    session_send_body(s, &body, OUTQ_ONCE);
    buf_finish(&body);
}

static void deny(struct session *s, const char *reason)
{
    session_drop_held(s);
    if (s->room != NULL) {
        room_leave(s->room, s);
    }
    s->state = SESSION_DENIED;
    s->peer->denied_us = s->peer->rooms->now_us;
    send_denied(s, reason);
}

static void come_in(struct session *s, const struct rooms_grant *grant, bool tell)
{
    int rc;

    s->peer->authenticated = true;
    s->right = grant->right;
    if (tell) {
        send_authenticated(s);
    }
    rc = enter(s, grant);
    if (rc != RC_OK) {
        deny(s, rc == RC_LIMIT ? "this note has too many readers" : "try later");
    }
}

static void receive_token(struct session *s, const struct proto_message *m)
{
    struct rooms_grant grant;

    if (!authorize(s, m->payload, &grant)) {
        deny(s, grant.reason);
    } else if (s->room == NULL) {
        come_in(s, &grant, true);
    } else {
        /* Said again in an open session: a new token, or the first after messages that came before it. */
        s->right = grant.right;
        s->ask_us = s->peer->rooms->now_us; /* what was refused so far may be taken now */
        buf_clear(&s->sender);
        buf_put_span(&s->sender, grant.sender);
        send_authenticated(s);
    }
}

/* Something else than a token: it waits for one. Providers 2 without a token never send one; where nobody needs a token
 * they come in as they are. */
static void receive_before_token(struct session *s, const struct proto_message *m, struct span bytes)
{
    struct rooms_grant grant;
    struct peer *p = s->peer;

    if (m->type == PROTO_CLOSE) {
        session_destroy(s);
        return;
    }
    if (s->state == SESSION_DENIED) {
        return;
    }
    if (s->held_first == NULL && authorize(s, span_of(NULL, 0), &grant) && grant.right == ROOMS_EDIT) {
        come_in(s, &grant, false);
        if (s->room != NULL) {
            receive_or_hold(s, m, bytes);
        }
        return;
    }
    if (p->held + bytes.len > p->rooms->config.options.unauthenticated_bytes) {
        peer_close(p, CONN_CLOSE_TRY_LATER, "too much before authentication");
        return;
    }
    session_hold(s, bytes);
}

static bool name_is_valid(struct span name)
{
    return name.len > 0 && name.len <= CONN_NOTE_MAX && text_is_utf8(name) && text_is_plain(name);
}

/* Somebody asks for what cannot be a note: refused like a note that is not for him, as the close codes mean nothing to
 * Hocuspocus clients. */
static void refuse_name(struct peer *p, const struct proto_message *m)
{
    struct buf message = {0};
    struct span bytes;
    struct frame *f;

    if (m->type != PROTO_AUTH) {
        return;
    }
    proto_put_address(&message, m->address);
    proto_put_hocuspocus_denied(&message, span_str("this is not the name of a note"));
    bytes = buf_span(&message);
    p->denied_us = p->rooms->now_us;
    if (message.rc == RC_OK && frame_create(&bytes, 1, &f) == RC_OK) {
        if (conn_send(p->conn, f, OUTQ_ONCE) == RC_OK) {
            p->sent_us = p->rooms->now_us;
        }
        frame_unref(f);
    }
    buf_finish(&message);
}

/* The session of an address, made on its first message. NULL: the connection is being closed, or nothing is wanted. */
static struct session *session_of(struct peer *p, const struct proto_message *m)
{
    struct session *s = peer_find(p, m->address);

    if (s != NULL || m->type == PROTO_CLOSE) {
        return s;
    }
    if (m->address.len > CONN_NOTE_MAX + 1 + SESSION_NAME_MAX) {
        peer_close(p, CONN_CLOSE_BAD_REQUEST, "not a note name");
        return NULL;
    }
    if (!name_is_valid(m->name) || m->session.len > SESSION_NAME_MAX || !text_is_plain(m->session)) {
        refuse_name(p, m);
        return NULL;
    }
    if (p->sessions >= p->rooms->config.options.conn_notes) {
        peer_close(p, CONN_CLOSE_TRY_LATER, "too many notes on one connection");
        return NULL;
    }
    s = session_create(p, m->address, m->name);
    if (s == NULL) {
        peer_close(p, CONN_CLOSE_INTERNAL, "out of memory");
    }
    return s;
}

static void send_pong(struct peer *p)
{
    static const uint8_t pong[] = {PROTO_PONG};
    const struct span part = span_of(pong, 1);
    struct frame *f;

    if (frame_create(&part, 1, &f) != RC_OK) {
        return; /* the next ping may have more luck */
    }
    if (conn_send(p->conn, f, OUTQ_ONCE) == RC_OK) {
        p->sent_us = p->rooms->now_us;
    }
    frame_unref(f);
}

static void receive_addressed(struct peer *p, const struct proto_message *m, struct span bytes)
{
    struct session *s = session_of(p, m);

    if (s == NULL) {
        return;
    }
    if (m->type == PROTO_AUTH) {
        if (m->sub == PROTO_TOKEN) {
            receive_token(s, m);
        }
    } else if (s->room == NULL) {
        receive_before_token(s, m, bytes);
    } else if (m->type == PROTO_CLOSE) {
        session_destroy(s);
    } else {
        receive_or_hold(s, m, bytes);
    }
}

static void receive_hocuspocus(struct peer *p, struct span bytes)
{
    struct proto_message m;
    int rc = proto_read_hocuspocus(bytes, &m);

    if (rc == RC_UNSUPPORTED) {
        return; /* of a newer provider */
    }
    if (rc != RC_OK) {
        dispatch_bad_frame(p);
    } else if (bytes.len == 1 && m.type == PROTO_PING) {
        send_pong(p);
    } else if (bytes.len > 1) {
        receive_addressed(p, &m, bytes);
    }
}

static void receive_ywebsocket(struct peer *p, struct span bytes)
{
    struct proto_message m;
    int rc = proto_read_ywebsocket(bytes, &m);

    if (rc == RC_UNSUPPORTED || p->first == NULL) {
        return; /* types of applications' own; or the note is gone */
    }
    if (rc != RC_OK) {
        dispatch_bad_frame(p);
    } else if (m.type != PROTO_AUTH) {
        receive_or_hold(p->first, &m, bytes);
    }
}

void dispatch_message(struct peer *p, struct span bytes)
{
    if (p->closing) {
        return;
    }
    if (p->conn->protocol == CONN_HOCUSPOCUS) {
        receive_hocuspocus(p, bytes);
    } else {
        receive_ywebsocket(p, bytes);
    }
}
