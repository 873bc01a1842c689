#include "server/net/http_head.h"

#include <string.h>

static const char *const method_names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"};

const char *http_method_name(enum http_method m)
{
    return method_names[m];
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool http_equal(struct span a, const char *b)
{
    size_t i = 0;

    while (i < a.len && b[i] && lower(a.data[i]) == lower((uint8_t)b[i])) {
        i++;
    }
    return i == a.len && !b[i];
}

/* token characters, RFC 9110, 5.6.2 */
static bool is_token(uint8_t c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_value(uint8_t c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7f);
}

static struct span before(struct span s, const uint8_t *end)
{
    return span_of(s.data, (size_t)(end - s.data));
}

static struct span behind(struct span s, const uint8_t *at)
{
    return span_of(at + 1, s.len - (size_t)(at + 1 - s.data));
}

static bool all(struct span s, bool (*is)(uint8_t))
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is(s.data[i])) {
            return false;
        }
    }
    return true;
}

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

size_t http_head_end(struct span bytes)
{
    const uint8_t *at = bytes.data;
    size_t left = bytes.len;

    while (left >= 4) {
        const uint8_t *cr = memchr(at, '\r', left - 3);

        if (!cr) {
            return 0;
        }
        if (memcmp(cr, "\r\n\r\n", 4) == 0) {
            return (size_t)(cr - bytes.data) + 4;
        }
        left -= (size_t)(cr + 1 - at);
        at = cr + 1;
    }
    return 0;
}

/* Takes one line off *rest, without its end. */
static bool take_line(struct span *rest, struct span *line)
{
    const uint8_t *cr = memchr(rest->data, '\r', rest->len);

    if (!cr || (size_t)(cr - rest->data) + 1 >= rest->len || cr[1] != '\n') {
        return false;
    }
    *line = before(*rest, cr);
    *rest = behind(*rest, cr + 1);
    return true;
}

static bool is_target(uint8_t c)
{
    return c > 0x20 && c != 0x7f;
}

/* origin-form, or the absolute-form of proxies (RFC 9112, 3.2), of which only path and query matter here. */
static int parse_target(struct span target, struct http_head *h)
{
    const uint8_t *mark;

    if (target.len > 7 && http_equal(span_of(target.data, 7), "http://")) {
        target = span_of(target.data + 7, target.len - 7);
        mark = memchr(target.data, '/', target.len);
        if (!mark) {
            return RC_FORMAT;
        }
        target = span_of(mark, target.len - (size_t)(mark - target.data));
    }
    if (target.len == 0 || target.data[0] != '/' || !all(target, is_target)) {
        return RC_FORMAT;
    }
    mark = memchr(target.data, '?', target.len);
    h->path = mark ? before(target, mark) : target;
    h->query = mark ? behind(target, mark) : span_of(NULL, 0);
    return RC_OK;
}

static int parse_request_line(struct span line, struct http_head *h)
{
    const uint8_t *first = memchr(line.data, ' ', line.len), *second;
    struct span method, rest, version;

    if (!first) {
        return RC_FORMAT;
    }
    method = before(line, first);
    rest = behind(line, first);
    second = memchr(rest.data, ' ', rest.len);
    if (!second || method.len == 0 || !all(method, is_token)) {
        return RC_FORMAT;
    }
    version = behind(rest, second);
    if (version.len != 8 || memcmp(version.data, "HTTP/", 5) != 0) {
        return RC_FORMAT;
    }
    if (memcmp(version.data, "HTTP/1.", 7) != 0) {
        return RC_UNSUPPORTED;
    }
    if (version.data[7] < '0' || version.data[7] > '9') {
        return RC_FORMAT;
    }
    h->http10 = version.data[7] == '0';
    h->method = HTTP_GET;
    while (h->method != HTTP_OTHER && !span_equal(method, span_str(method_names[h->method]))) {
        h->method++; /* methods are case-sensitive */
    }
    return parse_target(before(rest, second), h);
}

static int parse_header(struct span line, struct http_head *h)
{
    const uint8_t *colon = memchr(line.data, ':', line.len);
    struct http_header *to;

    if (!colon || colon == line.data) {
        return RC_FORMAT; /* also a folded line, which begins with a space */
    }
    if (h->count == HTTP_HEADERS_MAX) {
        return RC_LIMIT;
    }
    to = &h->header[h->count];
    to->name = before(line, colon);
    to->value = trim(behind(line, colon));
    if (!all(to->name, is_token) || !all(to->value, is_value)) {
        return RC_FORMAT;
    }
    h->count++;
    return RC_OK;
}

int http_head_parse(struct span head, struct http_head *out)
{
    struct span line;
    int rc;

    out->count = 0;
    if (head.len == 0 || !take_line(&head, &line)) {
        return RC_FORMAT;
    }
    rc = parse_request_line(line, out);
    while (rc == RC_OK) {
        if (head.len == 0 || !take_line(&head, &line)) {
            return RC_FORMAT;
        }
        if (line.len == 0) {
            return head.len == 0 ? RC_OK : RC_FORMAT;
        }
        rc = parse_header(line, out);
    }
    return rc;
}

struct span http_head_get(const struct http_head *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++) {
        if (http_equal(h->header[i].name, name)) {
            return h->header[i].value;
        }
    }
    return span_of(NULL, 0);
}

static bool list_has(struct span list, const char *member)
{
    while (list.len > 0) {
        const uint8_t *comma = memchr(list.data, ',', list.len);

        if (http_equal(trim(comma ? before(list, comma) : list), member)) {
            return true;
        }
        list = comma ? behind(list, comma) : span_of(NULL, 0);
    }
    return false;
}

bool http_head_lists(const struct http_head *h, const char *name, const char *member)
{
    for (size_t i = 0; i < h->count; i++) {
        if (http_equal(h->header[i].name, name) && list_has(h->header[i].value, member)) {
            return true;
        }
    }
    return false;
}

static size_t count_of(const struct http_head *h, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < h->count; i++) {
        n += http_equal(h->header[i].name, name);
    }
    return n;
}

static int parse_length(struct span value, uint64_t *out)
{
    uint64_t n = 0;

    if (value.len == 0 || value.len > 18) {
        return RC_FORMAT;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return RC_FORMAT;
        }
        n = n * 10 + (uint64_t)(value.data[i] - '0');
    }
    *out = n;
    return RC_OK;
}

int http_head_framing(const struct http_head *h, struct http_framing *out)
{
    struct http_framing f = {0};
    size_t lengths = count_of(h, "content-length"), hosts = count_of(h, "host");

    f.chunked = count_of(h, "transfer-encoding") > 0;
    if (lengths > 1 || (lengths == 1 && f.chunked) || hosts > 1 || (hosts == 0 && !h->http10)) {
        return RC_FORMAT;
    }
    if (lengths == 1 && parse_length(http_head_get(h, "content-length"), &f.length) != RC_OK) {
        return RC_FORMAT;
    }
    f.keep_alive = !h->http10 && !http_head_lists(h, "connection", "close");
    f.expect_continue = !h->http10 && http_equal(http_head_get(h, "expect"), "100-continue");
    f.upgrade_websocket = !h->http10 && h->method == HTTP_GET && http_head_lists(h, "upgrade", "websocket") &&
                          http_head_lists(h, "connection", "upgrade");
    *out = f;
    return RC_OK;
}
