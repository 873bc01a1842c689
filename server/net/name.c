#include "server/net/name.h"

#include "server/base/utf8.h"
#include "server/net/transport.h"

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int net_percent_decode(struct span in, bool plus_is_space, struct buf *out)
{
    size_t before = out->len;

    for (size_t i = 0; i < in.len; i++) {
        int high, low;

        if (in.data[i] != '%') {
            buf_put_u8(out, plus_is_space && in.data[i] == '+' ? ' ' : in.data[i]);
            continue;
        }
        high = in.len - i > 2 ? hex_digit(in.data[i + 1]) : -1;
        low = in.len - i > 2 ? hex_digit(in.data[i + 2]) : -1;
        if (high < 0 || low < 0) {
            out->len = before;
            return RC_FORMAT;
        }
        buf_put_u8(out, (uint8_t)(high << 4 | low));
        i += 2;
    }
    return out->rc;
}

static bool unreserved(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void net_percent_encode(struct span in, struct buf *out)
{
    for (size_t i = 0; i < in.len; i++) {
        if (unreserved(in.data[i])) {
            buf_put_u8(out, in.data[i]);
        } else {
            buf_printf(out, "%%%02X", in.data[i]);
        }
    }
}

bool net_note_name_valid(struct span name)
{
    return name.len > 0 && name.len <= CONN_NOTE_MAX && text_is_utf8(name) && text_is_plain(name);
}

int net_note_name_decode(struct span segment, struct buf *out)
{
    size_t before = out->len;
    int rc;

    if (segment.len > 3 * CONN_NOTE_MAX) {
        return RC_RANGE;
    }
    rc = net_percent_decode(segment, false, out);
    if (rc == RC_OK && !net_note_name_valid(buf_slice(out, before, out->len - before))) {
        rc = RC_RANGE;
    }
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}

int net_query_get(struct span query, const char *key, struct buf *out)
{
    size_t at = 0, key_len = strlen(key);

    while (at < query.len) {
        const uint8_t *from = query.data + at;
        const uint8_t *end = memchr(from, '&', query.len - at);
        size_t len = end ? (size_t)(end - from) : query.len - at;

        if (len >= key_len && memcmp(from, key, key_len) == 0 && (len == key_len || from[key_len] == '=')) {
            size_t skip = len == key_len ? key_len : key_len + 1;

            return net_percent_decode(span_of(from + skip, len - skip), true, out);
        }
        at += len + 1;
    }
    return RC_NOTFOUND;
}
