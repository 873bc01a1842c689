/* /api/v1/notes/{id}/content: the note in the format asked for; a Yjs update as an edit.
 *
 *     GET  rooms_read ─► small: rendered at once ──────────────────────────────► answer
 *                     └► large: state as bytes ─► worker: document, rendering ─► answer
 *     POST rooms_apply ─► broadcast at once, answered after the commit */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "server/api/note_format.h"
#include "server/api/resources.h"
#include "server/net/name.h"

#define RENDER_AT_ONCE 16384 /* bytes of state up to which a note is rendered on the loop */
#define ETAG_MAX       40

struct read_call {
    struct worker_job job; /* first: a job of ours is one of these */
    struct api *api;
    struct http_exchange *x;
    enum note_format format;
    enum crdt_format yjs;
    struct buf root, sv; /* parameters of the query */
    struct buf state, out;
    char etag[ETAG_MAX];
    int rc;
};

static void read_free(struct read_call *c)
{
    buf_finish(&c->root);
    buf_finish(&c->sv);
    buf_finish(&c->state);
    buf_finish(&c->out);
    free(c);
}

/* ---- Query
 * ------------------------------------------------------------------------------------------------------------ */

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

/* `v=1` or `v=2`; 1 when absent. */
static int query_version(struct span query, enum crdt_format *out)
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

static int parse_query(struct span query, struct read_call *c)
{
    struct buf sv = {0};
    int rc = query_version(query, &c->yjs);

    if (rc == RC_OK) {
        rc = net_query_get(query, "sv", &sv);
        rc = rc == RC_OK ? decode_base64url(buf_span(&sv), &c->sv) : rc == RC_NOTFOUND ? RC_OK : rc;
    }
    if (rc == RC_OK) {
        rc = net_query_get(query, "root", &c->root);
        rc = rc == RC_NOTFOUND ? RC_OK : rc;
    }
    buf_finish(&sv);
    return rc;
}

/* ---- Reading
 * ------------------------------------------------------------------------------------------------------------ */

static void respond_content(struct read_call *c)
{
    struct http_response r = {.status = 200, .content_type = note_format_content_type(c->format)};

    if (!api_check(c->x, c->rc)) {
        return;
    }
    r.body = c->out;
    c->out = (struct buf){0};
    if (c->format == NOTE_HTML) {
        respond_put_note_page_headers(&r.headers);
    } else {
        respond_put_api_headers(&r.headers);
    }
    buf_printf(&r.headers, "ETag: %s\r\nVary: Accept\r\n", c->etag);
    http_respond(c->x, &r);
}

/* On a worker: bytes in, bytes out. */
static void render_run(struct worker_job *job)
{
    struct read_call *c = (struct read_call *)(void *)job;
    struct crdt_doc *doc;

    c->rc = crdt_doc_create(NULL, &doc);
    if (c->rc != RC_OK) {
        return;
    }
    c->rc = crdt_load(doc, CRDT_V2, buf_span(&c->state));
    if (c->rc == RC_OK) {
        c->rc = note_format_render(doc, c->format, buf_span(&c->root), &c->out);
    }
    crdt_doc_destroy(doc);
}

static void render_done(struct completion *completion)
{
    struct read_call *c = (struct read_call *)(void *)((char *)completion - offsetof(struct worker_job, completion));

    respond_content(c);
    read_free(c);
}

/* What the note holds, as a tag: state vector and deletes, the format and the query. */
static int make_etag(struct read_call *c, const struct crdt_doc *doc)
{
    struct buf snapshot = {0};
    int rc = crdt_encode_snapshot(doc, &snapshot);
    uint64_t hash = respond_hash(RESPOND_HASH_SEED, buf_span(&snapshot));

    hash = respond_hash(hash, http_exchange_request(c->x)->head.query);
    hash = respond_hash(hash, span_str(c->api->config.version));
    snprintf(c->etag, sizeof c->etag, "\"%016" PRIx64 "-%d\"", hash, (int)c->format);
    buf_finish(&snapshot);
    return rc;
}

