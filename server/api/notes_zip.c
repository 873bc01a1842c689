/* GET /api/v1/notes.zip: all notes that the one who asks may read, as files in an archive with an index.
 *
 *     the roll of names ─► the answer begins
 *              ┌─ next note: may he read it? ─► store ─► worker: document, its files into the zip ─► a piece ─┐
 *              └────────────────────────────────── when that has left ◄───────────────────────────────────────┘
 *     the worker: index and directory ─► the last piece ─► the answer ends
 *
 * There is one note at a time, and the next is begun when the last has left: a download costs the memory of one note,
 * whatever the number of notes and however slowly it is read, and no thread waits for it. What cannot be exported
 * stands in a file of the archive. Notes are those in the store, as each is when its turn comes.
 *
 * `zip` and `bundle` belong to the worker while a job is under way, else to the loop. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "server/api/note_query.h"
#include "server/api/note_roll.h"
#include "server/api/resources.h"
#include "server/base/log.h"
#include "server/export/bundle.h"
#include "server/export/zip_stream.h"
#include "server/net/http_stream.h"
#include "server/net/token.h"
#include "server/rooms/load.h"

#define ZIPS_MOST 4 /* at once */

struct zip_call {
    struct worker_job job; /* first: a job of ours is one of these */
    struct api *api;
    struct http_exchange *x; /* NULL: nobody waits for the rest */
    bool busy;               /* the store or a worker will call back: who must free it */
    bool ended;              /* the archive is complete */
    unsigned formats;
    struct buf lang, with;
    struct note_roll roll;
    size_t next;                   /* in the roll */
    struct store_content *content; /* of the note before that, for the worker */
    struct zip_stream *zip;
    struct bundle *bundle;
    struct buf piece; /* what the zip has written and nobody has sent */
    int rc;           /* the worker's: why the archive cannot go on */
};

static void step(struct zip_call *c);

static void call_free(struct zip_call *c)
{
    c->api->zips--;
    bundle_destroy(c->bundle);
    zip_stream_destroy(c->zip);
    store_content_unref(c->content);
    note_roll_finish(&c->roll);
    buf_finish(&c->lang);
    buf_finish(&c->with);
    buf_finish(&c->piece);
    free(c);
}

/* ---- The answer ------------------------------------------------------------------------------------------------- */

/* The peer sees that it has not got all. */
static void cut(struct zip_call *c, int rc)
{
    log_event(LOG_LEVEL_WARN, "api.zip_cut", "notes=%zu of=%zu error=%s", c->next, c->roll.count, rc_name(rc));
    http_stream_end(c->x, false);
    call_free(c);
}

/* What was called for is there. False: nobody waits for it any more. */
static bool resume(struct zip_call *c)
{
    c->busy = false;
    if (!c->x) {
        call_free(c);
        return false;
    }
    return true;
}

static void drained(void *context, struct http_exchange *x)
{
    struct zip_call *c = context;

    if (c->ended) {
        http_stream_end(x, true);
        call_free(c);
    } else {
        step(c);
    }
}

static void gone(void *context)
{
    struct zip_call *c = context;

    c->x = NULL;
    if (!c->busy) {
        call_free(c);
    }
}

/* ---- On the worker ---------------------------------------------------------------------------------------------- */

static int take_bytes(void *ctx, struct span bytes)
{
    struct zip_call *c = ctx;

    buf_put_span(&c->piece, bytes);
    return c->piece.rc;
}

/* The note before `next`. What is wrong with it alone does not end the archive. */
static void add_run(struct worker_job *job)
{
    struct zip_call *c = (struct zip_call *)(void *)job;
    struct crdt_doc *doc;
    int note_rc = load_document(c->content, 0, &doc);
    struct span name = note_roll_name(&c->roll, c->next - 1);

    c->rc = RC_OK;
    if (note_rc == RC_OK) {
        c->rc = bundle_add(c->bundle, doc, note_roll_changed_ms(&c->roll, c->next - 1), &note_rc);
        crdt_doc_destroy(doc);
        name = bundle_last_name(c->bundle);
    }
    if (c->rc == RC_OK && note_rc != RC_OK) {
        c->rc = bundle_miss(c->bundle, name, note_rc);
    }
}

static void end_run(struct worker_job *job)
{
    struct zip_call *c = (struct zip_call *)(void *)job;

    c->rc = bundle_end(c->bundle);
    c->rc = c->rc ? c->rc : zip_stream_end(c->zip);
    c->ended = true;
}

static void job_done(struct completion *completion)
{
    struct zip_call *c = (struct zip_call *)(void *)((char *)completion - offsetof(struct worker_job, completion));

    store_content_unref(c->content);
    c->content = NULL;
    if (!resume(c)) {
        return;
    }
    if (c->rc != RC_OK) {
        cut(c, c->rc);
    } else if (c->piece.len > 0) {
        http_stream_put(c->x, &c->piece);
    } else {
        step(c);
    }
}

