/* What strangers send over HTTP: a request's head, and what sync.c takes of headers and bodies. Whatever comes in,
 * spans stay inside of it, a body that was checked is taken to its last byte, and what is written as an event reads the
 * same. */
#include <string.h>
#include "server/net/http_head.h"
#include "server/net/name.h"
#include "server/net/sse_wire.h"
#include "server/net/token.h"
#include "tests/fuzz/target.h"

static bool is_inside(struct span part, struct span whole)
{
    return part.len == 0 || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void read_head(struct span bytes)
{
    struct buf token = {0}, note = {0};
    struct http_framing framing;
    struct http_head head;
    size_t len = http_head_end(bytes);

    FUZZ_CHECK(len <= bytes.len);
    if (len == 0 || http_head_parse(span_of(bytes.data, len), &head) != RC_OK) {
        return;
    }
    FUZZ_CHECK(is_inside(head.path, bytes) && is_inside(head.query, bytes) && head.count <= HTTP_HEADERS_MAX);
    for (size_t i = 0; i < head.count; i++) {
        FUZZ_CHECK(is_inside(head.header[i].name, bytes) && is_inside(head.header[i].value, bytes));
    }
    if (http_head_framing(&head, &framing) == RC_OK) {
        FUZZ_CHECK(head.http10 || http_head_get(&head, "host").data);
    }
    token_of_request(&head, &token);
    FUZZ_CHECK(token.len <= bytes.len);
    if (net_note_name_decode(head.path, &note) == RC_OK) {
        FUZZ_CHECK(net_note_name_valid(buf_span(&note)));
    }
    buf_finish(&token);
    buf_finish(&note);
}

static void read_body(struct span body)
{
    struct span rest = body, message;
    int checked = sse_check_body(body);
    size_t taken = 0;

    while (rest.len > 0 && sse_take_message(&rest, &message) == RC_OK) {
        FUZZ_CHECK(message.len > 0 && is_inside(message, body));
        taken += message.len;
    }
    FUZZ_CHECK((rest.len == 0) == (checked == RC_OK));
    FUZZ_CHECK(taken <= body.len);
}

static void read_event_id(struct span id)
{
    struct buf again = {0};
    struct span session;
    uint64_t number;
    char name[SSE_ID_MAX];

    if (sse_parse_event_id(id, &session, &number) != RC_OK) {
        return;
    }
    FUZZ_CHECK(session.len > 0 && is_inside(session, id));
    if (session.len < sizeof name && !memchr(session.data, '\0', session.len)) {
        memcpy(name, session.data, session.len);
        name[session.len] = '\0';
        sse_put_message(&again, name, number);
        FUZZ_CHECK(again.rc != RC_OK || again.len <= id.len + 5); /* "id: " and the end of the line; no zeros before */
    }
    buf_finish(&again);
}

static int value_of(uint8_t c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

/* Four characters to three bytes; those behind the padding are not looked at. */
static void write_line(struct span bytes)
{
    struct buf line = {0};
    struct frame *f;

    bytes.len = bytes.len < SSE_LINE_MAX ? bytes.len : SSE_LINE_MAX;
    if (frame_create(&bytes, 1, &f) != RC_OK) {
        return;
    }
    sse_put_line(&line, f, 0, bytes.len);
    for (size_t i = 0; line.rc == RC_OK && i < bytes.len; i++) {
        const uint8_t *four = line.data + 6 + i / 3 * 4;
        unsigned bits = 0;

        for (size_t k = i % 3; k < i % 3 + 2; k++) {
            int value = value_of(four[k]);

            FUZZ_CHECK(value >= 0);
            bits = bits << 6 | (unsigned)value;
        }
        FUZZ_CHECK((bits >> (4 - 2 * (i % 3)) & 0xff) == bytes.data[i]);
    }
    buf_finish(&line);
    frame_unref(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_of(data, size);

    read_head(bytes);
    read_body(bytes);
    read_event_id(bytes);
    write_line(bytes);
    return 0;
}
