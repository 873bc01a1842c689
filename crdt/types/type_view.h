#ifndef CRDT_TYPES_TYPE_VIEW_H
#define CRDT_TYPES_TYPE_VIEW_H

/* What reading and editing shared types have in common: from the public handle to the branch behind it, and from an
 * item to the run that it shows. Private to types/. */
#include "crdt/core/doc.h"

/* The branch of a handle; 0 for {0} and for a handle whose type is gone. */
uint32_t type_branch(const struct crdt_doc *doc, struct crdt_type type);
/* Its list of items; 0 when there is none. */
uint32_t type_list(const struct crdt_doc *doc, struct crdt_type type);
/* The item as a run. Spans point into the pool. */
void item_run(const struct crdt_doc *doc, const struct item *item, struct crdt_run *out);
/* The current value of a key's list, of which only the last item counts; false when it is deleted. */
bool key_run(const struct crdt_doc *doc, uint32_t seq, struct crdt_run *out);
/* The first of some encoded values; *values moves behind it. Empty at the end. */
struct span value_take(struct span *values);

#endif