static void submit(struct zip_call *c, void (*run)(struct worker_job *job))
{
    int rc;

    c->job.run = run;
    c->job.completion.done = job_done;
    c->busy = true;
    rc = worker_submit(c->api->config.zip_workers, &c->job);
    if (rc != RC_OK) {
        cut(c, rc);
    }
}

/* ---- Note by note ----------------------------------------------------------------------------------------------- */

static bool may_read(const struct zip_call *c, struct span note)
{
    const struct http_request *q = http_exchange_request(c->x);
    struct rooms_request request = {.note = note, .token = token_of_header(&q->head), .peer = q->peer};
    struct rooms_grant grant = {0};

    c->api->config.auth->authorize(c->api->config.auth->ctx, &request, &grant);
    return grant.right >= ROOMS_VIEW;
}

static void loaded(void *ctx, const struct store_answer *answer)
{
    struct zip_call *c = ctx;
    int rc = answer->rc;

    if (!resume(c)) {
        return;
    }
    if (rc == RC_OK) {
        c->content = store_content_ref(answer->content);
        submit(c, add_run);
        return;
    }
    if (rc != RC_NOTFOUND) {
        rc = bundle_miss(c->bundle, note_roll_name(&c->roll, c->next - 1), rc);
    }
    if (rc == RC_NOMEM) {
        cut(c, rc);
    } else {
        step(c);
    }
}

/* Goes on with the next note that may be read, or to the end. */
static void step(struct zip_call *c)
{
    int rc;

    if (c->api->stopping) {
        cut(c, RC_STATE);
        return;
    }
    while (c->next < c->roll.count && !may_read(c, note_roll_name(&c->roll, c->next))) {
        c->next++;
    }
    if (c->next == c->roll.count) {
        submit(c, end_run);
        return;
    }
    c->busy = true;
    rc = store_load(c->api->config.store, note_roll_name(&c->roll, c->next++),
                    (struct store_reply){.call = loaded, .ctx = c});
    if (rc != RC_OK) {
        cut(c, rc);
    }
}

/* ---- Beginning -------------------------------------------------------------------------------------------------- */

static int open_archive(struct zip_call *c)
{
    struct bundle_options options = {
        .formats = c->formats,
        .make = {.lang = c->lang.len > 0 ? (const char *)c->lang.data : NULL, .with = buf_span(&c->with)}};
    int rc = zip_stream_create(take_bytes, c, &c->zip);

    return rc ? rc : bundle_create(&options, zip_stream_sink(c->zip), &c->bundle);
}

static void put_file_name(struct zip_call *c, struct buf *headers)
{
    time_t seconds = (time_t)(clock_wall_ms(c->api->config.clock) / 1000);
    char name[24] = "notes";
    struct tm tm;

    if (gmtime_r(&seconds, &tm)) {
        strftime(name, sizeof name, "notes %Y-%m-%d", &tm);
    }
    respond_put_attachment(headers, span_str(name), note_format_name(NOTE_ZIP));
}

static void gathered(void *ctx, int rc)
{
    static const struct http_stream_events events = {drained, gone};
    struct zip_call *c = ctx;
    struct http_response r = {.status = 200, .content_type = note_format_content_type(NOTE_ZIP)};

    rc = rc ? rc : open_archive(c);
    if (!api_check(c->x, rc)) {
        call_free(c);
        return;
    }
    c->busy = false;
    respond_put_api_headers(&r.headers);
    put_file_name(c, &r.headers);
    if (!http_stream_begin(c->x, &r, &events, c)) {
        call_free(c);
    }
}

static int parse_query(struct span query, struct zip_call *c)
{
    struct buf text = {0};
    int rc = note_query_text(query, "formats", &text);

    c->formats = 1u << NOTE_MARKDOWN | 1u << NOTE_HTML;
    if (rc == RC_OK && text.len > 0) {
        rc = note_format_list(buf_span(&text), &c->formats);
    }
    buf_finish(&text);
    rc = rc == RC_OK && (c->formats & 1u << NOTE_PDF) ? RC_UNSUPPORTED : rc;
    rc = rc ? rc : note_query_lang(query, &c->lang);
    return rc ? rc : note_query_with(query, &c->with);
}

static void start(struct zip_call *c)
{
    int rc = parse_query(http_exchange_request(c->x)->head.query, c);

    if (rc != RC_OK) {
        problem_respond(
            c->x, PROBLEM_MALFORMED,
            "formats is a list of md, html, txt, json and ynote with commas between (PDF of all notes is made "
            "by cahier export), lang a language tag, with as for one note.");
        call_free(c);
        return;
    }
    c->busy = true;
    if (!api_check(c->x, note_roll_gather(&c->roll, c->api->config.store, gathered, c))) {
        call_free(c);
    }
}

void notes_zip(struct api *api, struct http_exchange *x, struct span id)
{
    struct zip_call *c = api->zips < ZIPS_MOST ? calloc(1, sizeof *c) : NULL;

    (void)id;
    if (!api_check(x, c ? RC_OK : RC_BUSY)) {
        return;
    }
    api->zips++;
    c->api = api;
    c->x = x;
    start(c);
}
