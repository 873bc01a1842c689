#ifndef SERVER_NET_HTTP_STREAM_H
#define SERVER_NET_HTTP_STREAM_H

/* Answers in pieces: for a body that is too large to be held, or whose length is not known when it begins.
 *
 *     http_stream_begin ─► drained ─► http_stream_put ─► drained ─► … ─► http_stream_end
 *              └───────────────┴─────────────┴──────────── or gone: the exchange is over
 *
 * Pieces are asked for one at a time, so nobody holds more than one for a peer that reads slowly. Each is a chunk
 * (RFC 9112, 7.1); for HTTP/1.0 the end of the connection is the end of the body. None of the functions calls back
 * before it returns.
 *
 * Event loop thread only. */
#include <stdbool.h>
#include "crdt/base/buf.h"
#include "server/net/http.h"

struct http_stream_events {
    /* All that was given has left, the head at first: the next piece may be given, or the answer ended, now or later.
     */
    void (*drained)(void *context, struct http_exchange *x);
    /* The peer has gone, has read nothing for 30 s, or the server closes: the exchange is over. */
    void (*gone)(void *context);
};

/* The head of an answer whose body follows; `r` has none. Takes its headers over. False: nobody waits for a body, since
 * the peer has gone or asked for the head alone; the exchange is over. `events` is borrowed until it is over. */
bool http_stream_begin(struct http_exchange *x, struct http_response *r, const struct http_stream_events *events,
                       void *context) MUST_CHECK;
/* The next piece, of at least one byte, when the one before has drained. Takes it over and leaves it empty. */
void http_stream_put(struct http_exchange *x, struct buf *piece);
/* Ends the exchange; `whole` when all has drained and the body is complete. Otherwise the connection is reset at once,
 * so that nobody takes the part for the whole. */
void http_stream_end(struct http_exchange *x, bool whole);

#endif
