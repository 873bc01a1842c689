/* /api/v1/notes: the list, a new note, what a list says of one note. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "server/api/heading.h"
#include "server/api/resources.h"
#include "server/base/json_text.h"
#include "server/base/utf8.h"
#include "server/net/name.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX     200
#define BODY_MAX     65536
#define ID_BYTES     10 /* 80 random bits: 16 characters of base 32 */
#define ID_CHARS     16
#define ETAG_MAX     40

/* ---- Writing a note --------------------------------------------------------------------------------------------- */

static const char *role_name(enum rooms_right right)
{
    return right == ROOMS_EDIT ? "edit" : "view";
}

static void put_note(struct buf *out, const struct store_info *info, enum rooms_right right)
{
    buf_put_str(out, "{\"id\":");
    json_put_string(out, info->name);
    buf_put_str(out, ",\"title\":");
    json_put_string(out, info->title);
    buf_put_str(out, ",\"excerpt\":");
    json_put_string(out, info->excerpt);
    buf_put_str(out, ",\"created_at\":");
    respond_put_time(out, info->created_ms);
    buf_put_str(out, ",\"updated_at\":");
    respond_put_time(out, info->updated_ms);
    buf_printf(out, ",\"size\":%" PRIu64 ",\"role\":\"%s\",\"state\":\"%s\"}", info->size, role_name(right),
               info->damaged ? "damaged" : "open");
}

/* ---- The list ---------------------------------------------------------------------------------------------------- */

static void put_next_link(struct buf *headers, const struct store_page *page, size_t limit)
{
    buf_printf(headers, "Link: </api/v1/notes?limit=%zu&cursor=%" PRId64 "-%" PRIu64 ">; rel=\"next\"\r\n", limit,
               page->next.updated_ms, page->next.id);
}

static void put_page(struct api *api, struct http_exchange *x, const struct store_page *page, struct buf *out)
{
    const struct http_request *q = http_exchange_request(x);
    const char *before = "";

    buf_put_str(out, "{\"notes\":[");
    for (size_t i = 0; i < page->count; i++) {
        struct rooms_request request = {.note = page->item[i].name, .peer = q->peer};
        struct rooms_grant grant = {0};

        api->config.auth->authorize(api->config.auth->ctx, &request, &grant);
        if (grant.right >= ROOMS_VIEW) {
            buf_put_str(out, before);
            put_note(out, &page->item[i], grant.right);
            before = ",";
        }
    }
    buf_put_str(out, "]}\n");
}

static void list_ready(void *ctx, const struct store_answer *answer)
{
    struct api_call *c = ctx;
    struct http_response r = {.status = 200, .content_type = "application/json"};

    if (api_check(c->x, answer->rc)) {
        respond_put_api_headers(&r.headers);
        if (answer->page->more) {
            put_next_link(&r.headers, answer->page, answer->ticket);
        }
        put_page(c->api, c->x, answer->page, &r.body);
        http_respond(c->x, &r);
    }
    free(c);
}

static bool parse_uint(const struct buf *text, size_t *at, uint64_t *out)
{
    size_t from = *at;
    uint64_t n = 0;

    while (*at < text->len && text->data[*at] >= '0' && text->data[*at] <= '9' && *at - from < 18) {
        n = n * 10 + (uint64_t)(text->data[(*at)++] - '0');
    }
    *out = n;
    return *at > from;
}

/* The parameters of the list; false when one is malformed. */
static bool list_parameters(struct span query, uint64_t *limit, struct store_cursor *after, bool *has_cursor)
{
    struct buf text = {0};
    uint64_t updated = 0;
    size_t at = 0;
    bool good = true;

    *limit = PAGE_DEFAULT;
    if (net_query_get(query, "limit", &text) == RC_OK) {
        good = parse_uint(&text, &at, limit) && at == text.len && *limit >= 1;
        *limit = *limit > PAGE_MAX ? PAGE_MAX : *limit;
    }
    buf_clear(&text);
    at = 0;
    *has_cursor = net_query_get(query, "cursor", &text) == RC_OK;
    if (*has_cursor) {
        good = good && parse_uint(&text, &at, &updated) && at < text.len && text.data[at++] == '-' &&
               parse_uint(&text, &at, &after->id) && at == text.len;
        after->updated_ms = (int64_t)updated;
    }
    buf_finish(&text);
    return good;
}

