/* A note in the format asked for: /api/v1/notes/{id}/content by Accept, /export by name and as a file.
 *
 *     look: kept? ── encode ─┬► small ──────── made at once ────────────────────────────────┬► answer
 *                            ├► large ──────► worker: document from its bytes, rendering ───►┤
 *                            └► PDF ────────► worker of its own: …, a process that converts ►┘
 *
 * The rooms encode a large document on a worker, too (rooms_read). Those who want the same of the same state while it
 * is made wait for it (sharing.h).
 *
 * Who takes gzip gets it, under a tag of its own (RFC 9110, 8.8.3): large bodies are compressed on a worker too, and
 * kept for who asks next (body_cache.h).
 *
 * PDF has its own few workers (--pdf-jobs), since each waits for a process for seconds; what waited too long for one of
 * them is answered as busy. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "server/api/note_query.h"
#include "server/api/resources.h"
#include "server/base/gzip.h"
#include "server/export/bundle.h"
#include "server/export/note_format.h"
#include "server/net/name.h"

#define RENDER_AT_ONCE 16384 /* bytes of state up to which a note is rendered on the loop */
#define ETAG_MAX       40

struct read_call {
    struct worker_job job; /* first: a job of ours is one of these */
    struct api *api;
    struct http_exchange *x;
    enum note_format format;
    bool download; /* as a file with a name */
    bool gzip;
    enum crdt_format yjs;
    struct buf root, sv, lang, with; /* parameters of the query; lang ends with a zero when there is one */
    struct buf state, out, name;
    /* Of what is kept: the note's id, a line feed, which no id has, and the query. The tag alone would not do: its hash
     * is no secret, so that somebody could make a query of his own whose answer has the tag of another. */
    struct buf key;
    struct sharing_call shared; /* those who want the same, by `key`, tag and kind of answer */
    struct buf same;
    uint64_t submitted_us;
    char etag[ETAG_MAX];
    int rc;
    struct pdf_failure failure;
};

static void read_free(struct read_call *c)
{
    buf_finish(&c->root);
    buf_finish(&c->sv);
    buf_finish(&c->lang);
    buf_finish(&c->with);
    buf_finish(&c->state);
    buf_finish(&c->out);
    buf_finish(&c->name);
    buf_finish(&c->key);
    buf_finish(&c->same);
    free(c);
}

/* ---- Query -------------------------------------------------------------------------------------------- */

static int parse_query(struct span query, struct read_call *c)
{
    int rc = note_query_version(query, &c->yjs);

    rc = rc ? rc : note_query_vector(query, &c->sv);
    rc = rc ? rc : note_query_text(query, "root", &c->root);
    rc = rc ? rc : note_query_lang(query, &c->lang);
    return rc ? rc : note_query_with(query, &c->with);
}

/* Whether it is to be compressed: what is no archive of its own, for who takes it. */
static bool wants_gzip(const struct read_call *c)
{
    struct span takes = http_head_get(&http_exchange_request(c->x)->head, "accept-encoding");

    return c->format != NOTE_PDF && c->format != NOTE_ZIP && respond_takes_gzip(takes);
}

/* ---- Answering ---------------------------------------------------------------------------------------- */

/* Says what ended the program, not what it said itself: that may tell of the machine. */
static void respond_pdf_failure(const struct read_call *c)
{
    const char *why = c->failure.reason, *colon = why[0] ? ": " : "";
    char detail[200];

    if (c->rc == RC_UNSUPPORTED) {
        problem_respond(c->x, PROBLEM_CONVERTER_MISSING,
                        "PDF needs WeasyPrint beside the server; other formats do not.");
    } else if (c->rc == RC_LIMIT) {
        (void)snprintf(detail, sizeof detail, "This note takes more time or memory than making a PDF may take%s%s.",
                       colon, why);
        problem_respond(c->x, PROBLEM_CONVERSION_LIMIT, detail);
    } else {
        (void)snprintf(detail, sizeof detail, "The program that makes PDF failed%s%s. Other formats can be had.", colon,
                       why);
        problem_respond(c->x, PROBLEM_CONVERTER_FAILED, detail);
    }
}

