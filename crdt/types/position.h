#ifndef CRDT_TYPES_POSITION_H
#define CRDT_TYPES_POSITION_H

/* Relative positions (yjs: RelativePosition.js): places in a list that stay where they are meant while others edit.
 *
 * A position hangs on the id of the unit behind it (assoc >= 0) or before it (assoc < 0), or, where there is none, on
 * the end (assoc >= 0) or the head (assoc < 0) of its type. As bytes:
 *
 *   0, varuint client, varuint clock   a unit                    each followed by varint assoc, which may be
 *   1, varstring name                  the end of a root type    missing when read: then it is 0
 *   2, varuint client, varuint clock   the end of the type that this item contains
 *
 * A known difference from yjs: a root that no update and nobody has named is not found, where yjs makes it. */
#include <stdint.h>
#include "crdt/crdt.h"

enum position_anchor { POSITION_UNIT = 0, POSITION_ROOT = 1, POSITION_TYPE = 2 };

struct position {
    enum position_anchor anchor;
    uint64_t client, clock; /* of the unit, or of the item that contains the type */
    struct span name;       /* of a root: borrowed from the document or from the bytes read */
    int64_t assoc;
};

/* The position before unit `index` of a type (createRelativePositionFromTypeIndex); beyond the end it is the end.
 * RC_NOTFOUND: there is no such type. RC_NOMEM, RC_LIMIT: the first search by position builds the sums of a list. */
int position_make(struct crdt_doc *doc, struct crdt_type type, uint64_t index, int64_t assoc,
                  struct position *out) MUST_CHECK;
/* Where it is now (createAbsolutePositionFromRelativePosition). RC_NOTFOUND: what it hangs on has not come, or has been
 * collected. A position in a type that is deleted but not collected has index 0. */
int position_resolve(struct crdt_doc *doc, const struct position *p, struct crdt_type *type,
                     uint64_t *index) MUST_CHECK;

void position_write(const struct position *p, struct buf *out);
/* RC_FORMAT, RC_RANGE. Bytes behind the position are passed by. */
int position_read(struct span bytes, struct position *out) MUST_CHECK;

#endif
