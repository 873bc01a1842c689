/* Messages recorded from @hocuspocus/provider and server 2.15.3, 3.4.4 and 4.8.0/4.7.0, and y-websocket 3.1.0 with
 * y-protocols 1.0.7, read and written back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/proto.h"
#include "tests/support/bytes.h"

enum framing { YWS, HOC };

struct read_case {
    const char *what;
    enum framing framing;
    const char *hex;
    int rc;
    enum proto_type type;
    uint64_t sub;
    const char *name, *session, *payload, *version; /* payload in hex */
};

static const struct read_case reads[] = {
    {"y-websocket: step 1", YWS, "00000100", RC_OK, PROTO_SYNC, PROTO_STEP1, "", "", "00", ""},
    {"y-websocket: step 1 of a server", YWS, "000003016306", RC_OK, PROTO_SYNC, PROTO_STEP1, "", "", "016306", ""},
    {"y-websocket: step 2, empty", YWS, "0001020000", RC_OK, PROTO_SYNC, PROTO_STEP2, "", "", "0000", ""},
    {"y-websocket: update", YWS, "00021101011500040101740768c3a9f09f988000", RC_OK, PROTO_SYNC, PROTO_UPDATE, "", "",
     "01011500040101740768c3a9f09f988000", ""},
    {"y-websocket: awareness", YWS, "0106011500027b7d", RC_OK, PROTO_AWARENESS, 0, "", "", "011500027b7d", ""},
    {"y-websocket: query awareness", YWS, "03", RC_OK, PROTO_QUERY_AWARENESS, 0, "", "", "", ""},
    {"y-websocket: denied", YWS, "02000972656164206f6e6c79", RC_OK, PROTO_AUTH, PROTO_DENIED, "", "",
     "72656164206f6e6c79", ""},
    {"y-websocket: acknowledge", YWS, "66010203", RC_OK, PROTO_ACK, 0, "", "", "010203", ""},
    {"y-websocket: acknowledge without bytes", YWS, "66", RC_OK, PROTO_ACK, 0, "", "", "", ""},
    {"y-websocket: bytes behind a message are passed by", YWS, "0001020000ff", RC_OK, PROTO_SYNC, PROTO_STEP2, "", "",
     "0000", ""},
    {"y-websocket: over-long type", YWS, "83000102", RC_OK, PROTO_QUERY_AWARENESS, 0, "", "", "", ""},
    {"y-websocket: nothing", YWS, "", RC_FORMAT, 0, 0, "", "", "", ""},
    {"y-websocket: no step", YWS, "00", RC_FORMAT, 0, 0, "", "", "", ""},
    {"y-websocket: unknown step", YWS, "00030100", RC_FORMAT, 0, 0, "", "", "", ""},
    {"y-websocket: length beyond the end", YWS, "00020301", RC_FORMAT, 0, 0, "", "", "", ""},
    {"y-websocket: length of 2^60", YWS, "000280808080808080808010", RC_RANGE, 0, 0, "", "", "", ""},
    {"y-websocket: unknown type", YWS, "04", RC_UNSUPPORTED, 0, 0, "", "", "", ""},
    {"y-websocket: unknown type 200", YWS, "c801", RC_UNSUPPORTED, 0, 0, "", "", "", ""},
    {"y-websocket: reason that is not UTF-8", YWS, "020001ff", RC_FORMAT, 0, 0, "", "", "", ""},

    {"2: token", HOC, "046e6f74650200026f6b", RC_OK, PROTO_AUTH, PROTO_TOKEN, "note", "", "6f6b", ""},
    {"4: token and version", HOC, "046e6f74650200026f6b05342e382e30", RC_OK, PROTO_AUTH, PROTO_TOKEN, "note", "",
     "6f6b", "4.8.0"},
    {"4: token of a session", HOC, "0f6e6f746500746f66357864756436640200026f6b05342e382e30", RC_OK, PROTO_AUTH,
     PROTO_TOKEN, "note", "tof5xdud6d", "6f6b", "4.8.0"},
    {"4: server asks for a token", HOC, "046e6f74650200", RC_OK, PROTO_AUTH, PROTO_TOKEN, "note", "", "", ""},
    {"2: authenticated", HOC, "046e6f746502020a726561642d7772697465", RC_OK, PROTO_AUTH, PROTO_AUTHENTICATED, "note",
     "", "726561642d7772697465", ""},
    {"2: denied", HOC, "046e6f74650201117065726d697373696f6e2d64656e696564", RC_OK, PROTO_AUTH, PROTO_DENIED, "note",
     "", "7065726d697373696f6e2d64656e696564", ""},
    {"2: step 1", HOC, "046e6f746500000100", RC_OK, PROTO_SYNC, PROTO_STEP1, "note", "", "00", ""},
    {"2: step 2", HOC, "046e6f746500010d01010b00040101740368c3a900", RC_OK, PROTO_SYNC, PROTO_STEP2, "note", "",
     "01010b00040101740368c3a900", ""},
    {"2: update", HOC, "046e6f746500020a01010c00440b00017800", RC_OK, PROTO_SYNC, PROTO_UPDATE, "note", "",
     "01010c00440b00017800", ""},
    {"3: awareness", HOC, "046e6f74650106010b00027b7d", RC_OK, PROTO_AWARENESS, 0, "note", "", "010b00027b7d", ""},
    {"query awareness", HOC, "046e6f746503", RC_OK, PROTO_QUERY_AWARENESS, 0, "note", "", "", ""},
    {"sync reply", HOC, "046e6f746504000100", RC_OK, PROTO_SYNC_REPLY, PROTO_STEP1, "note", "", "00", ""},
    {"3: stateless", HOC, "046e6f7465050568656c6c6f", RC_OK, PROTO_STATELESS, 0, "note", "", "68656c6c6f", ""},
    {"broadcast stateless", HOC, "046e6f7465060168", RC_OK, PROTO_BROADCAST_STATELESS, 0, "note", "", "68", ""},
    {"3: close of a provider", HOC, "046e6f746507", RC_OK, PROTO_CLOSE, 0, "note", "", "", ""},
    {"3: close of a server", HOC, "046e6f7465071270726f76696465725f696e69746961746564", RC_OK, PROTO_CLOSE, 0, "note",
     "", "70726f76696465725f696e69746961746564", ""},
    {"2: stored", HOC, "046e6f74650801", RC_OK, PROTO_SYNC_STATUS, 1, "note", "", "", ""},
    {"2: refused", HOC, "046e6f74650800", RC_OK, PROTO_SYNC_STATUS, 0, "note", "", "", ""},
    {"4: ping", HOC, "09", RC_OK, PROTO_PING, 0, "", "", "", ""},
    {"4: pong", HOC, "0a", RC_OK, PROTO_PONG, 0, "", "", "", ""},
    {"a name of no bytes", HOC, "0003", RC_OK, PROTO_QUERY_AWARENESS, 0, "", "", "", ""},
    {"status 2", HOC, "046e6f74650802", RC_FORMAT, 0, 0, "", "", "", ""},
    {"auth 3", HOC, "046e6f7465020300", RC_FORMAT, 0, 0, "", "", "", ""},
    {"name only", HOC, "046e6f7465", RC_FORMAT, 0, 0, "", "", "", ""},
    {"name cut", HOC, "046e6f74", RC_FORMAT, 0, 0, "", "", "", ""},
    {"name not UTF-8", HOC, "01ff03", RC_FORMAT, 0, 0, "", "", "", ""},
    {"unknown type", HOC, "046e6f746563", RC_UNSUPPORTED, 0, 0, "note", "", "", ""},
    {"one byte 8", HOC, "08", RC_FORMAT, 0, 0, "", "", "", ""},
};