static void respond_failure(const struct read_call *c)
{
    if (c->rc == RC_STATE && !c->api->stopping) {
        problem_respond(c->x, PROBLEM_INVALID, "Several parts could be the note: name one with root.");
    } else if (c->rc == RC_TYPE) {
        problem_respond(c->x, PROBLEM_INVALID, "That root holds data, not a note.");
    } else if (c->format == NOTE_PDF && (c->rc == RC_UNSUPPORTED || c->rc == RC_LIMIT || c->rc == RC_IO)) {
        respond_pdf_failure(c);
    } else {
        problem_respond(c->x, problem_of(c->rc), NULL);
    }
}

/* Whether others who ask may get what was made: a file's name is made with it each time. */
static bool is_kept(const struct read_call *c)
{
    return c->gzip && !c->download;
}

static const char *vary(const struct read_call *c)
{
    return c->download ? "Accept-Encoding" : "Accept, Accept-Encoding";
}

static void respond_content(struct read_call *c)
{
    struct http_response r = {.status = 200, .content_type = note_format_content_type(c->format)};

    if (c->rc != RC_OK) {
        respond_failure(c);
        return;
    }
    if (is_kept(c)) {
        body_cache_put(c->api->bodies, buf_span(&c->key), c->etag, buf_span(&c->out));
    }
    if (c->gzip) {
        buf_put_str(&r.headers, "Content-Encoding: gzip\r\n");
    }
    r.body = c->out;
    c->out = (struct buf){0};
    if (c->format == NOTE_HTML) {
        respond_put_note_page_headers(&r.headers);
    } else {
        respond_put_api_headers(&r.headers);
    }
    if (c->download) {
        respond_put_attachment(&r.headers, buf_span(&c->name), note_format_name(c->format));
    }
    buf_printf(&r.headers, "ETag: %s\r\nVary: %s\r\n", c->etag, vary(c));
    http_respond(c->x, &r);
}

/* ---- Making ------------------------------------------------------------------------------------------- */

static int make(struct read_call *c, const struct crdt_doc *doc)
{
    struct bundle_options several = {.formats = 1u << NOTE_MARKDOWN | 1u << NOTE_HTML};
    struct note_format_options options = {.root = buf_span(&c->root),
                                          .lang = c->lang.len > 0 ? (const char *)c->lang.data : NULL,
                                          .with = buf_span(&c->with),
                                          .pdf = c->api->config.pdf,
                                          .failure = &c->failure};
    int rc = c->download ? bundle_note_name(doc, &options, &c->name) : RC_OK;

    if (rc != RC_OK) {
        return rc;
    }
    if (c->format == NOTE_YJS && !c->download) {
        return crdt_encode_state(doc, c->yjs, buf_span(&c->sv), &c->out);
    }
    if (c->format == NOTE_ZIP) {
        several.make = options;
        return bundle_zip_note(doc, &several, clock_wall_ms(c->api->config.clock), &c->out);
    }
    return note_format_make(doc, c->format, &options, &c->out);
}

/* What was made becomes what is sent. */
static void pack(struct read_call *c)
{
    struct buf packed = {0};

    if (c->rc == RC_OK && c->gzip) {
        c->rc = gzip_pack(buf_span(&c->out), &packed);
        buf_finish(&c->out);
        c->out = packed;
    }
}

static void pack_run(struct worker_job *job)
{
    pack((struct read_call *)(void *)job);
}

/* Whether it waited for a worker as long as making it may take. */
static bool is_late(const struct read_call *c)
{
    uint64_t waited = clock_monotonic_us(c->api->config.clock) - c->submitted_us;

    return c->format == NOTE_PDF && waited > (uint64_t)c->api->config.pdf_seconds * 1000000;
}

