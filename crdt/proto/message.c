/* Reading and writing of messages: see proto.h for the table of bytes. */
#include "crdt/proto.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"

static void read_sync(struct lib0_dec *dec, struct proto_message *m)
{
    m->sub = lib0_dec_varuint(dec);
    if (m->sub > PROTO_UPDATE) {
        lib0_dec_fail(dec, RC_FORMAT);
    }
    m->payload = lib0_dec_varbytes(dec);
}

static void read_ywebsocket_auth(struct lib0_dec *dec, struct proto_message *m)
{
    if (lib0_dec_varuint(dec) != 0) {
        lib0_dec_fail(dec, RC_FORMAT);
    }
    m->sub = PROTO_DENIED;
    m->payload = lib0_dec_varstring(dec);
}

static void read_hocuspocus_auth(struct lib0_dec *dec, struct proto_message *m)
{
    m->sub = lib0_dec_varuint(dec);
    if (m->sub > PROTO_AUTHENTICATED) {
        lib0_dec_fail(dec, RC_FORMAT);
    }
    /* A server asks for a token with a 0 and nothing behind it. */
    if (m->sub != PROTO_TOKEN || !lib0_dec_at_end(dec)) {
        m->payload = lib0_dec_varstring(dec);
    }
    if (m->sub == PROTO_TOKEN && !lib0_dec_at_end(dec)) {
        m->version = lib0_dec_varstring(dec);
    }
}

static void read_status(struct lib0_dec *dec, struct proto_message *m)
{
    m->sub = lib0_dec_varuint(dec);
    if (m->sub > 1) {
        lib0_dec_fail(dec, RC_FORMAT);
    }
}

int proto_read_ywebsocket(struct span bytes, struct proto_message *out)
{
    struct lib0_dec dec = lib0_dec_of(bytes);
    struct proto_message m = {0};
    uint64_t type = lib0_dec_varuint(&dec);

    switch (type) {
    case PROTO_SYNC:
        read_sync(&dec, &m);
        break;
    case PROTO_AWARENESS:
        m.payload = lib0_dec_varbytes(&dec);
        break;
    case PROTO_AUTH:
        read_ywebsocket_auth(&dec, &m);
        break;
    case PROTO_QUERY_AWARENESS:
        break;
    case PROTO_ACK:
        m.payload = lib0_dec_bytes(&dec, lib0_dec_left(&dec));
        break;
    default:
        lib0_dec_fail(&dec, RC_UNSUPPORTED);
    }
    if (dec.rc != RC_OK) {
        return dec.rc;
    }
    m.type = (enum proto_type)type;
    *out = m;
    return RC_OK;
}

static void read_hocuspocus_body(struct lib0_dec *dec, uint64_t type, struct proto_message *m)
{
    switch (type) {
    case PROTO_SYNC:
    case PROTO_SYNC_REPLY:
        read_sync(dec, m);
        break;
    case PROTO_AWARENESS:
        m->payload = lib0_dec_varbytes(dec);
        break;
    case PROTO_AUTH:
        read_hocuspocus_auth(dec, m);
        break;
    case PROTO_STATELESS:
    case PROTO_BROADCAST_STATELESS:
        m->payload = lib0_dec_varstring(dec);
        break;
    case PROTO_CLOSE:
        if (!lib0_dec_at_end(dec)) {
            m->payload = lib0_dec_varstring(dec);
        }
        break;
    case PROTO_SYNC_STATUS:
        read_status(dec, m);
        break;
    case PROTO_QUERY_AWARENESS:
    case PROTO_PING:
    case PROTO_PONG:
        break;
    default:
        lib0_dec_fail(dec, RC_UNSUPPORTED);
    }
}

static void split_address(struct proto_message *m)
{
    const uint8_t *nul = m->address.len > 0 ? memchr(m->address.data, 0, m->address.len) : NULL;

    m->name = m->address;
    if (nul != NULL) {
        m->name.len = (size_t)(nul - m->address.data);
        m->session = span_of(nul + 1, m->address.len - m->name.len - 1);
    }
}

int proto_read_hocuspocus(struct span bytes, struct proto_message *out)
{
    struct lib0_dec dec = lib0_dec_of(bytes);
    struct proto_message m = {0};
    uint64_t type;

    if (bytes.len == 1 && (bytes.data[0] == PROTO_PING || bytes.data[0] == PROTO_PONG)) {
        m.type = (enum proto_type)bytes.data[0];
        *out = m;
        return RC_OK;
    }
    m.address = lib0_dec_varstring(&dec);
    split_address(&m);
    type = lib0_dec_varuint(&dec);
    if (dec.rc == RC_OK) {
        read_hocuspocus_body(&dec, type, &m);
    }
    if (dec.rc == RC_UNSUPPORTED || dec.rc == RC_OK) {
        m.type = (enum proto_type)(dec.rc == RC_OK ? type : 0);
        *out = m;
    }
    return dec.rc;
}

void proto_put_address(struct buf *b, struct span address)
{
    lib0_put_varstring(b, address);
}

void proto_put_sync(struct buf *b, enum proto_sync step, struct span payload)
{
    buf_put_u8(b, PROTO_SYNC);
    buf_put_u8(b, (uint8_t)step);
    lib0_put_varbytes(b, payload);
}

void proto_put_awareness(struct buf *b, struct span update)
{
    buf_put_u8(b, PROTO_AWARENESS);
    lib0_put_varbytes(b, update);
}

void proto_put_query_awareness(struct buf *b)
{
    buf_put_u8(b, PROTO_QUERY_AWARENESS);
}

static void put_auth(struct buf *b, uint8_t sub, struct span text)
{
    buf_put_u8(b, PROTO_AUTH);
    buf_put_u8(b, sub);
    lib0_put_varstring(b, text);
}

void proto_put_ywebsocket_denied(struct buf *b, struct span reason)
{
    put_auth(b, 0, reason);
}

void proto_put_hocuspocus_denied(struct buf *b, struct span reason)
{
    put_auth(b, PROTO_DENIED, reason);
}

void proto_put_token(struct buf *b, struct span token)
{
    put_auth(b, PROTO_TOKEN, token);
}

void proto_put_authenticated(struct buf *b, bool readonly)
{
    put_auth(b, PROTO_AUTHENTICATED, span_str(readonly ? "readonly" : "read-write"));
}

void proto_put_stateless(struct buf *b, struct span payload)
{
    buf_put_u8(b, PROTO_STATELESS);
    lib0_put_varstring(b, payload);
}

void proto_put_close(struct buf *b, struct span reason)
{
    buf_put_u8(b, PROTO_CLOSE);
    lib0_put_varstring(b, reason);
}

void proto_put_sync_status(struct buf *b, bool stored)
{
    buf_put_u8(b, PROTO_SYNC_STATUS);
    buf_put_u8(b, stored ? 1 : 0);
}

void proto_put_ack(struct buf *b, struct span payload)
{
    buf_put_u8(b, PROTO_ACK);
    buf_put_span(b, payload);
}