void notes_list(struct api *api, struct http_exchange *x, struct span id)
{
    struct store_cursor after = {0};
    struct api_call *c;
    uint64_t limit;
    bool has_cursor;
    int rc;

    (void)id;
    if (!list_parameters(http_exchange_request(x)->head.query, &limit, &after, &has_cursor)) {
        problem_respond(x, PROBLEM_MALFORMED, "limit is a number from 1, cursor comes from a Link header.");
        return;
    }
    c = api_call_create(api, x);
    if (!c) {
        return;
    }
    rc = store_list(api->config.store, has_cursor ? &after : NULL, (size_t)limit,
                    (struct store_reply){.call = list_ready, .ctx = c, .ticket = limit});
    if (!api_check(x, rc)) {
        free(c);
    }
}

/* ---- One note ---------------------------------------------------------------------------------------------------- */

struct get_call {
    struct api_call call;
    enum rooms_right right;
};

static void get_ready(void *ctx, const struct store_answer *answer)
{
    struct get_call *c = ctx;
    struct http_exchange *x = c->call.x;

    if (api_check(x, answer->rc)) {
        struct http_response r = {.status = 200, .content_type = "application/json"};
        char etag[ETAG_MAX];

        put_note(&r.body, answer->info, c->right);
        buf_put_u8(&r.body, '\n');
        snprintf(etag, sizeof etag, "\"%016" PRIx64 "\"", respond_hash(RESPOND_HASH_SEED, buf_span(&r.body)));
        if (respond_not_modified(x, etag, NULL)) {
            http_response_finish(&r);
        } else {
            respond_put_api_headers(&r.headers);
            buf_printf(&r.headers, "ETag: %s\r\n", etag);
            http_respond(x, &r);
        }
    }
    free(c);
}

void notes_get(struct api *api, struct http_exchange *x, struct span id)
{
    struct rooms_grant grant;
    struct get_call *c;

    if (!api_authorize(api, x, id, ROOMS_VIEW, &grant)) {
        return;
    }
    c = calloc(1, sizeof *c);
    if (!api_check(x, c ? RC_OK : RC_NOMEM)) {
        return;
    }
    *c = (struct get_call){{api, x}, grant.right};
    if (!api_check(x, store_stat(api->config.store, id, (struct store_reply){.call = get_ready, .ctx = c}))) {
        free(c);
    }
}

/* ---- A new note -------------------------------------------------------------------------------------------------- */

struct create_call {
    struct api_call call;
    char id[ID_CHARS + 1];
    struct buf title, sender;
    struct buf heading;             /* the title as an update */
    struct idempotency_slot *again; /* of the Idempotency-Key, until the note is there; NULL when none came */
};

static void create_free(struct create_call *c)
{
    idempotency_forget(c->again); /* nothing was made */
    buf_finish(&c->title);
    buf_finish(&c->sender);
    buf_finish(&c->heading);
    free(c);
}

static int random_id(char *out)
{
    static const char digit[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford's base 32: no i, l, o, u */
    uint8_t bytes[ID_BYTES];
    uint64_t bits = 0;
    unsigned have = 0;
    size_t at = 0;

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return RC_IO;
    }
    for (size_t i = 0; i < ID_BYTES; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 5; have -= 5) {
            out[at++] = digit[bits >> (have - 5) & 31];
        }
    }
    out[at] = '\0';
    return RC_OK;
}

static void respond_created(struct create_call *c)
{
    struct http_response r = {.status = 201, .content_type = "application/json"};

    if (c->again) {
        idempotency_done(c->again, c->id);
        c->again = NULL;
    }
    respond_put_api_headers(&r.headers);
    buf_printf(&r.headers, "Location: /api/v1/notes/%s\r\n", c->id);
    buf_printf(&r.body, "{\"id\":\"%s\",\"title\":", c->id);
    json_put_string(&r.body, buf_span(&c->title));
    buf_put_str(&r.body, "}\n");
    http_respond(c->call.x, &r);
}

static void heading_done(void *ctx, int rc)
{
    struct create_call *c = ctx;

    if (api_check(c->call.x, rc)) {
        respond_created(c);
    }
    create_free(c);
}

/* The note is there; its title becomes the first heading, as an edit. */
static void created(void *ctx, const struct store_answer *answer)
{
    struct create_call *c = ctx;
    int rc = answer->rc;

    if (rc == RC_OK && c->heading.len == 0) {
        respond_created(c);
        create_free(c);
        return;
    }
    if (rc == RC_OK) {
        rc = rooms_apply(c->call.api->config.rooms, span_str(c->id), CRDT_V1, buf_span(&c->heading),
                         buf_span(&c->sender), heading_done, c);
    }
    if (!api_check(c->call.x, rc)) {
        create_free(c);
    }
}

