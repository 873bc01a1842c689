#ifndef SERVER_API_API_H
#define SERVER_API_API_H

/* HTTP: what requests mean. README.md of server/ has the drawing.
 *
 *     http.c ─ request ─► router (one table of routes) ─► a file per resource ─► store, rooms, workers ─► http_respond
 *
 * Errors are RFC 9457 problems with a stable code. Everything runs on the event loop; rendering of large notes runs on
 * a worker, which gets bytes and returns bytes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/crdt.h"
#include "server/base/clock.h"
#include "server/base/worker.h"
#include "server/export/pdf.h"
#include "server/net/counts.h"
#include "server/net/http.h"
#include "server/net/sse.h"
#include "server/rooms/rooms.h"
#include "server/store/store.h"

/* Figures that the api cannot know itself. */
struct api_figures {
    struct http_counts http;
    struct ws_counts ws;
    struct sse_counts sse;
    size_t websockets, streams; /* open now */
};

struct api_config {
    const char *version; /* of the program; static */
    struct rooms *rooms; /* all borrowed until api_destroy */
    struct store *store;
    struct worker_pool *workers;
    struct sse_hub *streams;
    struct worker_pool *zip_workers; /* for zips of all notes; as many jobs may wait as there are zips */
    struct worker_pool *pdf_workers; /* for PDF alone */
    struct pdf *pdf;
    unsigned pdf_seconds; /* that a PDF may take, and may wait before */
    const struct rooms_auth *auth;
    const struct clock *clock;
    void (*figures)(void *ctx, struct api_figures *out);
    void *ctx;
};

struct api;

int api_create(const struct api_config *config, struct api **out) MUST_CHECK;
/* Every exchange must have been answered. NULL is fine. */
void api_destroy(struct api *api);
/* Answers an exchange, at once or later. */
void api_request(struct api *api, struct http_exchange *x);
/* The body of an error that server/net answers itself. */
void api_refusal(unsigned status, struct http_response *out);
/* No more requests: they are answered with 503. */
void api_stop(struct api *api);

/* Title and excerpt of a note, for struct rooms_config. `ctx` is not used. */
int api_describe(void *ctx, const struct crdt_doc *doc, struct buf *title, struct buf *excerpt) MUST_CHECK;

#endif
