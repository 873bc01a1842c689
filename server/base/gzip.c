#include "server/base/gzip.h"

#include <limits.h>
#include <zlib.h>

#define LEVEL       6  /* zlib's own choice between time and size */
#define WINDOW_GZIP 31 /* the largest window, 15, and 16 for a gzip member */
#define MEMORY      8

int gzip_pack(struct span in, struct buf *out)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data, .avail_in = (uInt)in.len};
    size_t room;
    int rc;

    if (in.len > UINT_MAX / 2) {
        return RC_LIMIT;
    }
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        return RC_NOMEM;
    }
    room = deflateBound(&z, (uLong)in.len);
    rc = buf_reserve(out, room);
    if (rc == RC_OK) {
        z.next_out = out->data + out->len;
        z.avail_out = (uInt)room;
        rc = deflate(&z, Z_FINISH) == Z_STREAM_END ? RC_OK : RC_NOMEM; /* the bound holds: it ends at once */
    }
    if (rc == RC_OK) {
        out->len += room - z.avail_out;
    }
    deflateEnd(&z);
    return rc;
}
