#include "server/api/api.h"

#include <stdlib.h>
#include "server/api/resources.h"
#include "server/api/router.h"
#include "server/net/token.h"

static void openapi(struct api *api, struct http_exchange *x, struct span id);

#define BODIES_MAX ((size_t)32 << 20) /* bytes of compressed contents that are kept */

#define JSON(schema) "application/json=" schema
#define HEALTH       "application/health+json=Health"
#define MARKDOWN     "text/markdown=Text"
#define HTML         "text/html=Text"
#define PLAIN        "text/plain=Text"
#define YJS          "application/vnd.yjs.update"
#define STREAM       "text/event-stream=Text"
#define MESSAGES     "application/octet-stream"
#define PDF          "application/pdf"
#define ZIP          "application/zip"

static const struct route routes[] = {
    {HTTP_GET, "/healthz", health_live, "live", "Whether the process answers", "200", HEALTH, "", "", ""},
    {HTTP_GET, "/readyz", health_ready, "ready", "Whether notes can be read and written", "200 503", HEALTH, "", "",
     ""},
    {HTTP_GET, "/version", health_version, "version", "Version of the program", "200", JSON("Version"), "", "", ""},
    {HTTP_GET, "/metrics", health_metrics, "metrics", "Figures for Prometheus", "200", PLAIN, "", "", ""},
    {HTTP_GET, "/api/openapi.json", openapi, "openapi", "This description", "200", JSON("Description"), "", "", ""},
    {HTTP_GET, "/api/v1/notes", notes_list, "listNotes", "Notes, the newest edit first; further pages by Link",
     "200 400 503", JSON("NoteList"), "", "limit cursor", ""},
    {HTTP_POST, "/api/v1/notes", notes_create, "createNote", "A new note; a title becomes its first heading",
     "201 400 403 409 413 415 422 501 503 507", JSON("MadeNote"), JSON("NewNote"), "", "Idempotency-Key"},
    {HTTP_GET, "/api/v1/notes.zip", notes_zip, "exportNotes",
     "All notes that may be read, as files with an index; formats are md, html, txt, json, ynote with commas between",
     "200 400 503", ZIP, "", "formats lang with", ""},
    {HTTP_GET, "/api/v1/notes/{id}", notes_get, "getNote", "What a list says of a note", "200 304 400 404 503",
     JSON("Note"), "", "", ""},
    {HTTP_GET, "/api/v1/notes/{id}/content", content_get, "getContent", "The note in the format that Accept prefers",
     "200 304 400 404 406 422 500 501 503 504", MARKDOWN " " HTML " " PLAIN " " JSON("Document") " " YJS " " PDF, "",
     "v sv root lang with", ""},
    {HTTP_GET, "/api/v1/notes/{id}/export", export_get, "exportNote",
     "The note as a file: format is md, html, txt, json, pdf, ynote (a Yjs update, v2) or zip (Markdown and HTML)",
     "200 304 400 404 422 500 501 503 504", MARKDOWN " " HTML " " PLAIN " " JSON("Document") " " PDF " " YJS " " ZIP,
     "", "format! root lang with", ""},
    {HTTP_POST, "/api/v1/notes/{id}/content", content_post, "applyUpdate",
     "Applies a Yjs update as an edit; answered when it is on the disk", "204 400 403 404 413 415 422 500 503 507", "",
     YJS, "v", ""},
    {HTTP_GET, "/api/v1/notes/{id}/sync", sync_get, "openSync",
     "The note's messages as events, where WebSockets are blocked; Last-Event-ID goes on with a session",
     "200 400 401 403 404 406 410 503", STREAM, "", "token poll", "Last-Event-ID"},
    {HTTP_POST, "/api/v1/notes/{id}/sync", sync_post, "sendSync", "Messages to the note, each behind its length",
     "204 400 401 403 404 409 410 413 415 503", "", MESSAGES, "", "Sync-Session! Sync-Number!"},
    {HTTP_DELETE, "/api/v1/notes/{id}/sync", sync_leave, "leaveSync", "Ends a session, behind its last post",
     "204 400 401 403 404 410 503", "", "", "", "Sync-Session! Sync-Number"},
};
#define ROUTES (sizeof routes / sizeof *routes)

