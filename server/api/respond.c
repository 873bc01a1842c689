#include "server/api/respond.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void put_headers(struct buf *headers, const char *policy)
{
    buf_printf(headers,
               "X-Content-Type-Options: nosniff\r\n"
               "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; %s\r\n"
               "Referrer-Policy: same-origin\r\n"
               "Cross-Origin-Resource-Policy: same-origin\r\n"
               "Cache-Control: private, no-cache\r\n",
               policy);
}

void respond_put_api_headers(struct buf *headers)
{
    put_headers(headers, "sandbox");
}

void respond_put_note_page_headers(struct buf *headers)
{
    put_headers(headers, "style-src 'unsafe-inline'; img-src 'self' http: https: data:; media-src 'self' http: https:; "
                         "base-uri 'none'; form-action 'none'; sandbox allow-popups allow-downloads");
}

/* A character that is not plain ASCII becomes one '_': '%' too, which some would decode. */
static void put_ascii_name(struct buf *out, struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];

        if (c < 0x80) {
            buf_put_u8(out, c == '%' ? '_' : c);
        } else if ((c & 0xc0) != 0x80) {
            buf_put_u8(out, '_');
        }
    }
}

/* attr-char of RFC 8187, 3.2.1. */
static bool is_attr_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("!#$&+-.^_`|~", c) != NULL);
}

void respond_put_attachment(struct buf *headers, struct span name, const char *ending)
{
    buf_put_str(headers, "Content-Disposition: attachment; filename=\"");
    put_ascii_name(headers, name);
    buf_printf(headers, ".%s\"; filename*=UTF-8''", ending);
    for (size_t i = 0; i < name.len; i++) {
        if (is_attr_char(name.data[i])) {
            buf_put_u8(headers, name.data[i]);
        } else {
            buf_printf(headers, "%%%02X", name.data[i]);
        }
    }
    buf_printf(headers, ".%s\r\n", ending);
}

void respond_json(struct http_exchange *x, unsigned status, struct buf *body)
{
    struct http_response r = {.status = status, .content_type = "application/json", .body = *body};

    *body = (struct buf){0};
    respond_put_api_headers(&r.headers);
    http_respond(x, &r);
}

bool respond_not_modified(struct http_exchange *x, const char *etag, const char *vary)
{
    const struct http_head *head = &http_exchange_request(x)->head;
    struct http_response r = {.status = 304};

    if (!http_head_lists(head, "if-none-match", etag) && !http_head_lists(head, "if-none-match", "*")) {
        return false;
    }
    respond_put_api_headers(&r.headers);
    buf_printf(&r.headers, "ETag: %s\r\n", etag);
    if (vary) {
        buf_printf(&r.headers, "Vary: %s\r\n", vary);
    }
    http_respond(x, &r);
    return true;
}

void respond_put_time(struct buf *out, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    char text[32];
    struct tm tm;

    if (wall_ms < 0 || !gmtime_r(&seconds, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
        buf_put_str(out, "null");
        return;
    }
    buf_printf(out, "\"%s.%03dZ\"", text, (int)(wall_ms % 1000));
}

uint64_t respond_hash(uint64_t seed, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        seed = (seed ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    }
    return seed;
}

/* ---- Accept ------------------------------------------------------------------------------------------------------ */

static struct span trim(struct span s)
{
    while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s = span_of(s.data + 1, s.len - 1);
    }
    while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

/* Takes what stands before `mark` off *rest. */
static struct span take(struct span *rest, char mark)
{
    const uint8_t *at = rest->len ? memchr(rest->data, mark, rest->len) : NULL;
    struct span part = *rest;

    if (at) {
        part.len = (size_t)(at - rest->data);
        *rest = span_of(at + 1, rest->len - part.len - 1);
    } else {
        *rest = span_of(NULL, 0);
    }
    return trim(part);
}

/* "0.85" -> 850; a malformed weight counts as 0. */
static int parse_quality(struct span s)
{
    int value, scale = 100;

    if (s.len == 0 || (s.data[0] != '0' && s.data[0] != '1')) {
        return 0;
    }
    value = (s.data[0] - '0') * 1000;
    for (size_t i = 2; i < s.len && i < 5 && s.data[1] == '.' && s.data[i] >= '0' && s.data[i] <= '9'; i++) {
        value += (s.data[i] - '0') * scale;
        scale /= 10;
    }
    return value > 1000 ? 1000 : value;
}

/* The weight among the parameters of a list's member; 1000 when it says none. */
static int take_quality(struct span parameters)
{
    int quality = 1000;

    while (parameters.len > 0) {
        struct span parameter = take(&parameters, ';');

        if (parameter.len > 2 && (parameter.data[0] | 0x20) == 'q' && parameter.data[1] == '=') {
            quality = parse_quality(span_of(parameter.data + 2, parameter.len - 2));
        }
    }
    return quality;
}

/* How closely a media range names a type: 3 exactly, 2 by its first half, 1 for everything, 0 not at all. */
static int closeness(struct span range, const char *type)
{
    const char *slash = strchr(type, '/');
    size_t half = (size_t)(slash - type) + 1;

    if (http_equal(range, type)) {
        return 3;
    }
    if (http_equal(range, "*/*")) {
        return 1;
    }
    return range.len == half + 1 && range.data[half] == '*' && memcmp(range.data, type, half) == 0 ? 2 : 0;
}

/* The quality that the closest range gives a type; *close says how close. */
static int quality_of(struct span accept, const char *type, int *close)
{
    int quality = 0;

    *close = 0;
    while (accept.len > 0) {
        struct span member = take(&accept, ','), range = take(&member, ';');
        int c = closeness(range, type);

        if (c > *close) {
            *close = c;
            quality = take_quality(member);
        }
    }
    return quality;
}

int respond_choose_type(struct span accept, const char *const *types, size_t count)
{
    int best = -1, best_quality = 0, best_close = 0;

    if (accept.len == 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        int close, quality = quality_of(accept, types[i], &close);

        if (quality > best_quality || (quality == best_quality && quality > 0 && close > best_close)) {
            best = (int)i;
            best_quality = quality;
            best_close = close;
        }
    }
    return best;
}

bool respond_takes_gzip(struct span accept_encoding)
{
    int named = -1, any = 0;

    while (accept_encoding.len > 0) {
        struct span member = take(&accept_encoding, ','), coding = take(&member, ';');

        if (http_equal(coding, "gzip") || http_equal(coding, "x-gzip")) {
            named = take_quality(member);
        } else if (http_equal(coding, "*")) {
            any = take_quality(member);
        }
    }
    return (named >= 0 ? named : any) > 0;
}

bool respond_is_type(struct span content_type, const char *type)
{
    return http_equal(take(&content_type, ';'), type);
}
