/* One simulated editor: what a provider (y-websocket, Hocuspocus) does on the wire. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "bench/bench_memory.h"
#include "bench/editors/crowd.h"
#include "bench/editors/nanotime.h"

#define PRESENCE_EVERY NANO_S        /* a cursor is announced this often at most … */
#define PRESENCE_RENEW (15 * NANO_S) /* … and at least (y-protocols: half of its outdatedTimeout) */

static bool is_hocuspocus(const struct editor *e)
{
    return e->crowd->options.protocol == CROWD_HOCUSPOCUS;
}

/* An own failure makes the whole measurement worthless. */
static void failed(struct editor *e, int rc)
{
    e->crowd->rc = e->crowd->rc == RC_OK ? rc : e->crowd->rc;
}

static uint64_t client_of(const struct editor *e)
{
    return e->note->ledger.first_client + e->seat;
}

static bool types(const struct editor *e)
{
    return e->seat < e->crowd->options.editors;
}

/* The document is made when it is first needed: most of an idle crowd never type. */
static int need_document(struct editor *e)
{
    const struct crowd_options *o = &e->crowd->options;

    if (e->typist.doc != NULL) {
        return RC_OK;
    }
    int rc = typist_init(&e->typist, client_of(e), rng_next(&e->crowd->rng), o->trace);
    e->typist.piece = o->piece;
    return rc;
}

/* ---- Acknowledgements ------------------------------------------------------------------------------------ */

static void ack_expect(struct editor *e, uint64_t sent)
{
    struct ack_queue *q = &e->acks;

    if (q->head == q->count) {
        q->head = q->count = 0;
    }
    q->sent = memory_reach(q->sent, &q->cap, q->count, sizeof(*q->sent));
    q->sent[q->count++] = sent;
}

static void ack_came(struct editor *e, bool stored)
{
    struct ack_queue *q = &e->acks;
    struct crowd_tally *t = &e->crowd->tally;

    t->refused += !stored;
    if (q->head == q->count) {
        return;
    }
    uint64_t sent = q->sent[q->head++];
    if (stored && sent != 0) {
        t->acked++;
        if (sent >= t->edits.from && sent < t->edits.to) {
            histogram_add(&t->ack, nanotime() - sent);
        }
    }
}

/* ---- Sending ------------------------------------------------------------------------------------------------ */

/* An emptied buffer, with the note's address where messages carry one. */
static struct buf *message(struct editor *e)
{
    struct buf *m = &e->crowd->scratch[1];

    buf_clear(m);
    if (is_hocuspocus(e)) {
        proto_put_address(m, span_str(e->note->name));
    }
    return m;
}

static void send_one(struct editor *e, const struct buf *m)
{
    struct span span = buf_span(m);

    line_send(&e->crowd->net, &e->line, &span, 1);
}

static void send_presence(struct editor *e)
{
    struct buf update = {0}, json = {0};
    struct buf *m = message(e);
    uint64_t client = client_of(e);

    buf_printf(&json,
               "{\"user\":{\"name\":\"Editor %u\",\"color\":\"#30bced\"},\"cursor\":{\"anchor\":{\"type\":null,"
               "\"tname\":\"text\",\"item\":{\"client\":%" PRIu64 ",\"clock\":%" PRIu64 "},\"assoc\":0},\"head\":"
               "{\"type\":null,\"tname\":\"text\",\"item\":{\"client\":%" PRIu64 ",\"clock\":%" PRIu64 "},"
               "\"assoc\":0}}}",
               e->seat, client, e->typist.cursor, client, e->typist.cursor);
    awareness_put_count(&update, 1);
    awareness_put(&update, client, ++e->presence_clock, buf_span(&json));
    proto_put_awareness(m, buf_span(&update));
    send_one(e, m);
    e->presence_at = nanotime();
    buf_finish(&update);
    buf_finish(&json);
}

static bool shows_presence(const struct editor *e)
{
    return e->crowd->options.presence && types(e);
}

void editor_renew(struct editor *e, uint64_t now)
{
    if (shows_presence(e) && e->state == EDITOR_IN && now >= e->presence_at + PRESENCE_RENEW) {
        send_presence(e);
    }
}

void editor_ask(struct editor *e)
{
    struct buf vector = {0};
    int rc = RC_OK;

    if (e->whole && e->typist.doc != NULL) {
        rc = crdt_encode_state_vector(e->typist.doc, &vector);
    } else {
        ledger_put_state_vector(&e->note->ledger, &e->reader, &vector);
    }
    if (rc != RC_OK) {
        failed(e, rc);
    }
    struct buf *m = message(e);
    proto_put_sync(m, PROTO_STEP1, buf_span(&vector));
    send_one(e, m);
    buf_finish(&vector);
}

