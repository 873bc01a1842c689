#include "tests/unit/rooms/rig.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/lib0/enc.h"
#include "server/base/log.h"
#include "tests/support/bytes.h"

#define MUST(call) assert((call) == RC_OK)

/* ---- The server ----------------------------------------------------------------------------------- */

static void authorize(void *ctx, const struct rooms_request *request, struct rooms_grant *out)
{
    (void)ctx;
    if (span_equal(request->token, span_str("no"))) {
        out->code = CONN_CLOSE_FORBIDDEN;
        out->reason = "not for you";
        return;
    }
    /* A note that wants a token. */
    if (request->note.len >= 6 && memcmp(request->note.data, "secret", 6) == 0 && request->token.len == 0) {
        out->code = CONN_CLOSE_UNKNOWN;
        out->reason = "who are you?";
        return;
    }
    out->right = span_equal(request->token, span_str("view")) ? ROOMS_VIEW : ROOMS_EDIT;
    out->sender = request->token;
}

static void wake(void *ctx)
{
    ((struct rig *)ctx)->wakes++;
}

static void open_rooms(struct rig *r)
{
    struct rooms_config config = {.options = r->options,
                                  .store = r->store,
                                  .auth = &r->auth,
                                  .clock = &r->clock.clock,
                                  .workers = r->workers,
                                  .completions = &r->completions};
    const size_t much = (size_t)64 << 20;

    MUST(rooms_create(&config, &r->rooms));
    MUST(loopback_create(rooms_conn_events(), r->rooms, r->soft == 0 ? much : r->soft, r->hard == 0 ? much : r->hard,
                         &r->net));
}

struct rooms_options rig_options(void)
{
    struct rooms_options options = rooms_options_default();

    options.conn_messages = 100000;
    return options;
}

void rig_open(struct rig *r, const struct rooms_options *options)
{
    const struct store_host host = {.wake = wake, .ctx = r};

    log_set_level(LOG_LEVEL_SILENT);
    clock_fake_init(&r->clock, 1000000, 1700000000000);
    r->auth = (struct rooms_auth){authorize, NULL};
    MUST(store_memory_open(&host, &r->store));
    MUST(completion_queue_init(&r->completions, NULL, NULL));
    MUST(worker_pool_create(r->threads, SIZE_MAX, &r->completions, &r->workers));
    r->options = options == NULL ? rig_options() : *options;
    open_rooms(r);
}

/* What wakes the loop, once. True when anything moved. */
static bool drain(struct rig *r)
{
    /* Asked first: work that ends after this question is asked for once more. */
    bool moved = r->threads > 0 && worker_pending(r->workers) > 0;

    while (store_drain(r->store) > 0) {
        moved = true;
    }
    return (!r->hold && completion_drain(&r->completions) > 0) || moved;
}

/* Until nothing moves; without a transport its turns are made here. */
static void settle(struct rig *r)
{
    while (drain(r)) {
        rooms_conn_events()->turn(r->rooms);
    }
}

static void closed(void *ctx)
{
    *(bool *)ctx = true;
}

void rig_close(struct rig *r)
{
    bool done = false;

    loopback_destroy(r->net);
    store_memory_auto(r->store, true);
    r->hold = false;
    settle(r);
    store_close(r->store, closed, &done);
    while (!done) {
        store_drain(r->store);
    }
    rooms_destroy(r->rooms);
    worker_pool_destroy(r->workers);
    completion_queue_finish(&r->completions);
    r->guests = 0;
}

/* The store goes on and still knows the rooms: what it was given it commits now. */
static void answer_all(struct rig *r)
{
    struct store_stats stats;

    store_memory_fail(r->store, RC_OK, 0);
    do {
        store_memory_step(r->store);
        settle(r);
        store_stats(r->store, &stats);
    } while (stats.queued > 0);
}

void rig_crash(struct rig *r)
{
    loopback_destroy(r->net);
    for (size_t i = 0; i < r->guests; i++) {
        r->guest[i]->conn = NULL;
    }
    answer_all(r);
    rooms_destroy(r->rooms);
    open_rooms(r);
}

static bool guest_read(struct guest *c);

void rig_run(struct rig *r)
{
    bool moved = true;

    while (moved) {
        moved = drain(r);
        loopback_turn(r->net);
        for (size_t i = 0; i < r->guests; i++) {
            moved = guest_read(r->guest[i]) || moved;
        }
    }
}

void rig_pass(struct rig *r, unsigned ms)
{
    for (unsigned at = 0; at < ms; at += 100) {
        clock_fake_advance_ms(&r->clock, 100);
        loopback_tick(r->net);
        rig_run(r);
    }
}

static bool copy_state(void *ctx, int rc, const struct crdt_doc *doc)
{
    struct buf *out = ctx;

    if (rc == RC_OK) {
        MUST(crdt_encode_state(doc, CRDT_V1, span_of(NULL, 0), out));
    }
    return false;
}