/* {"title": "…"} -> the title without the white space around it. On failure *p and *detail say why. */
static bool parse_create(struct span body, struct buf *title, enum problem *p, const char **detail)
{
    json_t *root = json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *value = json_object_get(root, "title");
    struct span text = span_of(json_string_value(value), json_string_length(value));

    *p = PROBLEM_MALFORMED;
    *detail = "The body must be a JSON object.";
    if (json_is_object(root)) {
        *p = PROBLEM_NOT_AVAILABLE;
        *detail = "Notes can be created with a title; content and templates are not read yet.";
        if (!json_object_get(root, "content") && !json_object_get(root, "template")) {
            while (text.len > 0 && text.data[0] == ' ') {
                text = span_of(text.data + 1, text.len - 1);
            }
            while (text.len > 0 && text.data[text.len - 1] == ' ') {
                text.len--;
            }
            *p = PROBLEM_INVALID;
            *detail = "title must be a string of at most 512 bytes, without control characters.";
            if ((!value || json_is_string(value)) && text.len <= STORE_TITLE_MAX && text_is_plain(text)) {
                buf_put_span(title, text);
                json_decref(root);
                return true;
            }
        }
    }
    json_decref(root);
    return false;
}

/* False: answered, since the key says that nothing is to be done. */
static bool check_key(struct create_call *c, struct span sender)
{
    const struct http_request *q = http_exchange_request(c->call.x);
    struct span key = http_head_get(&q->head, "idempotency-key");
    struct idempotency_slot *known = NULL;
    int rc = key.data ? idempotency_begin(c->call.api->keys, sender, key, q->body, &known) : RC_OK;

    if (rc == RC_OK) {
        c->again = known;
        return true;
    }
    if (rc == RC_EXISTS) {
        snprintf(c->id, sizeof c->id, "%s", idempotency_id(known));
        respond_created(c);
    } else if (rc == RC_RANGE) {
        problem_respond(c->call.x, PROBLEM_MALFORMED, "Idempotency-Key has 1 to 200 bytes.");
    } else {
        problem_respond(c->call.x,
                        rc == RC_STATE  ? PROBLEM_KEY_REUSED
                        : rc == RC_BUSY ? PROBLEM_KEY_UNDER_WAY
                                        : problem_of(rc),
                        NULL);
    }
    return false;
}

static void start_create(struct create_call *c, struct span sender)
{
    struct store_meta meta = {.title = buf_span(&c->title)};
    int rc = random_id(c->id);

    buf_put_span(&c->sender, sender);
    if (rc == RC_OK) {
        rc = c->title.rc != RC_OK || c->sender.rc != RC_OK ? RC_NOMEM : RC_OK;
    }
    if (rc == RC_OK && c->title.len > 0) {
        rc = heading_update(buf_span(&c->title), &c->heading);
    }
    if (rc == RC_OK) {
        rc = store_create(c->call.api->config.store, span_str(c->id), &meta, clock_wall_ms(c->call.api->config.clock),
                          (struct store_reply){.call = created, .ctx = c});
    }
    if (!api_check(c->call.x, rc)) {
        create_free(c);
    }
}

void notes_create(struct api *api, struct http_exchange *x, struct span id)
{
    const struct http_request *q = http_exchange_request(x);
    struct span type = http_head_get(&q->head, "content-type");
    struct rooms_grant grant;
    struct create_call *c;
    enum problem p;
    const char *detail;

    if (!api_authorize(api, x, id, ROOMS_EDIT, &grant)) {
        return;
    }
    if (q->body.len > BODY_MAX) {
        problem_respond(x, PROBLEM_TOO_LARGE, NULL);
        return;
    }
    if (q->body.len > 0 && !respond_is_type(type, "application/json")) {
        problem_respond(x, PROBLEM_MEDIA_TYPE, "Send application/json.");
        return;
    }
    c = calloc(1, sizeof *c);
    if (!api_check(x, c ? RC_OK : RC_NOMEM)) {
        return;
    }
    c->call = (struct api_call){api, x};
    if (q->body.len > 0 && !parse_create(q->body, &c->title, &p, &detail)) {
        problem_respond(x, p, detail);
        create_free(c);
        return;
    }
    if (!check_key(c, grant.sender)) {
        create_free(c);
        return;
    }
    start_create(c, grant.sender);
}
