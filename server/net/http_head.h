#ifndef SERVER_NET_HTTP_HEAD_H
#define SERVER_NET_HTTP_HEAD_H

/* The head of an HTTP/1.1 request (RFC 9110, RFC 9112), read strictly: what two readers could understand in two ways is
 * refused, since a proxy may stand in front. Pure functions on bytes; nothing is copied.
 *
 *     POST /api/v1/notes?x=1 HTTP/1.1 CRLF
 *     ^method ^path     ^query
 *     Host: notes.example CRLF
 *     ^name ^value (without the white space around it)
 *     CRLF */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define HTTP_HEAD_MAX    16384 /* bytes of a head */
#define HTTP_HEADERS_MAX 64

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };

struct http_header {
    struct span name, value;
};

/* All spans are borrowed from the bytes parsed. */
struct http_head {
    enum http_method method;
    struct span path;  /* as sent, still percent-encoded; begins with '/' */
    struct span query; /* behind the '?', still encoded; empty when none */
    bool http10;
    struct http_header header[HTTP_HEADERS_MAX];
    size_t count;
};

/* What the body is, by the headers. */
struct http_framing {
    uint64_t length; /* bytes of the body */
    bool chunked;    /* any transfer coding: refuse it with 411 */
    bool keep_alive;
    bool expect_continue;
    bool upgrade_websocket;
};

/* Bytes of the head with its empty line; 0 while it is incomplete. */
size_t http_head_end(struct span bytes);
/* Parses exactly one head. RC_FORMAT: 400; RC_LIMIT: too many headers, 431; RC_UNSUPPORTED: a version other than 1.x,
 * 505. */
int http_head_parse(struct span head, struct http_head *out) MUST_CHECK;
/* RC_FORMAT: lengths that contradict one another or are none, or not exactly one Host in HTTP/1.1. */
int http_head_framing(const struct http_head *h, struct http_framing *out) MUST_CHECK;
/* The first header of that name, compared without regard to case; an empty span when there is none. */
struct span http_head_get(const struct http_head *h, const char *name);
/* Whether a comma-separated header has this member, without regard to case, over all headers of that name. */
bool http_head_lists(const struct http_head *h, const char *name, const char *member);
/* Comparison of ASCII without regard to case. */
bool http_equal(struct span a, const char *b);
/* A method's name, static. */
const char *http_method_name(enum http_method m);

#endif
