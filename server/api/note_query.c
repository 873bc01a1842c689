#include "server/api/note_query.h"

#include "render/render.h"
#include "server/net/name.h"

#define LANG_MAX 35 /* characters that language tags may have at least (RFC 5646, 4.4.1) */

int note_query_text(struct span query, const char *name, struct buf *out)
{
    int rc = net_query_get(query, name, out);

    return rc == RC_NOTFOUND ? RC_OK : rc;
}

int note_query_version(struct span query, enum crdt_format *out)
{
    struct buf text = {0};
    int rc = net_query_get(query, "v", &text);

    *out = CRDT_V1;
    if (rc == RC_OK) {
        bool good = text.len == 1 && (text.data[0] == '1' || text.data[0] == '2');

        *out = good && text.data[0] == '2' ? CRDT_V2 : CRDT_V1;
        rc = good ? RC_OK : RC_FORMAT;
    }
    buf_finish(&text);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* base64url without padding (RFC 4648, 5); '=' at the end is passed over. */
static int decode_base64url(struct span in, struct buf *out)
{
    uint32_t bits = 0;
    unsigned have = 0;

    while (in.len > 0 && in.data[in.len - 1] == '=') {
        in.len--;
    }
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.data[i];
        int v = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '-'             ? 62
                : c == '_'             ? 63
                                       : -1;

        if (v < 0) {
            return RC_FORMAT;
        }
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            buf_put_u8(out, (uint8_t)(bits >> have));
        }
    }
    return out->rc;
}

int note_query_vector(struct span query, struct buf *out)
{
    struct buf text = {0};
    int rc = note_query_text(query, "sv", &text);

    rc = rc ? rc : decode_base64url(buf_span(&text), out);
    buf_finish(&text);
    return rc;
}

/* Letters, digits and hyphens. */
int note_query_lang(struct span query, struct buf *out)
{
    int rc = note_query_text(query, "lang", out);

    for (size_t i = 0; i < out->len && rc == RC_OK; i++) {
        uint8_t c = out->data[i];
        bool good = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '-';

        rc = good ? RC_OK : RC_FORMAT;
    }
    if (rc != RC_OK || out->len > LANG_MAX) {
        return rc ? rc : RC_FORMAT;
    }
    if (out->len > 0) {
        buf_put_u8(out, '\0');
    }
    return out->rc;
}

int note_query_with(struct span query, struct buf *out)
{
    struct render_options ignored = {0};
    int rc = note_query_text(query, "with", out);

    return rc ? rc : render_options_read(&ignored, buf_span(out));
}