int editor_state(const struct editor *e, struct buf *out)
{
    return e->typist.doc == NULL ? RC_OK : crdt_encode_state(e->typist.doc, CRDT_V1, span_of(NULL, 0), out);
}

/* A server's step 1 is answered with what it lacks. */
static void answer(struct editor *e, struct span vector)
{
    static const uint8_t nothing[] = {0, 0};
    struct buf update = {0};
    int rc = RC_OK;

    if (e->typist.doc == NULL) {
        buf_put(&update, nothing, sizeof(nothing));
    } else {
        rc = crdt_encode_state(e->typist.doc, CRDT_V1, vector, &update);
    }
    if (rc != RC_OK) {
        failed(e, rc);
    }
    struct buf *m = message(e);
    proto_put_sync(m, PROTO_STEP2, buf_span(&update));
    if (is_hocuspocus(e)) {
        ack_expect(e, 0);
    }
    send_one(e, m);
    buf_finish(&update);
}

/* The update, and behind it what asks for its acknowledgement. */
static void send_update(struct editor *e, struct span update, uint64_t now)
{
    struct buf *m = message(e), *ack = &e->crowd->scratch[2];
    bool probe = e->crowd->options.acks && e->crowd->options.protocol == CROWD_YWEBSOCKET;

    proto_put_sync(m, PROTO_UPDATE, update);
    buf_clear(ack);
    proto_put_ack(ack, span_of(NULL, 0));
    if (probe || is_hocuspocus(e)) {
        ack_expect(e, now);
    }
    struct span messages[] = {buf_span(m), buf_span(ack)};
    line_send(&e->crowd->net, &e->line, messages, probe ? 2 : 1);
}

void editor_type(struct editor *e, uint64_t now)
{
    struct crowd *c = e->crowd;
    struct buf *update = &c->scratch[0];
    bool moved = false;
    int rc = need_document(e);

    buf_clear(update);
    rc = rc == RC_OK ? typist_type(&e->typist, update, &moved) : rc;
    if (rc == RC_LIMIT && c->options.trace != NULL) {
        return; /* the history is at its end */
    }
    if (rc != RC_OK) {
        failed(e, rc);
        return;
    }
    if (moved && shows_presence(e) && now - e->presence_at >= PRESENCE_EVERY) {
        send_presence(e);
    }
    if (update->len > 0) {
        c->tally.sent++;
        if (ledger_wrote(&e->note->ledger, e->seat, buf_span(update), now)) {
            c->expected += e->note->in - 1;
        }
        send_update(e, buf_span(update), now);
    }
}

int editor_fill(struct editor *e, size_t len)
{
    struct buf state = {0};
    int rc = need_document(e);

    rc = rc == RC_OK ? typist_fill(&e->typist, len) : rc;
    rc = rc == RC_OK ? editor_state(e, &state) : rc;
    if (rc == RC_OK) {
        (void)ledger_wrote(&e->note->ledger, e->seat, buf_span(&state), nanotime());
    }
    buf_finish(&state);
    return rc;
}

/* ---- Coming and going ---------------------------------------------------------------------------------------- */

void editor_join(struct editor *e)
{
    if (e->state != EDITOR_OUT) {
        return;
    }
    e->came_at = nanotime();
    e->leaving = false;
    e->acks.head = e->acks.count = 0;
    int rc = line_open(&e->crowd->net, &e->line, e->note->path);
    if (rc != RC_OK) {
        failed(e, rc);
        return;
    }
    e->state = EDITOR_COMING;
    e->crowd->opening++;
}

static void is_in(struct editor *e)
{
    struct crowd *c = e->crowd;

    e->state = EDITOR_IN;
    e->known = true;
    c->opening--;
    c->in++;
    c->tally.joined++;
    histogram_add(&c->tally.join, nanotime() - e->came_at);
    if (types(e)) {
        e->note->in++;
    }
    if (shows_presence(e)) {
        send_presence(e);
    }
}

static void is_out(struct editor *e)
{
    struct crowd *c = e->crowd;

    c->opening -= e->state == EDITOR_COMING;
    if (e->state == EDITOR_IN) {
        c->in--;
        e->note->in -= types(e);
    }
    e->state = EDITOR_OUT;
}

void editor_leave(struct editor *e)
{
    if (e->state != EDITOR_OUT) {
        is_out(e);
        e->leaving = true;
        line_abort(&e->line);
    }
}

void editor_finish(struct editor *e)
{
    line_finish(&e->line);
    typist_finish(&e->typist);
    ledger_reader_finish(&e->reader);
    awareness_finish(&e->people);
    free(e->acks.sent);
}

