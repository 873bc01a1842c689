#ifndef SERVER_NET_TOKEN_H
#define SERVER_NET_TOKEN_H

/* The token that says who asks. A browser's WebSocket and EventSource can set no header, so that theirs comes in the
 * query; everything else sends "Authorization: Bearer …". Never log either. Pure functions on bytes. */
#include "crdt/base/buf.h"
#include "crdt/base/span.h"
#include "server/net/http_head.h"

/* Of the Authorization header; empty when there is none. Borrowed from the head. */
struct span token_of_header(const struct http_head *head);
/* Of the query (`token=`), else of the header. Appends nothing when there is none; a failure is kept in out->rc. */
void token_of_request(const struct http_head *head, struct buf *out);

#endif
