#ifndef SERVER_BASE_GZIP_H
#define SERVER_BASE_GZIP_H

/* Compression of a body for "Content-Encoding: gzip" (RFC 1952, by zlib). Pure, any thread; about 20 ms a megabyte, so
 * that bodies above GZIP_AT_ONCE belong on a worker. */
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define GZIP_AT_ONCE 16384 /* bytes that the event loop may compress */

/* Appends `in` as one gzip member; the same input gives the same bytes. RC_NOMEM, RC_LIMIT (4 GiB or more). On failure
 * `out` is as it was. */
int gzip_pack(struct span in, struct buf *out) MUST_CHECK;

#endif
