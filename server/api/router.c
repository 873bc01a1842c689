#include "server/api/router.h"

#include <string.h>
#include "server/api/schemas.h"
#include "server/base/json_text.h"
#include "server/net/name.h"

/* Takes one segment off *rest, which begins with '/'. */
static struct span take_segment(struct span *rest)
{
    const uint8_t *from = rest->data + 1, *slash = rest->len > 1 ? memchr(from, '/', rest->len - 1) : NULL;
    struct span segment = span_of(from, slash ? (size_t)(slash - from) : rest->len - 1);

    *rest = slash ? span_of(slash, rest->len - 1 - segment.len) : span_of(NULL, 0);
    return segment;
}

/* Segment by segment; *id is the encoded one that stands for {id}. */
static bool matches(const char *pattern, struct span path, struct span *id)
{
    struct span p = span_str(pattern);

    *id = span_of(NULL, 0);
    while (p.len > 0 && path.len > 0) {
        struct span want = take_segment(&p), have = take_segment(&path);

        if (want.len > 0 && want.data[0] == '{') {
            *id = have;
        } else if (!span_equal(want, have)) {
            return false;
        }
    }
    return p.len == 0 && path.len == 0;
}

static void put_method(struct buf *allow, enum http_method method)
{
    buf_printf(allow, "%s%s", allow->len ? ", " : "", http_method_name(method));
    if (method == HTTP_GET) {
        buf_put_str(allow, ", HEAD");
    }
}

int router_find(const struct route *routes, size_t count, enum http_method method, struct span path,
                const struct route **out, struct buf *id, struct buf *allow)
{
    bool known = false;

    if (method == HTTP_HEAD) {
        method = HTTP_GET;
    }
    for (size_t i = 0; i < count; i++) {
        struct span segment;

        if (!matches(routes[i].pattern, path, &segment)) {
            continue;
        }
        if (routes[i].method != method) {
            known = true;
            put_method(allow, routes[i].method);
            continue;
        }
        if (segment.data && net_note_name_decode(segment, id) != RC_OK) {
            return RC_FORMAT;
        }
        *out = &routes[i];
        return RC_OK;
    }
    return known ? RC_UNSUPPORTED : RC_NOTFOUND;
}

/* ---- OpenAPI ----------------------------------------------------------------------------------------------------- */

#define PROBLEM "application/problem+json=Problem"

/* The next word of a list with spaces between; false at its end. */
static bool next_word(const char **list, struct span *out)
{
    const char *from = *list + strspn(*list, " ");
    size_t len = strcspn(from, " ");

    *list = from + len;
    *out = span_of(from, len);
    return len > 0;
}

/* "name", or "name!" when it must be there; those of a path always must. */
static void put_parameter(struct buf *out, const char *before, struct span name, const char *in)
{
    bool required = name.data[name.len - 1] == '!' || strcmp(in, "path") == 0;

    name.len -= name.data[name.len - 1] == '!';
    buf_printf(out, "%s{\"name\":", before);
    json_put_string(out, name);
    buf_printf(out, ",\"in\":\"%s\",\"required\":%s,\"schema\":%s}", in, required ? "true" : "false",
               schemas_of_parameter(name));
}

static void put_parameters(const struct route *r, struct buf *out)
{
    const char *list = r->query, *headers = r->headers, *before = "";
    struct span word;

    buf_put_str(out, ",\"parameters\":[");
    if (strstr(r->pattern, "{id}")) {
        put_parameter(out, before, span_str("id"), "path");
        before = ",";
    }
    while (next_word(&list, &word)) {
        put_parameter(out, before, word, "query");
        before = ",";
    }
    while (next_word(&headers, &word)) {
        put_parameter(out, before, word, "header");
        before = ",";
    }
    buf_put_u8(out, ']');
}

