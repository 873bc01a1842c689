#ifndef SERVER_NET_FRAME_H
#define SERVER_NET_FRAME_H

/* One binary message on its way to any number of connections.
 *
 * A frame is immutable and counted. It holds the bytes as they stand on the wire, WebSocket headers
 * (RFC 6455, 5.2) included: a server does not mask, so the same bytes serve every connection.
 *
 * A message longer than one piece is cut into continuation frames, so that a pong or a ping may be sent between them
 * and no writer ever has to keep a control frame back for megabytes:
 *
 *     | 02 | 7e hi lo | FRAME_PIECE - 4 bytes | 00 | 7e hi lo | FRAME_PIECE - 4 bytes | 80 | len | the rest |
 *      ^ every piece but the last has exactly FRAME_PIECE bytes on the wire
 *
 * Event loop thread only (the count is not atomic). */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define FRAME_PIECE ((size_t)32768)

struct frame;

/* Joins `parts` to one binary message. Copies. The caller owns one reference and gives it back with frame_unref. */
int frame_create(const struct span *parts, size_t count, struct frame **out) MUST_CHECK;
struct frame *frame_ref(struct frame *f); /* returns `f` */
void frame_unref(struct frame *f);        /* NULL is fine */
/* Headers and payload, as sent on a WebSocket. Borrowed while the caller holds a reference. */
struct span frame_wire(const struct frame *f);
/* Bytes of the message alone. */
size_t frame_payload_len(const struct frame *f);
/* Appends the message alone, for transports that are not WebSockets. A failure is kept in out->rc. */
void frame_payload(const struct frame *f, struct buf *out);
/* Copies `len` bytes of the message alone, from byte `from` on; from + len <= frame_payload_len(f). */
void frame_copy(const struct frame *f, size_t from, size_t len, uint8_t *to);

#endif
