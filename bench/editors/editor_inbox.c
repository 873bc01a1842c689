/* What an editor does with what its line brings. */
#include "bench/editors/editor.h"
#include "bench/editors/nanotime.h"

static void on_opened(void *user, struct line *line)
{
    struct editor *e = (struct editor *)line;
    const char *token = e->crowd->options.token;

    (void)user;
    switch (e->crowd->options.protocol) {
    case CROWD_BARE:
        editor_is_in(e);
        break;
    case CROWD_YWEBSOCKET:
        editor_ask(e);
        break;
    case CROWD_HOCUSPOCUS:
        proto_put_token(editor_message(e), span_str(token != NULL ? token : "-"));
        editor_send(e, &e->crowd->scratch[1]);
        break;
    }
}

/* `counts`: it was sent to this reader because somebody wrote it, not because the reader came. */
static void hear(struct editor *e, struct span update, bool counts)
{
    struct crowd *c = e->crowd;
    size_t gaps = e->reader.gaps;
    int heard = ledger_heard(&e->note->ledger, &e->reader, update, nanotime(), counts ? &c->tally.edits : NULL);

    if (heard < 0) {
        c->tally.broken++;
        return;
    }
    if (e->state == EDITOR_COMING) {
        e->reader.gaps = gaps; /* what is sent before the answer to step 1 may build on what that brings */
    }
    c->heard += counts ? (uint64_t)heard : 0;
    if (e->whole) {
        int rc = editor_need_document(e);
        rc = rc == RC_OK ? typist_hear(&e->typist, update) : rc;
        if (rc != RC_OK) {
            editor_failed(e, rc);
        }
    }
}

static void on_sync(struct editor *e, const struct proto_message *m)
{
    switch (m->sub) {
    case PROTO_STEP1:
        editor_answer(e, m->payload);
        break;
    case PROTO_STEP2:
        e->answers++;
        hear(e, m->payload, e->state == EDITOR_IN);
        if (e->state == EDITOR_COMING) {
            editor_is_in(e);
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

static void ack_came(struct editor *e, bool stored)
{
    struct crowd_tally *t = &e->crowd->tally;
    uint64_t sent = ack_queue_pop(&e->acks);

    t->refused += !stored;
    if (stored && sent != 0) {
        t->acked++;
        if (sent >= t->edits.from && sent < t->edits.to) {
            histogram_add(&t->ack, nanotime() - sent);
        }
    }
}

static void on_auth(struct editor *e, const struct proto_message *m)
{
    if (editor_is_hocuspocus(e) && m->sub == PROTO_AUTHENTICATED) {
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
    int rc = editor_is_hocuspocus(e) ? proto_read_hocuspocus(bytes, &m) : proto_read_ywebsocket(bytes, &m);

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
        if (editor_shows_presence(e)) {
            editor_send_presence(e);
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

    editor_is_out(e);
    if (!e->leaving) {
        c->tally.lost++;
    }
}

const struct line_events *editor_events(void)
{
    static const struct line_events events = {on_opened, on_message, on_closed};

    return &events;
}