/* On a worker: bytes in, bytes out. */
static void make_run(struct worker_job *job)
{
    struct read_call *c = (struct read_call *)(void *)job;
    struct crdt_doc *doc;

    c->rc = is_late(c) ? RC_BUSY : crdt_doc_create(NULL, &doc);
    if (c->rc != RC_OK) {
        return;
    }
    c->rc = crdt_load(doc, CRDT_V2, buf_span(&c->state));
    if (c->rc == RC_OK) {
        c->rc = make(c, doc);
    }
    crdt_doc_destroy(doc);
    pack(c);
}

static void answer(struct read_call *c)
{
    if (c->rc != RC_OK && c->sv.len > 0) {
        problem_respond(c->x, PROBLEM_MALFORMED, "sv is no state vector.");
    } else {
        respond_content(c);
    }
    read_free(c);
}

/* What one made is what those get who waited for it. */
static void answer_all(struct read_call *first)
{
    struct sharing_call *at = sharing_end(&first->api->contents, &first->shared);

    while (at != NULL) {
        struct read_call *c = (struct read_call *)(void *)((char *)at - offsetof(struct read_call, shared));

        at = at->next;
        c->rc = first->rc;
        c->failure = first->failure;
        buf_put_span(&c->out, buf_span(&first->out));
        buf_put_span(&c->name, buf_span(&first->name));
        if (c->rc == RC_OK && (c->out.rc != RC_OK || c->name.rc != RC_OK)) {
            c->rc = RC_NOMEM;
        }
        answer(c);
    }
    answer(first);
}

static void make_done(struct completion *completion)
{
    answer_all((struct read_call *)(void *)((char *)completion - offsetof(struct worker_job, completion)));
}

/* What the note holds, as a tag: state vector and deletes, the format and the query. */
static int make_etag(struct read_call *c, const struct crdt_doc *doc)
{
    struct buf snapshot = {0};
    int rc = crdt_encode_snapshot(doc, &snapshot);
    uint64_t hash = respond_hash(RESPOND_HASH_SEED, buf_span(&snapshot));

    hash = respond_hash(hash, http_exchange_request(c->x)->head.query);
    hash = respond_hash(hash, span_str(c->api->config.version));
    snprintf(c->etag, sizeof c->etag, "\"%016" PRIx64 "-%d%s\"", hash, (int)c->format, c->gzip ? "-gzip" : "");
    buf_finish(&snapshot);
    return rc;
}

/* From RC_OK on the worker owns `c`. */
static int submit(struct read_call *c, void (*run)(struct worker_job *job))
{
    const struct api_config *config = &c->api->config;

    c->job.run = run;
    c->job.completion.done = make_done;
    c->submitted_us = clock_monotonic_us(config->clock);
    return worker_submit(c->format == NOTE_PDF ? config->pdf_workers : config->workers, &c->job);
}

/* False: nobody takes it, and `rc` says why. */
static bool hand_over(struct read_call *c, void (*run)(struct worker_job *job))
{
    int rc = submit(c, run);

    if (rc != RC_OK) {
        c->rc = rc;
    }
    return rc == RC_OK;
}

/* What was made on the loop: true when it can be sent now. */
static bool answer_or_pack(struct read_call *c)
{
    if (c->rc == RC_OK && c->gzip && c->out.len > GZIP_AT_ONCE) {
        return !hand_over(c, pack_run);
    }
    pack(c);
    return true;
}

/* Whether it is rendered from its bytes, on a worker. */
static bool is_for_worker(const struct read_call *c)
{
    return c->format != NOTE_YJS && (c->format == NOTE_PDF || c->state.len > RENDER_AT_ONCE);
}

/* Of the rooms' document: all of it that is small enough to be made there, else its bytes. */
static int read_make(void *ctx, const struct crdt_doc *doc)
{
    struct read_call *c = ctx;
    int rc = c->format == NOTE_YJS ? RC_OK : crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &c->state);

    return rc != RC_OK || is_for_worker(c) ? rc : make(c, doc);
}

static void read_made(void *ctx, int rc)
{
    struct read_call *c = ctx;

    c->rc = rc;
    if ((rc == RC_OK && is_for_worker(c)) ? !hand_over(c, make_run) : answer_or_pack(c)) {
        answer_all(c);
    }
}

