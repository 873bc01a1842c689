/* /api/v1/notes/{id}/sync: the WebSocket's messages for networks that block it (server/net/sse.h).
 *
 *     GET     an event stream: a new session, or with Last-Event-ID the one that it names
 *     POST    messages of the session: Sync-Session says which, Sync-Number counts the posts from 1
 *     DELETE  the client leaves
 *
 * Who may read a note may open a session; what of it is an edit the rooms judge, message by message, as on a WebSocket.
 * A session's name is a secret, and whoever knows it must still be somebody who may read the note. */
#include "server/api/resources.h"
#include "server/net/name.h"
#include "server/net/sse.h"
#include "server/net/sse_wire.h"
#include "server/net/token.h"

#define GONE "The session has ended; open a new one and synchronise again."

static void respond_done(struct http_exchange *x)
{
    struct http_response r = {.status = 204};

    respond_put_api_headers(&r.headers);
    http_respond(x, &r);
}

/* ---- GET --------------------------------------------------------------------------------------------------------- */

static bool wants_poll(const struct http_head *head)
{
    struct buf value = {0};
    bool poll = net_query_get(head->query, "poll", &value) == RC_OK && span_equal(buf_span(&value), span_str("1"));

    buf_finish(&value);
    return poll;
}

static void open_session(struct api *api, struct http_exchange *x, struct span note, struct span token)
{
    const struct http_request *q = http_exchange_request(x);
    struct channel_opening o = {CONN_SSE, note, token, q->peer};
    int rc = sse_hub_open(api->config.streams, x, &o, wants_poll(&q->head));

    if (rc != RC_OK) {
        problem_respond(x, rc == RC_STATE ? PROBLEM_STOPPING : PROBLEM_BUSY, NULL);
    }
}

static void resume_session(struct api *api, struct http_exchange *x, struct span note, struct span last)
{
    bool poll = wants_poll(&http_exchange_request(x)->head);

    if (sse_hub_resume(api->config.streams, x, note, last, poll) != RC_OK) {
        problem_respond(x, PROBLEM_SYNC_GONE, GONE);
    }
}

static void start_stream(struct api *api, struct http_exchange *x, struct span id, struct span token)
{
    const struct http_request *q = http_exchange_request(x);
    struct span last = http_head_get(&q->head, "last-event-id");
    struct http_response only_head = {.status = 200, .content_type = "text/event-stream"};

    if (q->head.method == HTTP_HEAD) {
        respond_put_api_headers(&only_head.headers);
        http_respond(x, &only_head);
    } else if (last.len > 0) {
        resume_session(api, x, id, last);
    } else {
        open_session(api, x, id, token);
    }
}

void sync_get(struct api *api, struct http_exchange *x, struct span id)
{
    static const char *const types[] = {"text/event-stream"};
    const struct http_request *q = http_exchange_request(x);
    struct rooms_grant grant;
    struct buf token = {0};

    token_of_request(&q->head, &token);
    if (!q->same_origin) { /* as a WebSocket's: a page elsewhere must not act with a reader's rights */
        problem_respond(x, PROBLEM_FOREIGN_ORIGIN, NULL);
    } else if (respond_choose_type(http_head_get(&q->head, "accept"), types, 1) < 0) {
        problem_respond(x, PROBLEM_NOT_ACCEPTABLE, "text/event-stream.");
    } else if (api_authorize_token(api, x, id, buf_span(&token), ROOMS_VIEW, &grant)) {
        start_stream(api, x, id, buf_span(&token));
    }
    buf_finish(&token);
}

/* ---- POST, DELETE ------------------------------------------------------------------------------------------------ */

static void answer_post(struct http_exchange *x, int rc)
{
    switch (rc) {
    case RC_OK:
    case RC_EXISTS: /* the answer to the first was lost */
        respond_done(x);
        break;
    case RC_NOTFOUND:
        problem_respond(x, PROBLEM_SYNC_GONE, GONE);
        break;
    case RC_RANGE:
        problem_respond(x, PROBLEM_SYNC_ORDER, "Posts are numbered from 1, and taken in that order.");
        break;
    case RC_BUSY:
        problem_respond(x, PROBLEM_BUSY, "The post before is not answered yet.");
        break;
    default:
        problem_respond(x, PROBLEM_MALFORMED, "The body is messages, each behind its length as a varint.");
        break;
    }
}

static void post_done(void *ctx, struct http_exchange *x, int rc)
{
    (void)ctx;
    answer_post(x, rc);
}

void sync_post(struct api *api, struct http_exchange *x, struct span id)
{
    const struct http_head *head = &http_exchange_request(x)->head;
    struct sse_post post = {.note = id, .session = http_head_get(head, "sync-session"), .done = post_done};
    struct rooms_grant grant;
    int rc;

    if (!api_authorize(api, x, id, ROOMS_VIEW, &grant)) {
        return;
    }
    if (!respond_is_type(http_head_get(head, "content-type"), "application/octet-stream")) {
        problem_respond(x, PROBLEM_MEDIA_TYPE, "Send application/octet-stream.");
        return;
    }
    if (post.session.len == 0 || sse_parse_number(http_head_get(head, "sync-number"), &post.number) != RC_OK ||
        post.number == 0) {
        problem_respond(x, PROBLEM_MALFORMED, "Sync-Session names the session, Sync-Number is a number from 1.");
        return;
    }
    rc = sse_hub_post(api->config.streams, x, &post);
    if (rc != RC_OK) {
        answer_post(x, rc);
    }
}

void sync_leave(struct api *api, struct http_exchange *x, struct span id)
{
    const struct http_head *head = &http_exchange_request(x)->head;
    struct span session = http_head_get(head, "sync-session"), number = http_head_get(head, "sync-number");
    struct rooms_grant grant;
    uint64_t after = 0;

    if (!api_authorize(api, x, id, ROOMS_VIEW, &grant)) {
        return;
    }
    if (session.len == 0 || (number.len > 0 && sse_parse_number(number, &after) != RC_OK)) {
        problem_respond(x, PROBLEM_MALFORMED, "Sync-Session names the session, Sync-Number its last post.");
    } else if (sse_hub_leave(api->config.streams, id, session, after) != RC_OK) {
        problem_respond(x, PROBLEM_SYNC_GONE, GONE);
    } else {
        respond_done(x);
    }
}
