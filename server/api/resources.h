#ifndef SERVER_API_RESOURCES_H
#define SERVER_API_RESOURCES_H

/* What the files of this folder share: the context, and a handler for each route. */
#include <stdbool.h>
#include "server/api/api.h"
#include "server/api/body_cache.h"
#include "server/api/idempotency.h"
#include "server/api/problem.h"
#include "server/api/respond.h"
#include "server/api/sharing.h"

struct api {
    struct api_config config;
    struct idempotency *keys;  /* of POSTs that make something */
    struct body_cache *bodies; /* compressed contents */
    struct sharing contents;   /* that are being made */
    size_t zips;               /* of all notes, under way */
    bool stopping;
};

/* One request that waits for an answer of store or rooms. Freed by whoever answers it. */
struct api_call {
    struct api *api;
    struct http_exchange *x;
};
/* NULL: out of memory, and answered so. */
struct api_call *api_call_create(struct api *api, struct http_exchange *x);

/* What the one who asks may do with a note; answers and returns false when that is less than `least`. */
bool api_authorize(struct api *api, struct http_exchange *x, struct span note, enum rooms_right least,
                   struct rooms_grant *out);
/* The same for a token that came elsewhere than in the Authorization header. */
bool api_authorize_token(struct api *api, struct http_exchange *x, struct span note, struct span token,
                         enum rooms_right least, struct rooms_grant *out);
/* Answers when `rc` is a failure; true when it is RC_OK. */
bool api_check(struct http_exchange *x, int rc);

/* health.c */
void health_live(struct api *api, struct http_exchange *x, struct span id);
void health_ready(struct api *api, struct http_exchange *x, struct span id);
void health_version(struct api *api, struct http_exchange *x, struct span id);
void health_metrics(struct api *api, struct http_exchange *x, struct span id);
/* notes.c */
void notes_list(struct api *api, struct http_exchange *x, struct span id);
void notes_create(struct api *api, struct http_exchange *x, struct span id);
void notes_get(struct api *api, struct http_exchange *x, struct span id);
/* note_read.c */
void content_get(struct api *api, struct http_exchange *x, struct span id);
void export_get(struct api *api, struct http_exchange *x, struct span id);
/* note_body.c */
void content_post(struct api *api, struct http_exchange *x, struct span id);
/* notes_zip.c */
void notes_zip(struct api *api, struct http_exchange *x, struct span id);
/* sync.c */
void sync_get(struct api *api, struct http_exchange *x, struct span id);
void sync_post(struct api *api, struct http_exchange *x, struct span id);
void sync_leave(struct api *api, struct http_exchange *x, struct span id);
/* pages.c: the page and its files; false when none has that path */
bool pages_get(struct http_exchange *x);

#endif
