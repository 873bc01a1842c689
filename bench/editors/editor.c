#include "bench/editors/editor.h"

#include <inttypes.h>
#include <stdio.h>
#include "bench/editors/nanotime.h"

#define PRESENCE_EVERY NANO_S        /* a cursor is announced this often at most … */
#define PRESENCE_RENEW (15 * NANO_S) /* … and at least (y-protocols: half of its outdatedTimeout) */

bool editor_is_hocuspocus(const struct editor *e)
{
    return e->crowd->options.protocol == CROWD_HOCUSPOCUS;
}

void editor_failed(struct editor *e, int rc)
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

int editor_need_document(struct editor *e)
{
    const struct crowd_options *o = &e->crowd->options;

    if (e->typist.doc != NULL) {
        return RC_OK;
    }
    int rc = typist_init(&e->typist, client_of(e), rng_next(&e->crowd->rng), o->trace);
    e->typist.piece = o->piece;
    return rc;
}

/* ---- Sending ------------------------------------------------------------------------------------------------ */

struct buf *editor_message(struct editor *e)
{
    struct buf *m = &e->crowd->scratch[1];

    buf_clear(m);
    if (editor_is_hocuspocus(e)) {
        proto_put_address(m, span_str(e->note->name));
    }
    return m;
}

void editor_send(struct editor *e, const struct buf *m)
{
    struct span span = buf_span(m);

    line_send(&e->crowd->net, &e->line, &span, 1);
}

void editor_send_presence(struct editor *e)
{
    struct buf update = {0}, json = {0};
    struct buf *m = editor_message(e);
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
    editor_send(e, m);
    e->presence_at = nanotime();
    buf_finish(&update);
    buf_finish(&json);
}

bool editor_shows_presence(const struct editor *e)
{
    return e->crowd->options.presence && types(e);
}

void editor_renew(struct editor *e, uint64_t now)
{
    if (editor_shows_presence(e) && e->state == EDITOR_IN && now >= e->presence_at + PRESENCE_RENEW) {
        editor_send_presence(e);
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
        editor_failed(e, rc);
    }
    struct buf *m = editor_message(e);
    proto_put_sync(m, PROTO_STEP1, buf_span(&vector));
    editor_send(e, m);
    buf_finish(&vector);
}

int editor_state(const struct editor *e, struct buf *out)
{
    return e->typist.doc == NULL ? RC_OK : crdt_encode_state(e->typist.doc, CRDT_V1, span_of(NULL, 0), out);
}

void editor_answer(struct editor *e, struct span vector)
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
        editor_failed(e, rc);
    }
    struct buf *m = editor_message(e);
    proto_put_sync(m, PROTO_STEP2, buf_span(&update));
    if (editor_is_hocuspocus(e)) {
        ack_queue_push(&e->acks, 0);
    }
    editor_send(e, m);
    buf_finish(&update);
}

/* The update, and behind it what asks for its acknowledgement. */
static void send_update(struct editor *e, struct span update, uint64_t now)
{
    struct buf *m = editor_message(e), *ack = &e->crowd->scratch[2];
    bool probe = e->crowd->options.acks && e->crowd->options.protocol == CROWD_YWEBSOCKET;

    proto_put_sync(m, PROTO_UPDATE, update);
    buf_clear(ack);
    proto_put_ack(ack, span_of(NULL, 0));
    if (probe || editor_is_hocuspocus(e)) {
        ack_queue_push(&e->acks, now);
    }
    struct span messages[] = {buf_span(m), buf_span(ack)};
    line_send(&e->crowd->net, &e->line, messages, probe ? 2 : 1);
}

void editor_type(struct editor *e, uint64_t now)
{
    struct crowd *c = e->crowd;
    struct buf *update = &c->scratch[0];
    bool moved = false;
    int rc = editor_need_document(e);

    buf_clear(update);
    rc = rc == RC_OK ? typist_type(&e->typist, update, &moved) : rc;
    if (rc == RC_LIMIT && c->options.trace != NULL) {
        return; /* the history is at its end */
    }
    if (rc != RC_OK) {
        editor_failed(e, rc);
        return;
    }
    if (moved && editor_shows_presence(e) && now - e->presence_at >= PRESENCE_EVERY) {
        editor_send_presence(e);
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
    int rc = editor_need_document(e);

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
    ack_queue_clear(&e->acks);
    int rc = line_open(&e->crowd->net, &e->line, e->note->path);
    if (rc != RC_OK) {
        editor_failed(e, rc);
        return;
    }
    e->state = EDITOR_COMING;
    e->crowd->opening++;
}

void editor_is_in(struct editor *e)
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
    if (editor_shows_presence(e)) {
        editor_send_presence(e);
    }
}

void editor_is_out(struct editor *e)
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
        editor_is_out(e);
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
    ack_queue_finish(&e->acks);
}
