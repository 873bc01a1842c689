/* Exchanges and the answers to them: http.h says what they promise, http_conn.h where this stands. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "server/net/http_conn.h"

/* ---- Exchanges --------------------------------------------------------------------------------------------------- */

const struct http_request *http_exchange_request(const struct http_exchange *x)
{
    return &x->request;
}

void http_exchange_set_user(struct http_exchange *x, void *user)
{
    x->user = user;
}

void *http_exchange_user(const struct http_exchange *x)
{
    return x->user;
}

void http_exchange_free(struct http_exchange *x)
{
    x->site->exchanges--;
    arrivals_end(x->site->options.arrivals, &x->arriving);
    buf_finish(&x->head);
    buf_finish(&x->body);
    buf_finish(&x->piece);
    free(x);
}

int http_exchange_take(struct http_exchange *x)
{
    struct http_conn *c = x->conn;
    int fd = -1;

    if (c) {
        assert(c->state == HTTP_CONN_BUSY && c->x == x);
        c->site->counts.by_class[2]++;
        fd = http_conn_take_fd(c);
        c->x = NULL;
    }
    http_exchange_free(x);
    if (c && !c->running) {
        http_conn_close(c);
    }
    return fd;
}

/* ---- Answers ----------------------------------------------------------------------------------------------------- */

const char *http_status_text(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } row[] = {{200, "OK"},
               {201, "Created"},
               {202, "Accepted"},
               {204, "No Content"},
               {304, "Not Modified"},
               {400, "Bad Request"},
               {401, "Unauthorized"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {406, "Not Acceptable"},
               {409, "Conflict"},
               {410, "Gone"},
               {411, "Length Required"},
               {412, "Precondition Failed"},
               {413, "Content Too Large"},
               {415, "Unsupported Media Type"},
               {417, "Expectation Failed"},
               {421, "Misdirected Request"},
               {422, "Unprocessable Content"},
               {423, "Locked"},
               {426, "Upgrade Required"},
               {429, "Too Many Requests"},
               {431, "Request Header Fields Too Large"},
               {500, "Internal Server Error"},
               {501, "Not Implemented"},
               {503, "Service Unavailable"},
               {504, "Gateway Timeout"},
               {505, "HTTP Version Not Supported"},
               {507, "Insufficient Storage"}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (row[i].status == status) {
            return row[i].text;
        }
    }
    return "Unknown";
}

void http_response_finish(struct http_response *r)
{
    buf_finish(&r->headers);
    buf_finish(&r->body);
}

static void put_date(struct buf *out)
{
    char text[40];
    time_t t = time(NULL);
    struct tm tm;

    if (gmtime_r(&t, &tm) && strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm) > 0) {
        buf_put_str(out, text);
    }
}

void http_put_head(struct http_conn *c, const struct http_response *r, const char *framing)
{
    buf_clear(&c->out);
    buf_printf(&c->out, "HTTP/1.1 %u %s\r\n", r->status, http_status_text(r->status));
    put_date(&c->out);
    if (r->content_type) {
        buf_printf(&c->out, "Content-Type: %s\r\n", r->content_type);
    }
    buf_put_str(&c->out, framing);
    buf_put_span(&c->out, buf_span(&r->headers));
    buf_put_str(&c->out, c->keep ? "\r\n" : "Connection: close\r\n\r\n");
    c->site->counts.by_class[r->status / 100 % 6]++;
}

/* Puts the answer together and makes the connection send it. */
static void answer(struct http_conn *c, bool head_only, struct http_response *r)
{
    bool no_body = r->status == 204 || r->status == 304 || r->status < 200;
    char framing[48] = "";

    if (r->headers.rc != RC_OK || r->body.rc != RC_OK) {
        http_response_finish(r);
        *r = (struct http_response){.status = 500};
    }
    if (no_body) {
        r->content_type = NULL;
    } else {
        snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", r->fixed.data ? r->fixed.len : r->body.len);
    }
    http_put_head(c, r, framing);
    if (!no_body && !head_only) {
        c->fixed = r->fixed;
        buf_put_span(&c->out, r->fixed.data ? span_of(NULL, 0) : buf_span(&r->body));
    }
    http_response_finish(r);
    if (c->out.rc != RC_OK) {
        c->state = HTTP_CONN_DEAD; /* out of memory: nothing can be said */
    } else {
        http_conn_set_state(c, HTTP_CONN_WRITING, HTTP_WRITE_TIME);
    }
}

void http_refuse(struct http_conn *c, unsigned status, const char *header)
{
    struct http_response r = {.status = status};

    c->site->counts.refused++;
    c->keep = false;
    c->dirty_end = true;
    c->site->handler->refusal(c->site->context, status, &r);
    r.status = status;
    if (header) {
        buf_put_str(&r.headers, header);
    }
    answer(c, false, &r);
}

void http_respond(struct http_exchange *x, struct http_response *r)
{
    struct http_conn *c = x->conn;

    if (!c) {
        http_response_finish(r);
        http_exchange_free(x);
        return;
    }
    assert(c->state == HTTP_CONN_BUSY && c->x == x);
    c->x = NULL;
    c->keep = c->keep && !c->site->stopping;
    answer(c, x->request.head.method == HTTP_HEAD, r);
    http_exchange_free(x);
    if (!c->running) {
        http_conn_run(c);
    }
}
