#ifndef SERVER_API_ROUTER_H
#define SERVER_API_ROUTER_H

/* Which handler a request belongs to: one table, from which the OpenAPI description is made too.
 *
 * A pattern is a path whose segments are words or {names}; a name matches one segment, which is percent-decoded once (a
 * note whose name holds a slash comes as %2F). */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/net/http_head.h"

#define ROUTER_METHODS_MAX 8

struct api;
struct http_exchange;

struct route {
    enum http_method method;
    const char *pattern;
    /* `id`: the decoded segment of {id}, borrowed until return; empty when the pattern has none. */
    void (*handle)(struct api *api, struct http_exchange *x, struct span id);
    /* For the description: operationId, what it does, statuses "200 404", media types of the answer and of the body (""
     * for none), query parameters, headers. Lists have spaces between; "application/json=Note" names the body's schema
     * (schemas.h), "format!" is a parameter that must be there. An empty name leaves the route out. */
    const char *name, *summary, *statuses, *answers, *body, *query, *headers;
};

/* RC_OK: *out, and the id appended to `id`. RC_NOTFOUND: no such path. RC_FORMAT: the id is not well encoded or names
 * no note. RC_UNSUPPORTED: another method; `allow` gets "GET, HEAD". HEAD is served by GET. */
int router_find(const struct route *routes, size_t count, enum http_method method, struct span path,
                const struct route **out, struct buf *id, struct buf *allow) MUST_CHECK;
/* The OpenAPI 3.1 description as JSON. */
void router_describe(const struct route *routes, size_t count, const char *version, struct buf *out);

#endif
