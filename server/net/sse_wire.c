#include "server/net/sse_wire.h"

#include <assert.h>
#include <string.h>
#include "server/base/json_text.h"

#define NUMBER_DIGITS 15
#define LENGTH_BYTES  5 /* of a varint below 2^35; bodies are far shorter */

void sse_put_head(struct buf *out)
{
    /* nginx collects answers unless it is told not to; others obey no-transform. */
    buf_put_str(out, "HTTP/1.1 200 OK\r\n"
                     "Content-Type: text/event-stream\r\n"
                     "Cache-Control: no-store, no-transform\r\n"
                     "X-Accel-Buffering: no\r\n"
                     "X-Content-Type-Options: nosniff\r\n"
                     "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n"
                     "Cross-Origin-Resource-Policy: same-origin\r\n"
                     "Referrer-Policy: same-origin\r\n"
                     "Connection: close\r\n"
                     "\r\n");
}

void sse_put_session(struct buf *out, const char *session, uint64_t received)
{
    buf_printf(out, "event: session\ndata: {\"session\":\"%s\",\"received\":%llu}\n\n", session,
               (unsigned long long)received);
}

void sse_put_message(struct buf *out, const char *session, uint64_t number)
{
    buf_printf(out, "id: %s.%llu\n", session, (unsigned long long)number);
}

static void put_base64(struct buf *out, const uint8_t *bytes, size_t len)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *to;

    if (buf_reserve(out, (len + 2) / 3 * 4) != RC_OK) {
        return;
    }
    to = out->data + out->len;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)bytes[i] << 16;

        bits |= i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0;
        bits |= i + 2 < len ? bytes[i + 2] : 0;
        *to++ = (uint8_t)digit[bits >> 18];
        *to++ = (uint8_t)digit[bits >> 12 & 63];
        *to++ = (uint8_t)(i + 1 < len ? digit[bits >> 6 & 63] : '=');
        *to++ = (uint8_t)(i + 2 < len ? digit[bits & 63] : '=');
    }
    out->len += (len + 2) / 3 * 4;
}

void sse_put_line(struct buf *out, const struct frame *f, size_t from, size_t len)
{
    uint8_t bytes[SSE_LINE_MAX];

    assert(len <= sizeof bytes);
    frame_copy(f, from, len, bytes);
    buf_put_str(out, "data: ");
    put_base64(out, bytes, len);
    buf_put_u8(out, '\n');
}

void sse_put_end(struct buf *out)
{
    buf_put_u8(out, '\n');
}

void sse_put_comment(struct buf *out)
{
    buf_put_str(out, ":\n\n");
}

void sse_put_close(struct buf *out, uint16_t code, const char *reason)
{
    buf_printf(out, "event: close\ndata: {\"code\":%u,\"reason\":", (unsigned)code);
    json_put_string(out, span_str(reason));
    buf_put_str(out, "}\n\n");
}

/* ---- What comes in --------------------------------------------------------------------------------------------- */

int sse_parse_number(struct span text, uint64_t *out)
{
    uint64_t n = 0;

    if (text.len == 0 || text.len > NUMBER_DIGITS) {
        return RC_FORMAT;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return RC_FORMAT;
        }
        n = n * 10 + (uint64_t)(text.data[i] - '0');
    }
    *out = n;
    return RC_OK;
}

int sse_parse_event_id(struct span id, struct span *session, uint64_t *number)
{
    size_t dot = id.len;

    while (dot > 0 && id.data[dot - 1] != '.') {
        dot--;
    }
    if (dot < 2 || sse_parse_number(span_of(id.data + dot, id.len - dot), number) != RC_OK) {
        return RC_FORMAT;
    }
    *session = span_of(id.data, dot - 1);
    return RC_OK;
}

int sse_take_message(struct span *body, struct span *message)
{
    uint64_t len = 0;
    size_t at = 0;

    do {
        if (at == LENGTH_BYTES || at == body->len) {
            return RC_FORMAT;
        }
        len |= (uint64_t)(body->data[at] & 0x7f) << (7 * at);
    } while (body->data[at++] & 0x80);
    if (len == 0 || len > body->len - at) {
        return RC_FORMAT;
    }
    *message = span_of(body->data + at, (size_t)len);
    *body = span_of(body->data + at + len, body->len - at - (size_t)len);
    return RC_OK;
}

int sse_check_body(struct span body)
{
    int rc = RC_OK;

    while (rc == RC_OK && body.len > 0) {
        struct span message;

        rc = sse_take_message(&body, &message);
    }
    return rc;
}
