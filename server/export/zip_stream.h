#ifndef SERVER_EXPORT_ZIP_STREAM_H
#define SERVER_EXPORT_ZIP_STREAM_H

/* A zip archive written as a stream: each file leaves as it is added, and all that stays until the end is the archive's
 * directory, about 100 bytes and the name for each file. Names are UTF-8, as the zip says (APPNOTE 6.3, appendix D). */
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/export/file_sink.h"

struct zip_stream;

/* `write` takes the archive's bytes as they come; its failure ends the archive, and is the code that zip_stream_add or
 * _end return. */
int zip_stream_create(int (*write)(void *ctx, struct span bytes), void *ctx, struct zip_stream **out) MUST_CHECK;
/* One file, deflated. `path` is UTF-8. */
int zip_stream_add(struct zip_stream *zip, const char *path, struct span bytes, int64_t changed_ms) MUST_CHECK;
/* The directory; nothing more can be added. */
int zip_stream_end(struct zip_stream *zip) MUST_CHECK;
/* An archive that was not ended is of no use. NULL is fine. */
void zip_stream_destroy(struct zip_stream *zip);

/* Files into the archive; borrows it. */
struct file_sink zip_stream_sink(struct zip_stream *zip);

#endif
