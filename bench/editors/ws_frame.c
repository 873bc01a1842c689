#include "bench/editors/ws_frame.h"

#include <libwebsockets.h>
#include <string.h>
#include <strings.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, 1.3 */

/* ---- Frames ------------------------------------------------------------------------------------------ */

/* Bytes of the length field for the code in the second byte. */
static size_t length_bytes(uint8_t code)
{
    return code == 126 ? 2 : code == 127 ? 8 : 0;
}

static bool opcode_known(uint8_t opcode)
{
    return opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

static uint64_t read_length(const uint8_t *data, uint8_t code)
{
    uint64_t n = 0;

    for (size_t i = 0; i < length_bytes(code); i++) {
        n = n << 8 | data[2 + i];
    }
    return code < 126 ? code : n;
}

static bool shortest(uint8_t code, uint64_t n)
{
    return code < 126 || (code == 126 ? n >= 126 : n > UINT16_MAX);
}

static void apply_mask(uint8_t *data, size_t len, const uint8_t mask[4])
{
    uint64_t wide, word;
    size_t i = 0;

    memcpy(&wide, mask, 4);
    memcpy((uint8_t *)&wide + 4, mask, 4);
    for (; i + 8 <= len; i += 8) {
        memcpy(&word, data + i, 8);
        word ^= wide;
        memcpy(data + i, &word, 8);
    }
    for (; i < len; i++) {
        data[i] ^= mask[i % 4];
    }
}

int ws_frame_read(uint8_t *data, size_t len, bool masked, struct ws_frame *out)
{
    if (len < 2) {
        return 0;
    }
    uint8_t opcode = data[0] & 0x0F, code = data[1] & 0x7F;
    bool final = (data[0] & 0x80) != 0, control = opcode >= WS_CLOSE;
    size_t head = 2 + length_bytes(code) + (masked ? 4 : 0);
    if ((data[0] & 0x70) != 0 || !opcode_known(opcode) || ((data[1] & 0x80) != 0) != masked) {
        return RC_FORMAT;
    }
    if (control && (!final || code > 125)) {
        return RC_FORMAT;
    }
    if (len < head) {
        return 0;
    }
    uint64_t payload = read_length(data, code);
    if (!shortest(code, payload)) {
        return RC_FORMAT;
    }
    if (payload > WS_PAYLOAD_MAX) {
        return RC_LIMIT;
    }
    if (len - head < payload) {
        return 0;
    }
    if (masked) {
        apply_mask(data + head, (size_t)payload, data + head - 4);
    }
    *out =
        (struct ws_frame){(enum ws_opcode)opcode, final, span_of(data + head, (size_t)payload), head + (size_t)payload};
    return 1;
}

static void put_length(struct buf *out, size_t len, uint8_t mask_bit)
{
    unsigned bytes = len < 126 ? 0 : len <= UINT16_MAX ? 2 : 8;

    buf_put_u8(out, mask_bit | (bytes == 0 ? (uint8_t)len : bytes == 2 ? 126 : 127));
    while (bytes-- > 0) {
        buf_put_u8(out, (uint8_t)((uint64_t)len >> (8 * bytes)));
    }
}

void ws_frame_put(struct buf *out, enum ws_opcode opcode, struct span payload, const uint8_t *mask)
{
    buf_put_u8(out, 0x80 | (uint8_t)opcode);
    put_length(out, payload.len, mask != NULL ? 0x80 : 0);
    if (mask != NULL) {
        buf_put(out, mask, 4);
    }
    buf_put_span(out, payload);
    if (mask != NULL && out->rc == RC_OK) {
        apply_mask(out->data + out->len - payload.len, payload.len, mask);
    }
}

/* ---- Handshakes ---------------------------------------------------------------------------------------- */

size_t ws_head_length(struct span bytes)
{
    for (size_t i = 4; i <= bytes.len; i++) {
        if (memcmp(bytes.data + i - 4, "\r\n\r\n", 4) == 0) {
            return i;
        }
    }
    return 0;
}

void ws_key_make(const uint8_t random[16], char key[WS_KEY_LEN + 1])
{
    char text[WS_KEY_LEN + 8]; /* it wants more room than it uses, else it sets no terminator */

    (void)lws_b64_encode_string((const char *)random, 16, text, sizeof(text));
    memcpy(key, text, WS_KEY_LEN);
    key[WS_KEY_LEN] = '\0';
}

static void make_accept(struct span key, char accept[32])
{
    unsigned char text[WS_KEY_LEN + sizeof(GUID)], digest[20];

    memcpy(text, key.data, WS_KEY_LEN);
    memcpy(text + WS_KEY_LEN, GUID, sizeof(GUID));
    (void)lws_SHA1(text, sizeof(text) - 1, digest);
    (void)lws_b64_encode_string((const char *)digest, sizeof(digest), accept, 32);
}

void ws_request_put(struct buf *out, const char *host, const char *path, const char *key)
{
    buf_printf(out,
               "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
               path, host, key);
}

/* The value of a header field of the head; empty when there is none. */
static struct span field(struct span head, const char *name)
{
    const char *at = (const char *)head.data, *end = at + head.len;
    size_t len = strlen(name);

    while (at < end) {
        const char *stop = memchr(at, '\r', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        if ((size_t)(stop - at) > len && strncasecmp(at, name, len) == 0 && at[len] == ':') {
            for (at += len + 1; at < stop && *at == ' '; at++) {
            }
            return span_of(at, (size_t)(stop - at));
        }
        at = stop + 2;
    }
    return span_of(NULL, 0);
}

static bool field_is(struct span head, const char *name, const char *value)
{
    struct span found = field(head, name);

    return found.len == strlen(value) && strncasecmp((const char *)found.data, value, found.len) == 0;
}

int ws_answer_check(struct span head, const char *key)
{
    static const char start[] = "HTTP/1.1 101";
    char accept[32];

    if (head.len < sizeof(start) || memcmp(head.data, start, sizeof("HTTP/1.1") - 1) != 0) {
        return RC_FORMAT;
    }
    if (memcmp(head.data, start, sizeof(start) - 1) != 0) {
        return RC_DENIED;
    }
    make_accept(span_str(key), accept);
    return field_is(head, "Upgrade", "websocket") && field_is(head, "Connection", "upgrade") &&
                   span_equal(field(head, "Sec-WebSocket-Accept"), span_str(accept))
               ? RC_OK
               : RC_FORMAT;
}

int ws_request_read(struct span head, struct span *path, struct span *key)
{
    const uint8_t *from = head.data + 4, *end = head.data + head.len;

    if (head.len < 5 || memcmp(head.data, "GET ", 4) != 0) {
        return RC_FORMAT;
    }
    const uint8_t *to = memchr(from, ' ', (size_t)(end - from));
    struct span found = field(head, "Sec-WebSocket-Key");
    if (to == NULL || found.len != WS_KEY_LEN || !field_is(head, "Upgrade", "websocket")) {
        return RC_FORMAT;
    }
    *path = span_of(from, (size_t)(to - from));
    *key = found;
    return RC_OK;
}

void ws_answer_put(struct buf *out, struct span key)
{
    char accept[32];

    make_accept(key, accept);
    buf_printf(out,
               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: %s\r\n\r\n",
               accept);
}