static int read_message(enum framing framing, struct span bytes, struct proto_message *out)
{
    return framing == YWS ? proto_read_ywebsocket(bytes, out) : proto_read_hocuspocus(bytes, out);
}

static void every_message_reads_as_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        const struct read_case *c = &reads[i];
        struct span bytes = bytes_from_hex(c->hex), payload = bytes_from_hex(c->payload);
        struct proto_message m = {0};
        int rc = read_message(c->framing, bytes, &m);

        if (rc != c->rc || m.type != c->type || m.sub != c->sub || !span_equal(m.payload, payload) ||
            !span_equal(m.name, span_str(c->name)) || !span_equal(m.session, span_str(c->session)) ||
            !span_equal(m.version, span_str(c->version))) {
            fail_msg("%s: rc %d type %d sub %d", c->what, rc, (int)m.type, (int)m.sub);
        }
        bytes_free(payload);
        bytes_free(bytes);
    }
}

/* Every beginning of every message is read without a byte too far; whether it is complete is the reader's to say. */
static void every_cut_is_read_within_its_bounds(void **state)
{
    size_t cuts = 0;

    (void)state;
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        struct span bytes = bytes_from_hex(reads[i].hex);

        for (size_t len = 0; len < bytes.len; len++, cuts++) {
            struct span cut = bytes_copy(bytes.data, len);
            struct proto_message m;
            int rc = read_message(reads[i].framing, cut, &m);

            assert_true(rc == RC_OK || rc == RC_FORMAT || rc == RC_RANGE || rc == RC_UNSUPPORTED);
            bytes_free(cut);
        }
        bytes_free(bytes);
    }
    assert_true(cuts > 300);
}

