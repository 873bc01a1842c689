/* POST /api/v1/notes/{id}/content: a Yjs update as an edit, broadcast at once and answered after the commit. */
#include <stdlib.h>
#include "server/api/note_query.h"
#include "server/api/resources.h"
#include "server/export/note_format.h"

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
    if (note_query_version(q->head.query, &format) != RC_OK) {
        problem_respond(x, PROBLEM_MALFORMED, "v is 1 or 2.");
        return;
    }
    c = api_call_create(api, x);
    if (c && !api_check(x, rooms_apply(api->config.rooms, id, format, q->body, grant.sender, apply_done, c))) {
        free(c);
    }
}
