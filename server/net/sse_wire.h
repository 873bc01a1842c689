#ifndef SERVER_NET_SSE_WIRE_H
#define SERVER_NET_SSE_WIRE_H

/* How the messages of a note look where no WebSocket gets through (sse.h): down as an event stream (HTML Living
 * Standard, "Server-sent events"), up as bodies of POST. Pure functions on bytes.
 *
 *     event: session                          the first event of every answer
 *     data: {"session":"7.1f…","received":0}  whose posts it belongs to, and the number of the last post taken
 *
 *     id: 7.1f….1                             session and number of the message, from 1
 *     data: AAEC…                             base64 (RFC 4648, 4); a long message has several lines, whose
 *     data: …                                 characters together are the base64
 *
 *     event: close                            as a WebSocket's close frame
 *     data: {"code":1001,"reason":"restart"}
 *
 *     :                                       a comment, so that nobody on the way takes the stream for dead
 *
 * A body:  length (unsigned varint of lib0), message, length, message, … */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/net/frame.h"

#define SSE_ID_MAX   64    /* of a session, with its terminator */
#define SSE_LINE_MAX 24576 /* bytes of a message on one line; a multiple of 3, so that only the last line is padded */

/* The head of the answer: never kept, never held back. */
void sse_put_head(struct buf *out);
void sse_put_session(struct buf *out, const char *session, uint64_t received);
/* The beginning of message `number`, before its lines. */
void sse_put_message(struct buf *out, const char *session, uint64_t number);
/* A line of it: bytes `from` to `from + len` of the frame, at most SSE_LINE_MAX. */
void sse_put_line(struct buf *out, const struct frame *f, size_t from, size_t len);
/* The empty line that ends an event. */
void sse_put_end(struct buf *out);
void sse_put_comment(struct buf *out);
void sse_put_close(struct buf *out, uint16_t code, const char *reason);

/* Takes an event's id apart. RC_FORMAT: none of ours. *session is borrowed from `id`. */
int sse_parse_event_id(struct span id, struct span *session, uint64_t *number) MUST_CHECK;
/* Decimal digits, at most 15 of them (no number that JavaScript could not hold). RC_FORMAT. */
int sse_parse_number(struct span text, uint64_t *out) MUST_CHECK;
/* Takes the first message off a body, which is not empty. RC_FORMAT: the length is none, is 0, or is more than what
 * follows; the body stays as it was. */
int sse_take_message(struct span *body, struct span *message) MUST_CHECK;
/* Whether a body is one or more whole messages, or nothing at all. RC_FORMAT. */
int sse_check_body(struct span body) MUST_CHECK;

#endif