static void put_back(struct buf *b, enum framing framing, const struct proto_message *m)
{
    if (framing == HOC) {
        proto_put_address(b, m->address);
    }
    switch (m->type) {
    case PROTO_SYNC:
        proto_put_sync(b, (enum proto_sync)m->sub, m->payload);
        break;
    case PROTO_AWARENESS:
        proto_put_awareness(b, m->payload);
        break;
    case PROTO_QUERY_AWARENESS:
        proto_put_query_awareness(b);
        break;
    case PROTO_AUTH:
        if (m->sub == PROTO_TOKEN) {
            proto_put_token(b, m->payload);
        } else if (m->sub == PROTO_AUTHENTICATED) {
            proto_put_authenticated(b, m->payload.len == 8);
        } else if (framing == YWS) {
            proto_put_ywebsocket_denied(b, m->payload);
        } else {
            proto_put_hocuspocus_denied(b, m->payload);
        }
        break;
    case PROTO_STATELESS:
        proto_put_stateless(b, m->payload);
        break;
    case PROTO_CLOSE:
        proto_put_close(b, m->payload);
        break;
    case PROTO_SYNC_STATUS:
        proto_put_sync_status(b, m->sub == 1);
        break;
    case PROTO_ACK:
        proto_put_ack(b, m->payload);
        break;
    default:
        fail_msg("not written by a server: %d", (int)m->type);
    }
}

/* What a server writes, byte for byte as recorded. */
static const struct {
    enum framing framing;
    const char *hex;
} writes[] = {
    {YWS, "000003016306"},
    {YWS, "0001020000"},
    {YWS, "00021101011500040101740768c3a9f09f988000"},
    {YWS, "02000972656164206f6e6c79"},
    {YWS, "03"},
    {YWS, "0106011500027b7d"},
    {YWS, "66010203"},
    {HOC, "046e6f74650200026f6b"},
    {HOC, "046e6f746502020a726561642d7772697465"},
    {HOC, "046e6f7465020208726561646f6e6c79"},
    {HOC, "046e6f74650201117065726d697373696f6e2d64656e696564"},
    {HOC, "046e6f7465000003010b02"},
    {HOC, "0f6e6f746500746f663578647564366400010d01010b00040101740368c3a900"},
    {HOC, "046e6f7465071270726f76696465725f696e69746961746564"},
    {HOC, "046e6f74650801"},
    {HOC, "046e6f74650800"},
    {HOC, "046e6f7465050568656c6c6f"},
};

static void every_recorded_message_is_written_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        struct span bytes = bytes_from_hex(writes[i].hex);
        struct proto_message m;
        struct buf out = {0};

        assert_int_equal(read_message(writes[i].framing, bytes, &m), RC_OK);
        put_back(&out, writes[i].framing, &m);
        assert_int_equal(out.rc, RC_OK);
        if (!span_equal(buf_span(&out), bytes)) {
            fail_msg("%s", writes[i].hex);
        }
        buf_finish(&out);
        bytes_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_reads_as_recorded),
        cmocka_unit_test(every_cut_is_read_within_its_bounds),
        cmocka_unit_test(every_recorded_message_is_written_byte_for_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