/* Whether it is the first who wants that, and makes it. */
static bool is_first(struct read_call *c)
{
    int rc;

    buf_printf(&c->same, "%d %s ", (int)c->download, c->etag);
    buf_put_span(&c->same, buf_span(&c->key));
    c->shared.key = buf_span(&c->same);
    rc = c->same.rc == RC_OK ? sharing_begin(&c->api->contents, &c->shared) : RC_NOMEM;
    if (rc != RC_OK && rc != RC_NOTFOUND) {
        problem_respond(c->x, problem_of(rc), NULL);
        read_free(c);
    }
    return rc == RC_NOTFOUND;
}

static bool read_look(void *ctx, int rc, const struct crdt_doc *doc)
{
    struct read_call *c = ctx;

    if (rc == RC_OK) {
        rc = make_etag(c, doc);
    }
    if (!api_check(c->x, rc) || respond_not_modified(c->x, c->etag, vary(c))) {
        read_free(c);
        return false;
    }
    if (is_kept(c) && body_cache_get(c->api->bodies, buf_span(&c->key), c->etag, &c->out) == RC_OK) {
        c->rc = c->out.rc;
        answer(c);
        return false;
    }
    return is_first(c);
}

static const struct rooms_reader reader = {read_look, read_make, read_made};

/* Takes the exchange: reads the note, makes it, answers. */
static void read_note(struct api *api, struct http_exchange *x, struct span id, enum note_format format, bool download)
{
    struct read_call *c = calloc(1, sizeof *c);
    int rc;

    if (!api_check(x, c ? RC_OK : RC_NOMEM)) {
        return;
    }
    c->api = api;
    c->x = x;
    c->format = format;
    c->download = download;
    c->gzip = wants_gzip(c);
    buf_put_span(&c->key, id);
    buf_put_u8(&c->key, '\n');
    buf_put_span(&c->key, http_exchange_request(x)->head.query);
    if (parse_query(http_exchange_request(x)->head.query, c) != RC_OK) {
        problem_respond(
            x, PROBLEM_MALFORMED,
            "v is 1 or 2, sv a state vector in base64url, lang a language tag, with a list of images, comments, "
            "nodes, flat, align=plain, panels=cozy and tz=+HH:MM.");
        read_free(c);
        return;
    }
    rc = c->key.rc == RC_OK ? rooms_read(api->config.rooms, id, &reader, c) : RC_NOMEM;
    if (!api_check(x, rc)) {
        read_free(c);
    }
}

void content_get(struct api *api, struct http_exchange *x, struct span id)
{
    const struct http_head *head = &http_exchange_request(x)->head;
    int format = respond_choose_type(http_head_get(head, "accept"), note_format_types, NOTE_FORMATS);
    struct rooms_grant grant;

    if (!api_authorize(api, x, id, ROOMS_VIEW, &grant)) {
        return;
    }
    if (format < 0) {
        problem_respond(x, PROBLEM_NOT_ACCEPTABLE,
                        "text/markdown, text/html, text/plain, application/json, application/vnd.yjs.update or "
                        "application/pdf.");
        return;
    }
    read_note(api, x, id, (enum note_format)format, false);
}

void export_get(struct api *api, struct http_exchange *x, struct span id)
{
    const struct http_head *head = &http_exchange_request(x)->head;
    enum note_format format;
    struct rooms_grant grant;
    struct buf name = {0};
    int rc;

    if (!api_authorize(api, x, id, ROOMS_VIEW, &grant)) {
        return;
    }
    rc = net_query_get(head->query, "format", &name);
    rc = rc ? rc : note_format_of(buf_span(&name), &format);
    buf_finish(&name);
    if (rc != RC_OK) {
        problem_respond(x, PROBLEM_MALFORMED, "format is md, html, txt, json, pdf, ynote or zip.");
        return;
    }
    read_note(api, x, id, format, true);
}
