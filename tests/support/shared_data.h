#ifndef TESTS_SUPPORT_SHARED_DATA_H
#define TESTS_SUPPORT_SHARED_DATA_H

/* Data that is too large for the repository and stands beside it: editing histories and reference states
 * (`traces`), documents of real editors (`fixtures`).
 *
 * They are looked for in $CAHIER_TRACES and $CAHIER_FIXTURES, else in ../shared/traces and
 * ../shared/fixtures next to the source tree. A test without them says what it misses and exits with 77:
 * skipped. */
#include "crdt/base/buf.h"

#define SHARED_DATA_SKIP 77 /* the exit code that Meson shows as SKIP */

/* Appends the file `name` of the folder ("traces", "fixtures"), unpacked when it is gzip. When there is no such
 * file the program says so and exits with SHARED_DATA_SKIP; any other trouble ends it with 1. */
void shared_data_read(const char *folder, const char *name, struct buf *out);

/* A list of updates as the traces hold them: u32 count, then per update u32 length and bytes, little-endian.
 * Moves *cursor behind the count; false when the bytes are not such a list. */
bool shared_data_count(struct span *cursor, uint32_t *count);
/* The next update, borrowed; false at the end or when it is cut off. */
bool shared_data_next(struct span *cursor, struct span *update);

#endif