/* ---- What the line brings ---------------------------------------------------------------------------------------- */

static void on_opened(void *user, struct line *line)
{
    struct editor *e = (struct editor *)line;
    const char *token = e->crowd->options.token;

    (void)user;
    switch (e->crowd->options.protocol) {
    case CROWD_BARE:
        is_in(e);
        break;
    case CROWD_YWEBSOCKET:
        editor_ask(e);
        break;
    case CROWD_HOCUSPOCUS:
        proto_put_token(message(e), span_str(token != NULL ? token : "-"));
        send_one(e, &e->crowd->scratch[1]);
        break;
    }
}

/* `counts`: it was sent to this reader because somebody wrote it, not because the reader came. */
static void hear(struct editor *e, struct span update, bool counts)
{
    struct crowd *c = e->crowd;
    int heard = ledger_heard(&e->note->ledger, &e->reader, update, nanotime(), counts ? &c->tally.edits : NULL);

    if (heard < 0) {
        c->tally.broken++;
        return;
    }
    c->heard += counts ? (uint64_t)heard : 0;
    if (e->whole) {
        int rc = need_document(e);
        rc = rc == RC_OK ? typist_hear(&e->typist, update) : rc;
        if (rc != RC_OK) {
            failed(e, rc);
        }
    }
}

static void on_sync(struct editor *e, const struct proto_message *m)
{
    switch (m->sub) {
    case PROTO_STEP1:
        answer(e, m->payload);
        break;
    case PROTO_STEP2:
        e->answers++;
        hear(e, m->payload, e->state == EDITOR_IN);
        if (e->state == EDITOR_COMING) {
            is_in(e);
        }
        break;
    default:
        hear(e, m->payload, true);
        break;
    }
}

/* One by one, each its own owner: the table of proto.h limits how many one may bring, as a server must. */
static int see(struct editor *e, const struct awareness_item *item)
{
    struct buf one = {0}, changes = {0};
    int rc;

    awareness_put_count(&one, 1);
    awareness_put(&one, item->client, item->clock, item->json);
    rc = one.rc == RC_OK ? awareness_apply(&e->people, buf_span(&one), item->client, 0, &changes) : one.rc;
    buf_finish(&one);
    buf_finish(&changes);
    return rc;
}

static void on_awareness(struct editor *e, struct span update)
{
    struct awareness_iter it;
    struct awareness_item item;
    int rc = RC_OK;

    e->crowd->tally.presence_in++;
    if (e->seat != 0) {
        return;
    }
    awareness_iter_init(&it, update);
    while (rc == RC_OK && awareness_iter_next(&it, &item)) {
        rc = see(e, &item);
    }
    e->crowd->tally.broken += rc != RC_OK || it.rc != RC_OK;
}

static void on_auth(struct editor *e, const struct proto_message *m)
{
    if (is_hocuspocus(e) && m->sub == PROTO_AUTHENTICATED) {
        editor_ask(e);
    } else {
        e->crowd->tally.refused++;
    }
}

static void send_pong(struct editor *e)
{
    static const uint8_t pong = PROTO_PONG;
    struct span span = span_of(&pong, 1);

    line_send(&e->crowd->net, &e->line, &span, 1);
}

static void on_message(void *user, struct line *line, struct span bytes)
{
    struct editor *e = (struct editor *)line;
    struct crowd *c = user;
    struct proto_message m;
    int rc = is_hocuspocus(e) ? proto_read_hocuspocus(bytes, &m) : proto_read_ywebsocket(bytes, &m);

    if (rc != RC_OK) {
        c->tally.broken += rc != RC_UNSUPPORTED;
        return;
    }
    switch (m.type) {
    case PROTO_SYNC:
    case PROTO_SYNC_REPLY:
        on_sync(e, &m);
        break;
    case PROTO_AWARENESS:
        on_awareness(e, m.payload);
        break;
    case PROTO_QUERY_AWARENESS:
        if (shows_presence(e)) {
            send_presence(e);
        }
        break;
    case PROTO_AUTH:
        on_auth(e, &m);
        break;
    case PROTO_SYNC_STATUS:
        ack_came(e, m.sub == 1);
        break;
    case PROTO_ACK:
        ack_came(e, true);
        break;
    case PROTO_PING:
        send_pong(e);
        break;
    default:
        break;
    }
}

static void on_closed(void *user, struct line *line)
{
    struct editor *e = (struct editor *)line;
    struct crowd *c = user;

    is_out(e);
    if (!e->leaving) {
        c->tally.lost++;
    }
}

const struct line_events *editor_events(void)
{
    static const struct line_events events = {on_opened, on_message, on_closed};

    return &events;
}