void rig_state(struct rig *r, const char *note, struct buf *out)
{
    static const struct rooms_reader copier = {.look = copy_state};

    buf_clear(out);
    MUST(rooms_read(r->rooms, span_str(note), &copier, out));
    settle(r);
}

struct rooms_stats rig_stats(const struct rig *r)
{
    struct rooms_stats stats;

    rooms_stats(r->rooms, &stats);
    return stats;
}

/* ---- Clients -------------------------------------------------------------------------------------- */

static void connect_to(struct guest *c, const char *note, const char *token)
{
    MUST(loopback_connect(c->rig->net, c->protocol, c->protocol == CONN_HOCUSPOCUS ? "" : note,
                          c->protocol == CONN_HOCUSPOCUS ? "" : token, &c->conn));
}

void guest_connect(struct guest *c, struct rig *r, enum conn_protocol protocol, const char *note, const char *token,
                   uint64_t id)
{
    *c = (struct guest){.rig = r, .protocol = protocol, .id = id};
    c->address_len = strlen(note);
    memcpy(c->address, note, c->address_len + 1);
    MUST(crdt_doc_create(&(struct crdt_doc_options){.client = id}, &c->doc));
    awareness_init(&c->awareness);
    connect_to(c, note, token);
    assert(r->guests < RIG_GUESTS);
    r->guest[r->guests++] = c;
}

void guest_hello(struct guest *c, const char *token)
{
    struct buf body = {0};

    if (c->protocol == CONN_HOCUSPOCUS) {
        proto_put_token(&body, span_str(token));
        guest_send(c, &body);
        buf_clear(&body);
    }
    MUST(crdt_encode_state_vector(c->doc, &body));
    guest_send_sync(c, PROTO_STEP1, buf_span(&body));
    guest_send_presence(c, "{}");
    buf_finish(&body);
}

void guest_open(struct guest *c, struct rig *r, enum conn_protocol protocol, const char *note, const char *token,
                uint64_t id)
{
    guest_connect(c, r, protocol, note, token, id);
    guest_hello(c, token);
    rig_run(r);
}

void guest_reopen(struct guest *c, const char *note, const char *token)
{
    connect_to(c, note, token);
    guest_hello(c, token);
    rig_run(c->rig);
}

void guest_disconnect(struct guest *c)
{
    if (c->conn != NULL) {
        loopback_disconnect(c->rig->net, c->conn);
        loopback_release(c->rig->net, c->conn);
        c->conn = NULL;
    }
}

void guest_finish(struct guest *c)
{
    struct rig *r = c->rig;

    for (size_t i = 0; i < r->guests; i++) {
        if (r->guest[i] == c) {
            r->guest[i] = r->guest[--r->guests];
        }
    }
    crdt_doc_destroy(c->doc);
    awareness_finish(&c->awareness);
    buf_finish(&c->last);
    buf_finish(&c->echo);
}

void guest_send(struct guest *c, const struct buf *body)
{
    struct buf message = {0};
    struct span exact;
    int rc;

    if (c->conn == NULL) {
        return;
    }
    if (c->protocol == CONN_HOCUSPOCUS) {
        proto_put_address(&message, span_of(c->address, c->address_len));
    }
    buf_put_span(&message, buf_span(body));
    exact = bytes_copy(message.data, message.len);
    rc = loopback_deliver(c->rig->net, c->conn, exact);
    assert(rc == RC_OK || rc == RC_STATE);
    bytes_free(exact);
    buf_finish(&message);
}

void guest_send_sync(struct guest *c, enum proto_sync step, struct span payload)
{
    struct buf body = {0};

    proto_put_sync(&body, step, payload);
    guest_send(c, &body);
    buf_finish(&body);
}

void guest_send_hex(struct guest *c, const char *hex)
{
    struct span bytes = bytes_from_hex(hex);
    int rc = loopback_deliver(c->rig->net, c->conn, bytes);

    assert(rc == RC_OK || rc == RC_STATE);
    bytes_free(bytes);
}

void guest_send_presence(struct guest *c, const char *json)
{
    struct buf update = {0}, body = {0};

    awareness_put_count(&update, 1);
    awareness_put(&update, c->id, ++c->awareness_clock, span_str(json));
    proto_put_awareness(&body, buf_span(&update));
    guest_send(c, &body);
    buf_finish(&update);
    buf_finish(&body);
}

void make_text(struct buf *update, uint64_t client, uint64_t clock, const char *ascii)
{
    buf_put_u8(update, 1);
    buf_put_u8(update, 1);
    lib0_put_varuint(update, client);
    lib0_put_varuint(update, clock);
    if (clock == 0) {
        buf_put(update, "\x04\x01\x01t", 4);
    } else {
        buf_put_u8(update, 0x84);
        lib0_put_varuint(update, client);
        lib0_put_varuint(update, clock - 1);
    }
    lib0_put_varstring(update, span_str(ascii));
    buf_put_u8(update, 0);
}

void make_delete(struct buf *update, uint64_t client, uint64_t clock, uint64_t len)
{
    buf_put(update, "\0\1", 2);
    lib0_put_varuint(update, client);
    buf_put_u8(update, 1);
    lib0_put_varuint(update, clock);
    lib0_put_varuint(update, len);
}