/* "application/json=Note", or a media type alone: bytes that no schema describes. */
static void put_media_type(struct span word, struct buf *out)
{
    const uint8_t *mark = memchr(word.data, '=', word.len);
    size_t len = mark ? (size_t)(mark - word.data) : word.len;

    json_put_string(out, span_of(word.data, len));
    if (mark) {
        buf_printf(out, ":{\"schema\":{\"$ref\":\"#/components/schemas/%.*s\"}}", (int)(word.len - len - 1),
                   (const char *)mark + 1);
    } else {
        buf_put_str(out, ":{}");
    }
}

static void put_content(const char *types, struct buf *out)
{
    const char *before = "";
    struct span word;

    buf_put_str(out, ",\"content\":{");
    while (next_word(&types, &word)) {
        buf_put_str(out, before);
        put_media_type(word, out);
        before = ",";
    }
    buf_put_u8(out, '}');
}

/* One status: what was asked for, 304 without a body, or a problem. A health answer is one also when it is bad news. */
static void put_response(const struct route *r, struct span status, struct buf *out)
{
    bool good = status.data[0] == '2', health = strstr(r->answers, "health+json") != NULL;

    json_put_string(out, status);
    if (status.data[0] == '3') {
        buf_put_str(out, ":{\"description\":\"What If-None-Match names is what is here\"}");
        return;
    }
    buf_printf(out, ":{\"description\":\"%s\"", good ? "Done" : health ? "Not well" : "Refused, with the reason");
    if (good || health) {
        if (*r->answers) {
            put_content(r->answers, out);
        }
    } else {
        put_content(PROBLEM, out);
    }
    buf_put_u8(out, '}');
}

static void put_responses(const struct route *r, struct buf *out)
{
    const char *list = r->statuses, *before = "";
    struct span word;

    buf_put_str(out, ",\"responses\":{");
    while (next_word(&list, &word)) {
        buf_put_str(out, before);
        put_response(r, word, out);
        before = ",";
    }
    /* What every path may answer: 405, 411, 421, 431, … */
    buf_printf(out, "%s\"default\":{\"description\":\"The request as such is refused\"", before);
    put_content(PROBLEM, out);
    buf_put_str(out, "}}");
}

static void put_operation(const struct route *r, struct buf *out)
{
    char method[ROUTER_METHODS_MAX] = "";
    const char *name = http_method_name(r->method);

    for (size_t i = 0; i + 1 < sizeof method && name[i]; i++) {
        method[i] = (char)(name[i] | 0x20);
    }
    buf_printf(out, "\"%s\":{\"operationId\":\"%s\",\"summary\":", method, r->name);
    json_put_string(out, span_str(r->summary));
    put_parameters(r, out);
    if (*r->body) {
        buf_put_str(out, ",\"requestBody\":{\"required\":true");
        put_content(r->body, out);
        buf_put_u8(out, '}');
    }
    put_responses(r, out);
    buf_put_u8(out, '}');
}

static bool is_first_of_path(const struct route *routes, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (*routes[k].name && strcmp(routes[k].pattern, routes[i].pattern) == 0) {
            return false;
        }
    }
    return true;
}

void router_describe(const struct route *routes, size_t count, const char *version, struct buf *out)
{
    const char *before = "";

    buf_put_str(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Cahier\",\"version\":");
    json_put_string(out, span_str(version));
    buf_put_str(out, "},\"paths\":{");
    for (size_t i = 0; i < count; i++) {
        const char *between = "";

        if (!*routes[i].name || !is_first_of_path(routes, i)) {
            continue;
        }
        buf_put_str(out, before);
        json_put_string(out, span_str(routes[i].pattern));
        buf_put_str(out, ":{");
        for (size_t k = i; k < count; k++) {
            if (*routes[k].name && strcmp(routes[k].pattern, routes[i].pattern) == 0) {
                buf_put_str(out, between);
                put_operation(&routes[k], out);
                between = ",";
            }
        }
        buf_put_u8(out, '}');
        before = ",";
    }
    buf_put_str(out, "},\"components\":{\"schemas\":");
    schemas_put(out);
    buf_put_str(out, "}}\n");
}
