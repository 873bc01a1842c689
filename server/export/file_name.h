#ifndef SERVER_EXPORT_FILE_NAME_H
#define SERVER_EXPORT_FILE_NAME_H

/* Titles of notes as names of files: letters of every script are kept, and what a file system, a shell, an archive
 * program or a reader's eye may mistake is not.
 *
 * A set of names given out keeps them apart, also where "Lac" and "lac", or é in one and in two code points, are the
 * same file (Windows, macOS): "Lac", "lac (2)". It holds 16 bytes a name. */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define FILE_NAME_MAX 160 /* bytes of a name, without number and ending: file systems take 255 */

/* Appends a name without an ending, of 1 to FILE_NAME_MAX bytes; `fallback` when nothing of the title can be kept.
 *  - controls, invisible and direction-changing characters, line separators, and \ / : * ? " < > | become spaces; runs
 *    of spaces become one; joiners within emoji and words stay
 *  - no dots, spaces or hyphens at the beginning, no dots or spaces at the end
 *  - names of Windows' devices (con, nul, com1, …) get a "_"
 * `title` that is not UTF-8 gives the fallback. */
void file_name_put(struct buf *out, struct span title, const char *fallback);

struct file_name_slot {
    uint64_t hash; /* of the folded name; 0: free */
    uint64_t next; /* number to try next */
};
/* Zeroed is empty. */
struct file_names {
    struct file_name_slot *slot; /* private */
    size_t count, cap;
};

/* Makes the name in `name` one that was not given out before, by a number behind it, and remembers it. RC_NOMEM: the
 * name is unchanged. (Two names of one 64-bit hash count as the same: that costs a number.) */
int file_names_claim(struct file_names *names, struct buf *name) MUST_CHECK;
void file_names_finish(struct file_names *names);

#endif