void guest_make(struct guest *c, const char *ascii, struct buf *update)
{
    make_text(update, c->id, c->clock, ascii);
    c->clock += strlen(ascii);
}

void guest_type(struct guest *c, const char *ascii)
{
    struct buf update = {0};

    guest_make(c, ascii, &update);
    MUST(crdt_apply(c->doc, CRDT_V1, buf_span(&update), NULL));
    guest_send_sync(c, PROTO_UPDATE, buf_span(&update));
    buf_finish(&update);
}

uint16_t guest_close_code(const struct guest *c)
{
    return c->conn == NULL ? 0 : loopback_close_code(c->conn);
}

/* ---- What comes ------------------------------------------------------------------------------------ */

static void keep_reason(struct guest *c, struct span reason)
{
    size_t len = reason.len < sizeof c->reason - 1 ? reason.len : sizeof c->reason - 1;

    memcpy(c->reason, reason.data, len);
    c->reason[len] = 0;
}

static void answer_step1(struct guest *c, struct span vector)
{
    struct buf state = {0};

    c->step1++;
    if (!c->silent) {
        MUST(crdt_encode_state(c->doc, CRDT_V1, vector, &state));
        guest_send_sync(c, PROTO_STEP2, buf_span(&state));
    }
    buf_finish(&state);
}

static void read_sync(struct guest *c, const struct proto_message *m)
{
    if (m->sub == PROTO_STEP1) {
        answer_step1(c, m->payload);
        return;
    }
    MUST(crdt_apply(c->doc, CRDT_V1, m->payload, NULL));
    if (m->sub == PROTO_STEP2) {
        c->step2++;
    } else {
        c->updates++;
    }
}

static void answer_query(struct guest *c)
{
    if (!c->silent) {
        guest_send_presence(c, "{\"here\":1}");
    }
}

static void read_auth(struct guest *c, const struct proto_message *m)
{
    if (m->sub == PROTO_AUTHENTICATED) {
        c->authenticated++;
        c->readonly += m->payload.len == 8;
    } else {
        c->denied++;
        keep_reason(c, m->payload);
    }
}

static void read_message(struct guest *c, struct span bytes)
{
    struct proto_message m;

    if (c->protocol == CONN_HOCUSPOCUS) {
        MUST(proto_read_hocuspocus(bytes, &m));
        if (m.address.len > 0 && !span_equal(m.address, span_of(c->address, c->address_len))) {
            return; /* of another note on this connection */
        }
    } else {
        MUST(proto_read_ywebsocket(bytes, &m));
    }
    switch (m.type) {
    case PROTO_SYNC:
        read_sync(c, &m);
        break;
    case PROTO_AWARENESS: {
        struct buf changes = {0};

        c->presences++;
        MUST(awareness_apply(&c->awareness, m.payload, 1, 1, &changes));
        buf_finish(&changes);
        break;
    }
    case PROTO_QUERY_AWARENESS:
        answer_query(c);
        break;
    case PROTO_AUTH:
        read_auth(c, &m);
        break;
    case PROTO_SYNC_STATUS:
        *(m.sub == 1 ? &c->stored : &c->refused) += 1;
        break;
    case PROTO_CLOSE:
        c->closed++;
        keep_reason(c, m.payload);
        break;
    case PROTO_ACK:
        c->echoes++;
        buf_clear(&c->echo);
        buf_put_span(&c->echo, bytes);
        break;
    case PROTO_PONG:
        c->pongs++;
        break;
    default:
        assert(0);
    }
}

static bool guest_read(struct guest *c)
{
    struct buf message = {0};
    bool any = false;

    while (c->conn != NULL && !c->deaf && loopback_take(c->conn, &message)) {
        struct span exact = bytes_copy(message.data, message.len);

        buf_clear(&c->last);
        buf_put_span(&c->last, exact);
        read_message(c, exact);
        bytes_free(exact);
        any = true;
    }
    buf_finish(&message);
    return any;
}

/* ---- Comparing ------------------------------------------------------------------------------------ */

static bool equals(const struct crdt_doc *doc, struct span state)
{
    struct buf own = {0};
    bool equal;

    MUST(crdt_encode_state(doc, CRDT_V1, span_of(NULL, 0), &own));
    equal = span_equal(buf_span(&own), state);
    buf_finish(&own);
    return equal;
}

bool guest_agrees(const struct guest *a, const struct guest *b)
{
    struct buf state = {0};
    bool equal;

    MUST(crdt_encode_state(a->doc, CRDT_V1, span_of(NULL, 0), &state));
    equal = equals(b->doc, buf_span(&state));
    buf_finish(&state);
    return equal;
}

bool guest_agrees_with_server(struct guest *c, const char *note)
{
    struct buf state = {0};
    bool equal;

    rig_state(c->rig, note, &state);
    equal = equals(c->doc, buf_span(&state));
    buf_finish(&state);
    return equal;
}