/* False when a worker has it now. */
static bool produce(struct read_call *c, const struct crdt_doc *doc)
{
    if (c->format == NOTE_YJS) {
        c->rc = crdt_encode_state(doc, c->yjs, buf_span(&c->sv), &c->out);
        if (c->rc != RC_OK && c->sv.len > 0) {
            problem_respond(c->x, PROBLEM_MALFORMED, "sv is no state vector.");
            read_free(c);
            return false;
        }
        return true;
    }
    c->rc = crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &c->state);
    if (c->rc != RC_OK) {
        return true;
    }
    if (c->state.len <= RENDER_AT_ONCE) {
        c->rc = note_format_render(doc, c->format, buf_span(&c->root), &c->out);
        return true;
    }
    c->job.run = render_run;
    c->job.completion.done = render_done;
    c->rc = worker_submit(c->api->config.workers, &c->job);
    return c->rc != RC_OK;
}

static void read_ready(void *ctx, int rc, const struct crdt_doc *doc)
{
    struct read_call *c = ctx;

    if (rc == RC_OK) {
        rc = make_etag(c, doc);
    }
    if (!api_check(c->x, rc) || respond_not_modified(c->x, c->etag)) {
        read_free(c);
    } else if (produce(c, doc)) {
        respond_content(c);
        read_free(c);
    }
}

void content_get(struct api *api, struct http_exchange *x, struct span id)
{
    const struct http_head *head = &http_exchange_request(x)->head;
    int format = respond_choose_type(http_head_get(head, "accept"), note_format_types, NOTE_FORMATS);
    struct rooms_grant grant;
    struct read_call *c;
    int rc;

    if (!api_authorize(api, x, id, ROOMS_VIEW, &grant)) {
        return;
    }
    if (format < 0) {
        problem_respond(x, PROBLEM_NOT_ACCEPTABLE,
                        "text/markdown, text/html, text/plain, application/json or application/vnd.yjs.update.");
        return;
    }
    c = calloc(1, sizeof *c);
    if (!api_check(x, c ? RC_OK : RC_NOMEM)) {
        return;
    }
    c->api = api;
    c->x = x;
    c->format = (enum note_format)format;
    if (parse_query(head->query, c) != RC_OK) {
        problem_respond(x, PROBLEM_MALFORMED, "v is 1 or 2, sv a state vector in base64url.");
        read_free(c);
        return;
    }
    rc = rooms_read(api->config.rooms, id, read_ready, c);
    if (!api_check(x, rc)) {
        read_free(c);
    }
}

/* ---- Writing
 * ------------------------------------------------------------------------------------------------------------- */

static void apply_done(void *ctx, int rc)
{
    struct api_call *c = ctx;
    struct http_response r = {.status = 204};

    if (api_check(c->x, rc)) {
        respond_put_api_headers(&r.headers);
        http_respond(c->x, &r);
    }
    free(c);
}

void content_post(struct api *api, struct http_exchange *x, struct span id)
{
    const struct http_request *q = http_exchange_request(x);
    struct rooms_grant grant;
    enum crdt_format format;
    struct api_call *c;

    if (!api_authorize(api, x, id, ROOMS_EDIT, &grant)) {
        return;
    }
    if (!respond_is_type(http_head_get(&q->head, "content-type"), note_format_types[NOTE_YJS])) {
        problem_respond(x, PROBLEM_MEDIA_TYPE, "Send application/vnd.yjs.update; other formats are not read yet.");
        return;
    }
    if (query_version(q->head.query, &format) != RC_OK) {
        problem_respond(x, PROBLEM_MALFORMED, "v is 1 or 2.");
        return;
    }
    c = api_call_create(api, x);
    if (c && !api_check(x, rooms_apply(api->config.rooms, id, format, q->body, grant.sender, apply_done, c))) {
        free(c);
    }
}