static void openapi(struct api *api, struct http_exchange *x, struct span id)
{
    struct buf body = {0};

    (void)id;
    router_describe(routes, ROUTES, api->config.version, &body);
    respond_json(x, 200, &body);
}

int api_create(const struct api_config *config, struct api **out)
{
    struct api *api = calloc(1, sizeof *api);

    if (!api) {
        return RC_NOMEM;
    }
    if (idempotency_create(config->clock, &api->keys) != RC_OK ||
        body_cache_create(BODIES_MAX, &api->bodies) != RC_OK) {
        api_destroy(api);
        return RC_NOMEM;
    }
    api->config = *config;
    *out = api;
    return RC_OK;
}

void api_destroy(struct api *api)
{
    if (api) {
        idempotency_destroy(api->keys);
        body_cache_destroy(api->bodies);
    }
    free(api);
}

void api_stop(struct api *api)
{
    api->stopping = true;
}

void api_refusal(unsigned status, struct http_response *out)
{
    problem_response(problem_of_status(status), NULL, out);
}

static void answer_unknown(struct http_exchange *x, int rc, struct buf *allow)
{
    struct http_response r = {0};

    problem_response(rc == RC_NOTFOUND      ? PROBLEM_NOT_FOUND
                     : rc == RC_UNSUPPORTED ? PROBLEM_METHOD
                                            : PROBLEM_MALFORMED,
                     rc == RC_FORMAT ? "That is no name of a note." : NULL, &r);
    if (rc == RC_UNSUPPORTED) {
        buf_printf(&r.headers, "Allow: %.*s\r\n", (int)allow->len, (const char *)allow->data);
    }
    http_respond(x, &r);
}

void api_request(struct api *api, struct http_exchange *x)
{
    const struct http_request *q = http_exchange_request(x);
    bool reads = q->head.method == HTTP_GET || q->head.method == HTTP_HEAD;
    struct buf id = {0}, allow = {0};
    const struct route *route;
    int rc;

    if (reads && pages_get(x)) {
        return;
    }
    rc = router_find(routes, ROUTES, q->head.method, q->head.path, &route, &id, &allow);
    if (rc != RC_OK) {
        answer_unknown(x, rc, &allow);
    } else if (!reads && !q->same_origin) {
        problem_respond(x, PROBLEM_FOREIGN_ORIGIN, NULL);
    } else if (api->stopping) {
        problem_respond(x, PROBLEM_STOPPING, NULL);
    } else {
        route->handle(api, x, buf_span(&id));
    }
    buf_finish(&id);
    buf_finish(&allow);
}

struct api_call *api_call_create(struct api *api, struct http_exchange *x)
{
    struct api_call *c = calloc(1, sizeof *c);

    if (!c) {
        problem_respond(x, PROBLEM_BUSY, NULL);
        return NULL;
    }
    c->api = api;
    c->x = x;
    return c;
}

bool api_authorize(struct api *api, struct http_exchange *x, struct span note, enum rooms_right least,
                   struct rooms_grant *out)
{
    return api_authorize_token(api, x, note, token_of_header(&http_exchange_request(x)->head), least, out);
}

bool api_authorize_token(struct api *api, struct http_exchange *x, struct span note, struct span token,
                         enum rooms_right least, struct rooms_grant *out)
{
    struct rooms_request request = {.note = note, .token = token, .peer = http_exchange_request(x)->peer};

    *out = (struct rooms_grant){0};
    api->config.auth->authorize(api->config.auth->ctx, &request, out);
    if (out->right >= least) {
        return true;
    }
    problem_respond(x,
                    out->right != ROOMS_NONE          ? PROBLEM_FORBIDDEN
                    : out->code == CONN_CLOSE_UNKNOWN ? PROBLEM_UNAUTHENTICATED
                                                      : PROBLEM_NOT_FOUND,
                    NULL);
    return false;
}

bool api_check(struct http_exchange *x, int rc)
{
    if (rc != RC_OK) {
        problem_respond(x, problem_of(rc), NULL);
    }
    return rc == RC_OK;
}
