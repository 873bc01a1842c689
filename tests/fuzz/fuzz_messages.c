/* Messages from outside, in both framings (the first byte chooses): what is read is written back to a message that
 * reads the same. The walk over an update's claims accepts all that the engine accepts, and sees every clock that it
 * takes. */
#include "crdt/crdt.h"
#include "crdt/proto.h"
#include "tests/fuzz/target.h"

static int read_message(bool hocuspocus, struct span bytes, struct proto_message *m)
{
    return hocuspocus ? proto_read_hocuspocus(bytes, m) : proto_read_ywebsocket(bytes, m);
}

static void put_auth(struct buf *out, bool hocuspocus, const struct proto_message *m)
{
    if (m->sub == PROTO_TOKEN) {
        proto_put_token(out, m->payload);
    } else if (m->sub == PROTO_AUTHENTICATED) {
        proto_put_authenticated(out, false);
    } else if (hocuspocus) {
        proto_put_hocuspocus_denied(out, m->payload);
    } else {
        proto_put_ywebsocket_denied(out, m->payload);
    }
}

/* False when servers do not write such a message. */
static bool put(struct buf *out, bool hocuspocus, const struct proto_message *m)
{
    if (hocuspocus) {
        proto_put_address(out, m->address);
    }
    switch (m->type) {
    case PROTO_SYNC:
        proto_put_sync(out, (enum proto_sync)m->sub, m->payload);
        return true;
    case PROTO_AWARENESS:
        proto_put_awareness(out, m->payload);
        return true;
    case PROTO_AUTH:
        put_auth(out, hocuspocus, m);
        return m->sub != PROTO_AUTHENTICATED;
    case PROTO_QUERY_AWARENESS:
        proto_put_query_awareness(out);
        return true;
    case PROTO_STATELESS:
        proto_put_stateless(out, m->payload);
        return true;
    case PROTO_CLOSE:
        proto_put_close(out, m->payload);
        return true;
    case PROTO_SYNC_STATUS:
        proto_put_sync_status(out, m->sub == 1);
        return true;
    case PROTO_ACK:
        proto_put_ack(out, m->payload);
        return true;
    default:
        return false;
    }
}

static void check_round_trip(bool hocuspocus, const struct proto_message *m)
{
    struct buf out = {0};
    struct proto_message again;

    if (put(&out, hocuspocus, m)) {
        FUZZ_CHECK(out.rc == RC_OK && read_message(hocuspocus, buf_span(&out), &again) == RC_OK);
        FUZZ_CHECK(again.type == m->type && again.sub == m->sub && span_equal(again.payload, m->payload));
        FUZZ_CHECK(span_equal(again.name, m->name) && span_equal(again.session, m->session));
    }
    buf_finish(&out);
}

static void check_claims(struct span update)
{
    struct crdt_doc *doc;
    struct proto_claims walk;
    struct proto_claim claim;
    bool taken;

    FUZZ_CHECK(crdt_doc_create(&(struct crdt_doc_options){.memory_limit = 1 << 24}, &doc) == RC_OK);
    taken = crdt_apply(doc, CRDT_V1, update, NULL) == RC_OK;
    proto_claims_init(&walk, update);
    while (proto_claims_next(&walk, &claim)) {
        FUZZ_CHECK(claim.clock < claim.end);
        /* All that an update brings to an empty document, its claims name. */
        FUZZ_CHECK(!taken || claim.deletes || claim.clock > 0 || crdt_state(doc, claim.client) > 0 ||
                   crdt_has_pending(doc));
    }
    FUZZ_CHECK(!taken || walk.rc == RC_OK);
    crdt_doc_destroy(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proto_message m;
    bool hocuspocus;

    if (size == 0) {
        return 0;
    }
    hocuspocus = data[0] % 2 == 1;
    if (read_message(hocuspocus, span_of(data + 1, size - 1), &m) != RC_OK) {
        return 0;
    }
    check_round_trip(hocuspocus, &m);
    if (m.type == PROTO_SYNC && m.sub == PROTO_STEP1) {
        proto_state_vector_get(m.payload, 1);
        proto_state_vector_valid(m.payload);
    } else if (m.type == PROTO_SYNC) {
        check_claims(m.payload);
    }
    return 0;
}
