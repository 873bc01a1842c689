#ifndef RENDER_SLUGS_H
#define RENDER_SLUGS_H

/* Anchors of headings: letters and digits of any script in lower case, hyphens between, each one used once.
 * "Éléments & co" -> "éléments-co", a second one -> "éléments-co-1". */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"

struct slug_slot;

struct slugs {
    struct slug_slot *slots; /* open addressing over offsets into `names` */
    size_t count, room;
    struct buf names;
};

/* Zeroed storage is an empty set. */
void slugs_finish(struct slugs *s);
/* Appends the anchor for a heading's text. RC_NOMEM. */
int slugs_put(struct slugs *s, struct span text, struct buf *out) MUST_CHECK;

#endif
