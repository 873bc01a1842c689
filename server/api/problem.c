#include "server/api/problem.h"

#include "server/api/respond.h"
#include "server/base/json_text.h"

static const struct {
    unsigned status;
    const char *code, *title;
} rows[PROBLEM_COUNT] = {
#define PROBLEM_ROW(name, status, code, title) {status, code, title},
    PROBLEM_TABLE(PROBLEM_ROW)
#undef PROBLEM_ROW
};

unsigned problem_status(enum problem p)
{
    return rows[p].status;
}

const char *problem_code(enum problem p)
{
    return rows[p].code;
}

void problem_response(enum problem p, const char *detail, struct http_response *out)
{
    out->status = rows[p].status;
    out->content_type = "application/problem+json";
    respond_put_api_headers(&out->headers);
    if (out->status == 503) {
        buf_put_str(&out->headers, "Retry-After: 2\r\n");
    }
    buf_printf(&out->body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"code\":\"%s\"", rows[p].title,
               rows[p].status, rows[p].code);
    if (detail) {
        buf_put_str(&out->body, ",\"detail\":");
        json_put_string(&out->body, span_str(detail));
    }
    buf_put_str(&out->body, "}\n");
}

void problem_respond(struct http_exchange *x, enum problem p, const char *detail)
{
    struct http_response r = {0};

    problem_response(p, detail, &r);
    http_respond(x, &r);
}

enum problem problem_of(int rc)
{
    switch (rc) {
    case RC_NOTFOUND:
        return PROBLEM_NOT_FOUND;
    case RC_FORMAT:
    case RC_RANGE:
        return PROBLEM_INVALID;
    case RC_LIMIT:
        return PROBLEM_NOTE_TOO_LARGE;
    case RC_DENIED:
        return PROBLEM_FORBIDDEN;
    case RC_FULL:
        return PROBLEM_DISK_FULL;
    case RC_IO:
        return PROBLEM_READ_ONLY;
    case RC_CORRUPT:
        return PROBLEM_DAMAGED;
    case RC_STATE:
        return PROBLEM_STOPPING;
    case RC_BUSY:
    case RC_NOMEM:
        return PROBLEM_BUSY;
    default:
        return PROBLEM_INTERNAL;
    }
}

enum problem problem_of_status(unsigned status)
{
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        if (rows[i].status == status) {
            return (enum problem)i;
        }
    }
    return PROBLEM_INTERNAL;
}
